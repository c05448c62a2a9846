"""Taking the bundle of a frozen session: it holds device messages, which no room of the clinic knows."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from openketamine.clinic.infusion.models import Incident
from openketamine.clinic.people.permissions import INCIDENTS, needs, staff
from openketamine.site import incident


@needs(INCIDENTS)
@require_POST
def bundle(request: HttpRequest, reference: str) -> HttpResponse:
    """Return the signed bundle; a session that is not frozen has none."""
    frozen = get_object_or_404(Incident, infusion__reference=reference)
    response = HttpResponse(incident.taken(frozen, staff(request).username), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="incident-{reference}.zip"'
    return response
