"""Long-term safety: screens and cumulative exposure."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.instruments.forms import QuestionnaireForm
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.safety import actions
from openketamine.clinic.safety.forms import FindingForm
from openketamine.clinic.ui import clock
from openketamine.evidence.questionnaires import questionnaire


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def screens(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the urinary screens; take a new one. Every question needs an answer: a screen half asked is none."""
    patient = get_object_or_404(Patient, reference=reference)
    asks = questionnaire(actions.URINARY)
    form = QuestionnaireForm(request.POST if request.method == "POST" else None, asks=asks)
    if request.method == "POST" and form.is_valid():
        missing = [item for item in asks.items if item.id not in form.answers()]
        for item in missing:
            form.add_error(f"q_{item.id}", _("is not answered yet"))
        if not missing:
            _row, finding = actions.screen(
                patient=patient, answers=form.answers(), by=staff(request).username, at=clock.now()
            )
            if finding:
                messages.error(
                    request, _("A finding is open: it holds the next infusion until a clinician resolves it.")
                )
            return redirect("safety:screens", reference=reference)
    rows = Answers.objects.filter(patient=patient, instrument=actions.URINARY).order_by("-at")
    infusions, mg = actions.exposure(patient)
    context = {
        "patient": patient, "asks": asks, "form": form, "rows": rows, "finding_form": FindingForm(), "infusions": infusions, "mg": mg,
        "findings": people.open_findings(patient),
    }  # fmt: skip
    return render(request, "safety/screens.html", context, status=422 if form.errors else 200)


@needs(CLINICAL)
@require_POST
def hold(request: HttpRequest, reference: str) -> HttpResponse:
    """Record a finding that holds the next infusion."""
    patient = get_object_or_404(Patient, reference=reference)
    form = FindingForm(request.POST)
    if form.is_valid():
        actions.hold(patient=patient, by=staff(request).username, at=clock.now(), **form.cleaned_data)
        messages.error(request, _("A finding is open: it holds the next infusion until a clinician resolves it."))
    else:
        messages.error(request, _("About, and what was found: both are needed. Nothing was recorded."))
    return redirect("safety:screens", reference=reference)
