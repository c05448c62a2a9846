"""The chair: one infusion from the check before the start to the way home."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.infusion import actions, panels, queries, series
from openketamine.clinic.infusion.forms import CheckForm, OpenForm, RecordForm
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.ui import clock
from openketamine.core.infusion.events import Kind

GATE_ANSWERS = ("yes", "no", "not known")


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def open_session(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose a chair and open a session for the signed order; GET is also the panel on the plan page."""
    patient = get_object_or_404(Patient, reference=reference)
    planned = plan.next_planned(patient)
    order = plan.order_in_force(planned) if planned else None
    form = OpenForm(request.POST if request.method == "POST" else None)
    already = Infusion.objects.filter(patient=patient, closed_at=None).first()
    if request.method == "POST" and order and form.is_valid():
        try:
            chair, by = form.cleaned_data["chair"], staff(request).username
            infusion = actions.open_session(patient=patient, order=order, chair=chair, by=by, at=clock.now())
            return redirect("infusion:chair", reference=infusion.reference)
        except actions.NotNowError as error:
            form.add_error("chair", str(error))
    context = {"patient": patient, "order": order, "form": form, "already": already}
    return render(request, "infusion/open.html", context, status=422 if form.errors else 200)


@needs(CLINICAL)
@require_GET
def chair(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the chair page."""
    return _page(request, get_object_or_404(Infusion, reference=reference))


@needs(CLINICAL)
@require_GET
def live(request: HttpRequest, reference: str) -> HttpResponse:
    """Return the part of the page that changes by itself: alarms, headline tiles, checks due, events."""
    infusion = get_object_or_404(Infusion, reference=reference)
    return render(request, "infusion/_live.html", panels.live(infusion, at=clock.now()))


@needs(CLINICAL)
@require_GET
def chart(request: HttpRequest, reference: str) -> JsonResponse:
    """Return what the chart draws; `rate` asks what another rate from now on would do, and writes nothing."""
    infusion = get_object_or_404(Infusion, reference=reference)
    return JsonResponse(series.series(infusion, at=clock.now(), what_if_ml_per_h=_rate(request.GET.get("rate", ""))))


def _rate(text: str) -> float | None:
    try:
        return min(max(float(text), 0.0), RATE_ASKED_AT_MOST)
    except ValueError:
        return None


RATE_ASKED_AT_MOST = 2000.0


@needs(CLINICAL)
@require_POST
def gate(request: HttpRequest, reference: str) -> HttpResponse:
    """Record the answers of the check before the start; a note on an answer other than yes is a prescriber's."""
    infusion = get_object_or_404(Infusion, reference=reference)
    who = staff(request)
    for item in queries.gate(infusion):
        answer, note = request.POST.get(item.id, ""), request.POST.get(f"note_{item.id}", "").strip()
        note = note if who.role == Role.PRESCRIBER else item.note if answer == item.answer else ""
        if answer in GATE_ANSWERS and (answer, note) != (item.answer, item.note):
            actions.answer_gate(
                infusion=infusion, item=item.id, answer=answer, note=note, by=who.username, at=clock.now()
            )
    return redirect("infusion:chair", reference=reference)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Take one typed check sheet; its values are held against the limits in the same breath."""
    infusion = get_object_or_404(Infusion, reference=reference)
    form = CheckForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and infusion.closed_at is None and form.is_valid():
        now = clock.now()
        monitoring.chart_typed(
            watch=infusion.watch, values=form.values(), reasons=form.reasons(), words=form.words(),
            by=staff(request).username, observed_at=now, at=now,
        )  # fmt: skip
        alarms.evaluate(infusion.watch_id, at=now)
        return redirect("infusion:chair", reference=reference)
    context = {"infusion": infusion, "form": form, "rows": panels.check_rows(form)}
    return render(request, "infusion/check.html", context, status=422 if form.errors else 200)


@needs(CLINICAL)
@require_POST
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """Record one step: what the pump was set to, a drug given, something observed."""
    infusion = get_object_or_404(Infusion, reference=reference)
    form = RecordForm(request.POST)
    allowed = {
        kind.value
        for kind in (
            Kind.STARTED,
            Kind.RATE_SET,
            Kind.PAUSED,
            Kind.RESUMED,
            Kind.STOPPED,
            Kind.DRUG_GIVEN,
            Kind.OBSERVATION,
            Kind.CANCELLED,
        )
    }
    if not form.is_valid() or form.cleaned_data["kind"] not in allowed:
        return _page(request, infusion, record_form=form, status=422)
    fields, now = dict(form.cleaned_data), clock.now()
    kind = Kind(fields.pop("kind"))
    try:
        row = actions.record(infusion=infusion, kind=kind, by=staff(request).username, at=now, now=now, **fields)
    except actions.NotNowError as error:
        return _page(request, infusion, record_form=form, error=str(error), status=409)
    messages.success(request, _("Recorded as event %(number)s.") % {"number": row.number})
    return redirect("infusion:chair", reference=reference)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Correct a recorded step: the old row stays, struck through, and the balance and prediction follow the new one."""
    event = get_object_or_404(InfusionEvent, infusion__reference=reference, number=number)
    form = RecordForm(request.POST if request.method == "POST" else None, initial={"kind": event.kind})
    error = ""
    if request.method == "POST" and form.is_valid():
        changed = {
            name: form.cleaned_data[name]
            for name in ("rate_ml_per_h", "delivered_ml")
            if form.cleaned_data[name] is not None
        }
        reason = form.cleaned_data["says"]
        if not reason:
            error = _("Words: are empty. Say what was wrong.")
        else:
            try:
                actions.correct(event=event, by=staff(request).username, now=clock.now(), reason=reason, **changed)
                return redirect("infusion:chair", reference=reference)
            except actions.NotNowError as wrong:
                error = str(wrong)
    context = {"event": event, "infusion": event.infusion, "form": form, "error": error}
    return render(request, "infusion/correct.html", context, status=422 if error or form.errors else 200)


def _page(request: HttpRequest, infusion: Infusion, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {**panels.chair(infusion, at=clock.now()), **more}
    return render(request, "infusion/chair.html", context, status=status)
