"""Which constant rate keeps the predicted systolic rise under a limit, up to the highest dose of the course's own protocol."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.people.permissions import CLINICAL, needs
from openketamine.clinic.pharmacology import learning
from openketamine.clinic.pharmacology.planning import rate_for, standing
from openketamine.clinic.plan import actions, regimens
from openketamine.clinic.plan.forms import RateForm
from openketamine.core.pharmacology.body_weight import body_weights
from openketamine.core.pharmacology.substance import Sex
from openketamine.evidence.interactions import ideal_weight
from openketamine.evidence.regimen import Regimen


@needs(CLINICAL)
@require_GET
def rate(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the rates that keep the rise under a limit; without a course there is no protocol, and the page says so."""
    patient = get_object_or_404(Patient, reference=reference)
    on, course = Clinic.objects.filter(individual_prediction=True).exists(), actions.current_course(patient)
    rules = regimens.rules_of(course) if course else None
    form = RateForm(request.GET or None, longest_min=regimens.longest_min(course))
    context: dict[str, Any] = {
        "patient": patient,
        "on": on,
        "rules": rules,
        "course": course,
        "form": form,
        "shown": False,
        "answer": None,
    }
    if on and rules is not None and form.is_valid():
        context |= _answered(patient, rules, form)
    return render(request, "plan/rate.html", context, status=422 if form.errors else 200)


def _answered(patient: Patient, rules: Regimen, form: RateForm) -> dict[str, Any]:
    asked, last = form.asked(), learning.last_learned(patient)
    prior, height = learning.prior_of(last), form.cleaned_data["height_cm"]
    sex = Sex(patient.sex) if patient.sex in set(Sex) else None
    return {
        "shown": True, "last": last, "weight_kg": asked.weight_kg, "answer": rate_for(rules, prior, patient.pk, asked),
        "weights": body_weights(ideal_weight(), asked.weight_kg, None if height is None else float(height), sex),
        "standing": standing(rules, prior, patient.pk, asked.weight_kg) if prior else None,
    }  # fmt: skip
