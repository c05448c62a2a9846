"""What only a demo has: beginning its two minutes again."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from openketamine.clinic.people.models import Clinic
from openketamine.clinic.people.permissions import READERS, needs
from openketamine.site import demo_show


@needs(READERS)
@require_POST
def restart(request: HttpRequest) -> HttpResponse:
    """End the four sessions and begin the two minutes again; a real clinic refuses."""
    if not Clinic.objects.filter(is_demo=True).exists():
        raise PermissionDenied
    demo_show.begin(why="demo restarted")
    return redirect("chart:board")
