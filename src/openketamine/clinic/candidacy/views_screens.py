"""Suicide screens of one person: asked, shown with what changed, closed by a clinician."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.candidacy import screens as actions
from openketamine.clinic.candidacy.models import Screen
from openketamine.clinic.instruments.actions import in_words
from openketamine.clinic.instruments.forms import QuestionnaireForm
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.ui import clock


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def screens(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask a screen: the ASQ in its words, or the answers of a licensed C-SSRS form."""
    patient = get_object_or_404(Patient, reference=reference)
    name = request.POST.get("instrument") or request.GET.get("instrument", actions.INSTRUMENTS[0])
    asks = in_words(name if name in actions.INSTRUMENTS else actions.INSTRUMENTS[0])
    form = QuestionnaireForm(request.POST if request.method == "POST" else None, asks=asks)
    if request.method == "POST" and form.is_valid():
        given = form.answers()
        if given:
            actions.record(
                patient=patient, instrument=asks.id, answers=given, by=staff(request).username, at=clock.now()
            )
            return redirect("candidacy:screens", reference=reference)
        form.add_error(None, _("No answer was given; nothing was recorded."))
    every = Screen.objects.filter(patient=patient).select_related("answers")
    rows = [{"screen": one, "closed": actions.answer_to(one)} for one in every]
    context = {
        "patient": patient,
        "asks": asks,
        "form": form,
        "rows": rows,
        "instruments": [in_words(one) for one in actions.INSTRUMENTS],
    }
    return render(request, "candidacy/screens.html", context, status=422 if form.errors else 200)


@needs(PRESCRIBERS)
@require_POST
def close(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Sign a review, or document the assessment of the same day."""
    screen = get_object_or_404(Screen, pk=number, patient__reference=reference)
    by, at, typed = staff(request).username, clock.now(), request.POST
    try:
        if typed.get("act") == "review":
            actions.review(screen=screen, by=by, at=at)
        else:
            may = {"yes": True, "no": False}.get(typed.get("may_start", ""))
            actions.assess(screen=screen, assessment=typed.get("assessment", ""), may_start=may, by=by, at=at)
    except actions.ScreenError as error:
        messages.error(request, str(error))
    return redirect("candidacy:screens", reference=reference)
