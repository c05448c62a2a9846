"""The course page, and answering a questionnaire with the patient."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openketamine.clinic.followup import actions, checkpoints, course
from openketamine.clinic.followup.models import CallForHelp, CheckIn
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.instruments.forms import QuestionnaireForm
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.ui import clock
from openketamine.evidence.questionnaires import questionnaire


@needs(CLINICAL)
@require_GET
def course_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the weeks on one axis."""
    patient = get_object_or_404(Patient, reference=reference)
    picture = course.picture(patient, at=clock.now())
    outcomes = {point.answers.pk: point.outcome for point in picture["points"]}
    rows = [
        {"row": row, "outcome": outcomes.get(row.pk, ""), "title": questionnaire(row.instrument).title}
        for row in Answers.objects.filter(patient=patient).order_by("-at", "-pk")
    ]
    check_ins = CheckIn.objects.filter(infusion__patient=patient).select_related("answered")
    shown = [{"due_at": one.due_at, "token": one.token, "answered": hasattr(one, "answered")} for one in check_ins]
    context = {
        "patient": patient, "picture": picture, "scores": rows, "check_ins": shown, "questionnaires": course.questionnaires(patient),
        "base": request.build_absolute_uri("/").rstrip("/"),
    }  # fmt: skip
    return render(request, "followup/course.html", context)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, reference: str, instrument: str) -> HttpResponse:
    """Answer a questionnaire with the patient in the room; what is left out stays missing."""
    patient = get_object_or_404(Patient, reference=reference)
    asks = instruments.in_words(instrument)
    form = QuestionnaireForm(request.POST if request.method == "POST" else None, asks=asks)
    if request.method == "POST" and form.is_valid() and not asks.during_infusion and actions.under_way(patient):
        form.add_error(
            None,
            _("An infusion is under way: this is asked before the start or after going home. Nothing was recorded."),
        )
    if request.method == "POST" and form.is_valid():
        at = clock.now()
        row, flags = instruments.answer(
            patient=patient, instrument=instrument, answers=form.answers(), by=staff(request).username, at=at
        )
        actions.tasks_of_flags(patient, row, flags, at)
        checkpoints.notice(patient, at=at)
        missing = (
            ""
            if row.score is not None or not any(item.scored for item in asks.items)
            else _(" No score: answers are missing.")
        )
        messages.success(request, _("Answers recorded.") + missing)
        return redirect("followup:course", reference=reference)
    return render(
        request,
        "followup/answer.html",
        {"patient": patient, "asks": asks, "form": form},
        status=422 if form.errors else 200,
    )


@needs(CLINICAL)
@require_GET
def phone(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the link for the phone of the person on the chair, and whether they called."""
    infusion = get_object_or_404(Infusion, reference=reference)
    link = actions.chair_link(infusion=infusion, wall=clock.wall())
    calls = CallForHelp.objects.filter(infusion=infusion).order_by("-pk")
    context = {"infusion": infusion, "calls": calls, "link": request.build_absolute_uri(f"/p/chair/{link.token}/")}
    return render(request, "followup/phone.html", context)
