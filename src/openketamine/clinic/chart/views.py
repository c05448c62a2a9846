"""Read-only overviews: the board, the list of patients, one patient."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import READERS, needs


@needs(READERS)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show which phase each chair is in and what is due next."""
    return render(request, "chart/board.html", {})


@needs(READERS)
@require_GET
def patients(request: HttpRequest) -> HttpResponse:
    """Everybody in care."""
    return render(request, "chart/patients.html", {"patients": Patient.objects.all()})


@needs(READERS)
@require_GET
def patient(request: HttpRequest, reference: str) -> HttpResponse:
    """One patient: who, what for, and what is open."""
    person = get_object_or_404(Patient, reference=reference)
    return render(request, "chart/patient.html", {"patient": person, "findings": people.open_findings(person)})
