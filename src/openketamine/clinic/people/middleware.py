"""What every answer carries: a page about people stays in no cache."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin


class NeverKept(MiddlewareMixin):
    """Ask browsers and proxies to keep no page: the next person at this tablet must not find it by going back."""

    def process_response(self, _request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say `Cache-Control: no-store` unless the view has said something else."""
        response.headers.setdefault("Cache-Control", "no-store")
        return response
