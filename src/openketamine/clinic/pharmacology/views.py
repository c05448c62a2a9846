"""What the model has learned of a person, what rate keeps a rise under a limit, and what all of it rests on."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.people.permissions import CLINICAL, READERS, needs
from openketamine.clinic.pharmacology import learning
from openketamine.clinic.pharmacology.forms import RateForm
from openketamine.clinic.pharmacology.models import LearnedEnsemble
from openketamine.clinic.pharmacology.planning import rate_for, standing
from openketamine.clinic.pharmacology.studied import ranges
from openketamine.core.pharmacology.body_weight import body_weights
from openketamine.core.pharmacology.interaction import by_route
from openketamine.core.pharmacology.substance import Route, Sex
from openketamine.evidence import load
from openketamine.evidence.basis import basis
from openketamine.evidence.interactions import ideal_weight, interactions


@needs(CLINICAL)
@require_GET
def person(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what was learned of a person; with a weight, a duration and a limit, the rates that keep the rise under it."""
    patient = get_object_or_404(Patient, reference=reference)
    on = Clinic.objects.filter(individual_prediction=True).exists()
    form = RateForm(request.GET or None)
    row = learning.last_learned(patient)
    context: dict[str, Any] = {
        "patient": patient, "on": on, "form": form, "last": row,
        "mixed_up": people.mixed_up_sessions(patient), "rows": LearnedEnsemble.objects.filter(patient=patient).order_by("-pk"), "sha256": learning.evidence_sha256(),
        "answer": None, "standing": None, "weights": None,
    }  # fmt: skip
    if on and form.is_valid():
        asked = form.cleaned_data
        prior = learning.prior_of(row)
        context["answer"] = rate_for(prior, patient.pk, asked["weight_kg"], asked["duration_min"], asked["limit_mmhg"])
        context["weights"] = body_weights(
            ideal_weight(),
            asked["weight_kg"],
            asked["height_cm"],
            Sex(patient.sex) if patient.sex in set(Sex) else None,
        )
        context["standing"] = standing(prior, patient.pk, asked["weight_kg"]) if prior else None
    return render(request, "pharmacology/person.html", context, status=422 if form.errors else 200)


@needs(READERS)
@require_GET
def interacting(request: HttpRequest) -> HttpResponse:
    """Show what changes exposure and what changes effect, by route, each with its source."""
    known = load.sources()
    asked = request.GET.get("route", Route.IV.value)
    route = Route(asked) if asked in {one.value for one in Route} else Route.IV
    rows = [(one, [(cite, known[cite.source]) for cite in one.citations]) for one in by_route(interactions(), route)]
    return render(request, "pharmacology/interactions.html", {"rows": rows, "routes": list(Route), "route": route})


@needs(READERS)
@require_GET
def rests_on(request: HttpRequest) -> HttpResponse:
    """Show every number behind a prediction, with its source, its place there and its mark."""
    files = [basis(kind, name) for kind, name in learning.evidence_used()]
    return render(
        request, "pharmacology/basis.html", {"files": files, "ranges": ranges(), "sha256": learning.evidence_sha256()}
    )
