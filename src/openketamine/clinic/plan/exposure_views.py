"""Planned exposure: two regimens side by side for one person, as a model estimate. Off with the clinic's switch."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from openketamine.clinic.candidacy.models import Listed, ListRow
from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.people.permissions import CLINICAL, needs
from openketamine.clinic.pharmacology import learning
from openketamine.clinic.plan import actions, regimens
from openketamine.clinic.plan import exposure as exposures
from openketamine.clinic.plan.forms import ExposureForm
from openketamine.clinic.ui import clock
from openketamine.evidence import person
from openketamine.evidence.medicines import interactions_of


@needs(CLINICAL)
@require_GET
def exposure(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what the model expects for this person under one or two regimens; nothing is written."""
    patient = get_object_or_404(Patient, reference=reference)
    on = Clinic.objects.filter(individual_prediction=True).exists()
    longest = regimens.longest_min(actions.current_course(patient))
    form = ExposureForm(request.GET or None, initial=_initial(patient), longest_min=longest)
    pictures: list[dict[str, Any]] = []
    learned = learning.last_learned(patient)
    if on and form.is_valid():
        pictures = exposures.picture(float(form.cleaned_data["weight_kg"]), form.asked(), learning.prior_of(learned))
    age = (timezone.localdate(clock.now()) - patient.born_on).days // 365
    line, about_age = person.older()
    context = {
        "patient": patient, "on": on, "form": form, "pictures": pictures, "age": age, "older": age > line, "about_age": about_age,
        "medicines": medicines(patient), "learned": learned, "weight": _weight(patient),
    }  # fmt: skip
    return render(request, "plan/exposure.html", context, status=422 if form.errors else 200)


def medicines(patient: Patient) -> list[dict[str, Any]]:
    """Return the medicines on record that have not ended, each with the cited sentences on what it does with ketamine."""
    rows = ListRow.objects.filter(patient=patient, kind=Listed.MEDICINE, ended_on=None, none_known=False)
    named = dict.fromkeys(f"{row.name} {row.detail}".strip() for row in rows)
    return [{"name": name, "known": interactions_of(name)} for name in named]


def _weight(patient: Patient) -> Any:
    """Return what the protocol of the course says about weight, with its source; None without a course."""
    course = actions.current_course(patient)
    return regimens.rules_of(course).weight_choice if course else None


def _initial(patient: Patient) -> dict[str, Any]:
    """Return what is ordered, or planned, as the first regimen; a weight only from a signed order."""
    planned = actions.next_planned(patient)
    if planned is None:
        return {}
    order = actions.order_in_force(planned)
    if order is not None:
        return {
            "weight_kg": order.weight_kg,
            "first_mg_per_kg": order.mg_per_actual_kg,
            "first_min": order.duration_min,
        }
    return {"first_mg_per_kg": planned.course.dose_mg_per_kg, "first_min": planned.course.duration_min}
