"""Checkpoints and letters of one course."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.followup import checkpoints, letters
from openketamine.clinic.followup.forms import DecisionForm, JustifyForm, LetterForm, SentForm
from openketamine.clinic.followup.models import Letter, LetterKind, Way
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan.models import Course
from openketamine.clinic.ui import clock


@needs(CLINICAL)
@require_GET
def panel(request: HttpRequest, reference: str) -> HttpResponse:
    """Show where the course stands at its checkpoints; also a panel of the plan page."""
    return _panel(request, get_object_or_404(Patient, reference=reference))


def _panel(request: HttpRequest, patient: Patient, *, status: int = 200, error: str = "") -> HttpResponse:
    course = plan.current_course(patient)
    context = {
        "patient": patient, "course": course, "picture": checkpoints.picture(course, at=clock.now()) if course else None,
        "decision_form": DecisionForm(), "justify_form": JustifyForm(), "error": error,
        "due": letters.due(course) if course else [], "letters": Letter.objects.filter(patient=patient).prefetch_related("sent"), "ways": Way.choices,
    }  # fmt: skip
    return render(request, "followup/checkpoints.html", context, status=status)


@needs(PRESCRIBERS)
@require_POST
def decide(request: HttpRequest, reference: str, checkpoint: str) -> HttpResponse:
    """Record a decision at a checkpoint."""
    patient = get_object_or_404(Patient, reference=reference)
    course, form = _course(patient), DecisionForm(request.POST)
    known = {one.looked.checkpoint.id for one in checkpoints.picture(course, at=clock.now()).seen}
    if not form.is_valid() or checkpoint not in known:
        return _panel(
            request, patient, status=422, error=_("Decision and reason: both are needed. Nothing was recorded.")
        )
    checkpoints.decide(
        course=course, checkpoint=checkpoint, by=staff(request).username, at=clock.now(), **form.cleaned_data
    )
    messages.success(request, _("Decision recorded."))
    return redirect("followup:checkpoints", reference=reference)


@needs(PRESCRIBERS)
@require_POST
def justify(request: HttpRequest, reference: str) -> HttpResponse:
    """Record why infusions go on."""
    patient = get_object_or_404(Patient, reference=reference)
    form = JustifyForm(request.POST)
    if not form.is_valid():
        return _panel(request, patient, status=422, error=_("Why infusions go on: is empty. Nothing was recorded."))
    checkpoints.justify(
        course=_course(patient), reason=form.cleaned_data["reason"], by=staff(request).username, at=clock.now()
    )
    return redirect("followup:checkpoints", reference=reference)


@needs(PRESCRIBERS)
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """Preview what a letter will say, and sign it."""
    patient = get_object_or_404(Patient, reference=reference)
    course, who, at = _course(patient), staff(request), clock.now()
    due = letters.due(course)
    form = LetterForm(request.POST if request.method == "POST" else None, initial={"kind": due[0] if due else None})
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        letters.sign(
            course=course, kind=LetterKind(fields["kind"]), to=fields["to"], words=fields["words"], signed_name=str(who),
            by=who.username, at=at,
        )  # fmt: skip
        messages.success(request, _("Letter signed."))
        return redirect("followup:checkpoints", reference=reference)
    context = {"patient": patient, "form": form, "record": letters.record(course, at=at)}
    return render(request, "followup/letter.html", context, status=422 if form.errors else 200)


@needs(CLINICAL)
@require_POST
def letter_sent(request: HttpRequest, number: int) -> HttpResponse:
    """Note how and when a signed letter left the clinic, or that it was printed."""
    found, form = get_object_or_404(Letter, pk=number), SentForm(request.POST)
    today = timezone.localdate(clock.now())
    if not form.is_valid():
        return _panel(request, found.patient, status=422, error=_("Not recorded: %(why)s") % {"why": form.said()})
    fields = form.cleaned_data
    if fields["on"] > today:
        said = _("Not recorded: the day %(day)s lies ahead of today") % {"day": fields["on"].isoformat()}
        return _panel(request, found.patient, status=422, error=said)
    letters.mark_sent(
        letter=found, how=Way(fields["how"]), on=fields["on"], note=fields["note"], by=staff(request).username, at=clock.now()
    )  # fmt: skip
    return redirect("followup:checkpoints", reference=found.patient.reference)


@needs(CLINICAL)
@require_GET
def letter_pdf(request: HttpRequest, number: int) -> HttpResponse:
    """Return a signed letter."""
    response = HttpResponse(letters.pdf(get_object_or_404(Letter, pk=number)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="letter-{number}.pdf"'
    return response


def _course(patient: Patient) -> Course:
    return get_object_or_404(Course, pk=getattr(plan.current_course(patient), "pk", 0))
