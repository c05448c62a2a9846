"""Recording at the chair: a check sheet, a step, an observation; the handover page."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.audit.models import LATE
from openketamine.clinic.infusion import actions, overdue, panels, queries, twice
from openketamine.clinic.infusion.arriving import Tap, keepable, moment
from openketamine.clinic.infusion.consequences import baseline_anew
from openketamine.clinic.infusion.forms import CheckForm, RecordForm
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.scales import OBSERVED, used
from openketamine.clinic.infusion.views import page
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import AlarmEvent
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.tasks import actions as tasks
from openketamine.clinic.tasks.models import Task
from openketamine.clinic.ui import clock
from openketamine.core.infusion.events import ARRANGES, Kind

TYPED = frozenset(Kind) - {Kind.CHECKED, Kind.READY, Kind.UNDONE, Kind.DISCHARGED, Kind.SIGNED, Kind.SIGNALS} - ARRANGES


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the check sheet, or take one that was typed."""
    if request.method == "POST":
        return _check(request, reference)
    infusion = get_object_or_404(Infusion, reference=reference)
    return _sheet(request, infusion, CheckForm(sedation=queries.sedation_scale(infusion)))


@keepable
def _check(request: HttpRequest, infusion: Infusion, tap: Tap) -> HttpResponse | None:
    """Take one typed check sheet; its values are held against the limits in the same breath."""
    form = CheckForm(request.POST, sedation=queries.sedation_scale(infusion))
    if not form.is_valid():
        return _sheet(request, infusion, form)
    try:
        at = form.when(tap.at)
        actions.refuse_before_opening(infusion, at)
    except actions.NotNowError as error:
        form.add_error("happened", str(error))
        return _sheet(request, infusion, form)
    _chart(infusion, replace(tap, at=at), values=form.values(), reasons=form.reasons(), words=form.words())
    return None


def _sheet(request: HttpRequest, infusion: Infusion, form: CheckForm) -> HttpResponse:
    sheet = panels.check_sheet(infusion, form, at=clock.now())
    context = {"infusion": infusion, "form": form, "key": uuid4().hex, **sheet}
    return render(request, "infusion/check.html", context, status=422 if form.errors else 200)


def _chart(infusion: Infusion, tap: Tap, **typed: Any) -> None:
    actions.refuse_outside(infusion, tap.at)
    overdue.tell([infusion.pk], at=tap.now)
    monitoring.chart_typed(watch=infusion.watch, **typed, by=tap.by, observed_at=tap.at, at=tap.now)
    baseline_anew(infusion, tap.now, measured_at=tap.at)
    if infusion.closed_at is None:
        alarms.tick_all(at=tap.now, only={infusion.watch_id})
        overdue.tell([infusion.pk], at=tap.now)


@needs(CLINICAL)
@require_POST
@keepable
def record(request: HttpRequest, infusion: Infusion, tap: Tap) -> HttpResponse | None:
    """Record one step: what the pump was set to, a drug given, something observed, an ending."""
    form = RecordForm(request.POST, order=infusion.order)
    if not form.is_valid() or form.cleaned_data["kind"] not in TYPED:
        return page(request, infusion, record_form=form, status=422)
    _recorded(request, infusion, form, tap)
    return None


def _recorded(request: HttpRequest, infusion: Infusion, form: RecordForm, tap: Tap) -> None:
    """Record the step and say so; a late entry says what it changed, a start what stood against it, and what another recorded too."""
    fields = {name: value for name, value in form.cleaned_data.items() if name not in {"kind", "happened"}}
    kind, at = Kind(form.cleaned_data["kind"]), form.when(tap.at)
    before = queries.course_of(infusion).delivered_ml(tap.now)
    try:
        row = actions.record(infusion=infusion, kind=kind, by=tap.by, at=at, now=tap.now, kept=tap.kept, **fields)
    except actions.NotNowError:
        other = twice.same_step(infusion, kind, at, fields, tap.by) if tap.kept else None
        if other is None:
            raise
        messages.error(request, twice.stands_beside(infusion, other, at, fields, tap))
        return
    said = _("Recorded as event %(number)s.") % {"number": row.number}
    if tap.now - at >= LATE:
        clock_time, after = timezone.localtime(at), queries.course_of(infusion).delivered_ml(tap.now)
        said += " " + _("Late entry for %(at)s: pump delivered %(old).1f mL before it, %(new).1f mL with it.") % {
            "at": f"{clock_time:%H:%M}", "old": before, "new": after,
        }  # fmt: skip
    if kind is Kind.STARTED and row.says:
        messages.error(request, row.says)
    asked = twice.one_dose_or_two(infusion, row, tap) if tap.kept else ""
    if asked:
        messages.error(request, asked)
    messages.success(request, said)


@needs(CLINICAL)
@require_POST
@keepable
def observe(request: HttpRequest, infusion: Infusion, tap: Tap) -> HttpResponse | None:
    """Take one observation of a scale, chosen with two taps; it is held against the limits in the same breath."""
    signal, value = request.POST.get("signal", ""), request.POST.get("value", "")
    levels = {
        one.signal: {f"{level}" for level, _ in one.levels} for one in used(OBSERVED, queries.sedation_scale(infusion))
    }
    if value not in levels.get(signal, ()):
        why = _("%(value)s is no value of this scale: nothing was recorded") % {"value": value}
        return page(request, infusion, error=why, status=422)
    _chart(infusion, tap, values={signal: float(value)}, reasons={})
    return None


@needs(CLINICAL)
@require_POST
@keepable
def answer(request: HttpRequest, infusion: Infusion, tap: Tap, number: int) -> None:
    """Acknowledge an alarm of this session or snooze it for ten minutes; urgent alarms can only be acknowledged."""
    event = get_object_or_404(AlarmEvent, pk=number, watch=infusion.watch_id)
    if not tap.kept:
        actions.refuse_outside(infusion, tap.at)
    act = alarms.snooze if request.POST.get("act") == "snooze" else alarms.acknowledge
    shown_at = max(filter(None, [moment(request.POST.get("shown", "")), tap.heard]), default=tap.at)
    kept = alarms.Kept(tap.now, min(shown_at, tap.at)) if tap.blind else None
    try:
        act(event, by=tap.by, at=tap.at, kept=kept)
    except alarms.NotAnsweredError as error:
        raise actions.NotNowError(str(error)) from error


@needs(CLINICAL)
@require_POST
@keepable
def come(request: HttpRequest, infusion: Infusion, tap: Tap, number: int) -> None:
    """Record that somebody has come to this chair, where a call asks for it."""
    theirs = Task.objects.filter(tasks.theirs(staff(request).role), patient=infusion.patient)
    tasks.finish(get_object_or_404(theirs, pk=number), by=tap.by, at=tap.at)


@needs(CLINICAL)
@require_GET
def handover(request: HttpRequest, reference: str) -> HttpResponse:
    """One page for the ambulance: who, allergies, drugs and times, milligrams, last values, contact."""
    infusion, now = get_object_or_404(Infusion, reference=reference), clock.now()
    return render(request, "infusion/handover.html", panels.handover(infusion, at=infusion.closed_at or now))
