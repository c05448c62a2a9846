"""Recording at the chair: a check sheet, a step, an observation; the handover page."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.infusion import actions, panels, queries
from openketamine.clinic.infusion.forms import CheckForm, RecordForm
from openketamine.clinic.infusion.models import LATE, Infusion
from openketamine.clinic.infusion.scales import OBSERVED, used
from openketamine.clinic.infusion.views import page
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.infusion.events import ARRANGES, Kind

UNWAITED_S = 3.0
WAITED_AT_MOST_S = 86400.0
TYPED = frozenset(Kind) - {Kind.CHECKED, Kind.READY, Kind.UNDONE, Kind.DISCHARGED, Kind.SIGNED, Kind.SIGNALS} - ARRANGES


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Take one typed check sheet; its values are held against the limits in the same breath."""
    infusion = get_object_or_404(Infusion, reference=reference)
    form = CheckForm(request.POST if request.method == "POST" else None, sedation=queries.sedation_scale(infusion))
    if request.method == "POST" and infusion.closed_at is None and form.is_valid():
        now, by = clock.now(), staff(request).username
        seen = max(now - waited(request), infusion.opened_at)
        with transaction.atomic():
            if actions.once(infusion=infusion, key=request.POST.get("key", ""), by=by, at=now):
                monitoring.chart_typed(
                    watch=infusion.watch, values=form.values(), reasons=form.reasons(), words=form.words(),
                    by=by, observed_at=seen, at=now,
                )  # fmt: skip
                alarms.evaluate(infusion.watch_id, at=now)
        return redirect("infusion:chair", reference=reference)
    sheet = panels.check_sheet(infusion, form, at=clock.now())
    context = {"infusion": infusion, "form": form, "key": uuid4().hex, **sheet}
    return render(request, "infusion/check.html", context, status=422 if form.errors else 200)


@needs(CLINICAL)
@require_POST
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """Record one step: what the pump was set to, a drug given, something observed, an ending. A form that arrives twice counts once."""
    infusion = get_object_or_404(Infusion, reference=reference)
    form, now, by = RecordForm(request.POST), clock.now(), staff(request).username
    tapped = max(now - waited(request), infusion.opened_at)
    if not form.is_valid() or form.cleaned_data["kind"] not in TYPED:
        return page(request, infusion, record_form=form, status=422)
    try:
        with transaction.atomic():
            if actions.once(infusion=infusion, key=request.POST.get("key", ""), by=by, at=now):
                messages.success(request, _recorded(infusion, form, by, now, tapped))
    except actions.NotNowError as error:
        return page(request, infusion, record_form=form, error=str(error), status=409)
    return redirect("infusion:chair", reference=reference)


def _recorded(infusion: Infusion, form: RecordForm, by: str, now: datetime, tapped: datetime) -> str:
    """Record the step and return what to say of it; a late entry says what it changed."""
    fields = {name: value for name, value in form.cleaned_data.items() if name not in {"kind", "happened"}}
    kind, at = Kind(form.cleaned_data["kind"]), form.when(tapped)
    before = queries.course_of(infusion).delivered_ml(now)
    row = actions.record(infusion=infusion, kind=kind, by=by, at=at, now=now, **fields)
    said = _("Recorded as event %(number)s.") % {"number": row.number}
    if now - at < LATE:
        return said
    changed = {"at": timezone.localtime(at), "old": before, "new": queries.course_of(infusion).delivered_ml(now)}
    return said + " " + _("Late entry for %(at)s: pump delivered %(old).1f mL before it, %(new).1f mL with it.") % {
        **changed, "at": f"{changed['at']:%H:%M}",
    }  # fmt: skip


def waited(request: HttpRequest) -> timedelta:
    """Return how long a form has waited on the tablet for the network, in clinic time."""
    try:
        seconds = float(request.POST.get("waited_s", "0"))
    except ValueError:
        return timedelta(0)
    clinic = Clinic.objects.first()
    rate = clinic.clock_rate if clinic else 1.0
    return timedelta(seconds=min(seconds, WAITED_AT_MOST_S) * rate) if seconds > UNWAITED_S else timedelta(0)


@needs(CLINICAL)
@require_POST
def observe(request: HttpRequest, reference: str) -> HttpResponse:
    """Take one observation of a scale, chosen with two taps; it is held against the limits in the same breath."""
    infusion = get_object_or_404(Infusion, reference=reference)
    signal, value = request.POST.get("signal", ""), request.POST.get("value", "")
    levels = {
        one.signal: {f"{level}" for level, _ in one.levels} for one in used(OBSERVED, queries.sedation_scale(infusion))
    }
    if value not in levels.get(signal, ()) or infusion.closed_at is not None:
        return page(
            request,
            infusion,
            error=_("%(value)s is no value of this scale: nothing was recorded") % {"value": value},
            status=422,
        )
    now, by = clock.now(), staff(request).username
    with transaction.atomic():
        if actions.once(infusion=infusion, key=request.POST.get("key", ""), by=by, at=now):
            monitoring.chart_typed(
                watch=infusion.watch, values={signal: float(value)}, reasons={}, by=by, observed_at=max(now - waited(request), infusion.opened_at), at=now
            )  # fmt: skip
            alarms.evaluate(infusion.watch_id, at=now)
    return redirect("infusion:chair", reference=reference)


@needs(CLINICAL)
@require_GET
def handover(request: HttpRequest, reference: str) -> HttpResponse:
    """One page for the ambulance: who, allergies, drugs and times, milligrams, last values, contact."""
    infusion, now = get_object_or_404(Infusion, reference=reference), clock.now()
    return render(request, "infusion/handover.html", panels.handover(infusion, at=infusion.closed_at or now))
