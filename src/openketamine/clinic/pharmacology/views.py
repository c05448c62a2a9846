"""What the model has learned of a person, and what all of it rests on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.people.permissions import CLINICAL, READERS, needs
from openketamine.clinic.pharmacology import learning
from openketamine.clinic.pharmacology.models import LearnedEnsemble
from openketamine.clinic.pharmacology.occupancy import occupancy
from openketamine.clinic.pharmacology.studied import ranges
from openketamine.core.pharmacology.interaction import by_route
from openketamine.core.pharmacology.substance import Route
from openketamine.evidence import load
from openketamine.evidence.basis import basis, marks
from openketamine.evidence.interactions import interactions


@needs(CLINICAL)
@require_GET
def person(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what was learned of a person."""
    patient = get_object_or_404(Patient, reference=reference)
    context = {
        "patient": patient, "on": Clinic.objects.filter(individual_prediction=True).exists(), "last": learning.last_learned(patient),
        "mixed_up": people.mixed_up_sessions(patient), "rows": LearnedEnsemble.objects.filter(patient=patient).order_by("-pk"), "sha256": learning.evidence_sha256(),
    }  # fmt: skip
    return render(request, "pharmacology/person.html", context)


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
    used = learning.evidence_used()
    context = {
        "files": [basis(kind, name) for kind, name in used], "marks": marks(used), "ranges": ranges(), "occupancy": occupancy(),
        "sha256": learning.evidence_sha256(),
    }  # fmt: skip
    return render(request, "pharmacology/basis.html", context)
