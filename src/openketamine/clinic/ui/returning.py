"""Where somebody goes after a form."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest) -> HttpResponse:
    """Return to the page that the form stood on, if it is one of ours."""
    where = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(where, allowed_hosts={request.get_host()})
    return redirect(where if own and where else "chart:board")
