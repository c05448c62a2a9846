"""What was recorded of the pump against what it says itself: confirmed or contradicted, a rate nobody recorded, a volume that differs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from openketamine.clinic.infusion import faults, queries
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.monitoring.models import PumpStatement
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding
from openketamine.core.infusion.events import FLOWS, HALTS, Kind, Phase, by_rates

SAME_RATE_ML_PER_H = 0.05
MOVES = frozenset(kind.value for kind in FLOWS | HALTS)
DIFFERS = "pump_differs"
BY = "the pump"
# Words of a status (IHE PCD-01) or an event (PCD-10): a pump that stands still says the rate that it is set to.
STANDING = ("paused", "stopped", "standby", "not-infusing", "not-delivering", "DELIV_STOP", "DELIV_COMP")
RUNNING = ("infusing", "delivering", "DELIV_START")
STANDS = Q(*(("status__icontains", word) for word in STANDING), _connector=Q.OR)
RUNS = ~STANDS & Q(*(("status__icontains", word) for word in RUNNING), _connector=Q.OR)
FLOW = Case(When(STANDS, then=Value(0.0)), default=F("rate_ml_per_h"))


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The last recorded change of the pump, and what has confirmed it or contradicts it; both empty: nothing has yet."""

    event: InfusionEvent
    confirmed_by: str
    contradicted_by: str


def confirmation(infusion: Infusion) -> Confirmation | None:
    """Return where the last recorded change of the pump stands; None before the first."""
    standing = queries.standing_events(infusion)
    moves = [row for row in standing if row.kind in MOVES]
    if not moves or queries.course_of(infusion).started_at is None:
        return None
    last = moves[-1]
    rate = 0.0 if last.rate_ml_per_h is None else last.rate_ml_per_h
    said = [
        _seen(row.at, row.rate_ml_per_h, row.by, rate)
        for row in standing
        if row.kind == Kind.PUMP_SEEN.value and row.at >= last.at
    ]
    own = _last_said(_flows_since(infusion, last.at))
    said += [] if own is None else [_seen(own.at, own.flow, BY, rate)]
    agrees, words = max(said)[1:] if said else (True, "")
    return Confirmation(last, words if agrees else "", "" if agrees else words)


def _seen(at: datetime, rate: float | None, by: str, recorded: float) -> tuple[datetime, bool, str]:
    shown = 0.0 if rate is None else rate
    return at, _same(shown, recorded), f"{by}: {shown:g} mL/h at {timezone.localtime(at):%H:%M}"


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_RATE_ML_PER_H


def _flows_since(infusion: Infusion, at: datetime) -> Any:
    """Return the pump's own messages from an instant on, in the order of time, each with its `flow`: 0 mL/h where it says that it stands."""
    rows = infusion.known(PumpStatement.objects.filter(watch=infusion.watch_id, at__gte=at, rebound=None), "at")
    return rows.annotate(flow=FLOW).order_by("at", "pk")


def _last_said(rows: Any) -> Any:
    """Return the last message that says what flows; None where there is none, or where the pump runs again and does not say how fast."""
    own = rows.exclude(flow=None).select_related("device").last()
    again = own is not None and own.flow == 0 and rows.filter(RUNS, flow=None, at__gte=own.at, pk__gt=own.pk).exists()
    return None if again else own


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A rate that the pump says and nobody has recorded: the step that would record it, since when it says so, which device."""

    kind: str
    rate_ml_per_h: float
    since: datetime
    device: str


def unrecorded(infusion: Infusion) -> Unrecorded | None:
    """Return what the pump's last message says where the record says otherwise; None where they agree, or where nothing runs."""
    course = queries.course_of(infusion)
    if course.phase not in {Phase.INFUSING, Phase.PAUSED}:
        return None
    rows = _flows_since(infusion, course.steps[-1].at)
    own = _last_said(rows)
    if own is None or _same(own.flow, course.rate_ml_per_h):
        return None
    flows, rate = rows.exclude(flow=None), own.flow
    other = flows.exclude(flow__range=(rate - SAME_RATE_ML_PER_H, rate + SAME_RATE_ML_PER_H)).last()
    first = (flows.filter(at__gt=other.at) if other else flows).first() or own
    return Unrecorded(_step(rate, course.phase), rate, first.at, own.device.identity)


def _step(rate: float, phase: Phase) -> str:
    if _same(rate, 0.0):
        return Kind.PAUSED.value
    return (Kind.RATE_SET if phase is Phase.INFUSING else Kind.RESUMED).value


def compare(infusion: Infusion, delivered_ml: float, *, said_at: datetime, by: str, at: datetime) -> None:
    """Open a finding when the pump's own total and rate times time stand further apart than the clinic tolerates."""
    computed = by_rates(queries.course_of(infusion).flows, said_at)
    tolerance = queries.regimen_in_force(infusion).pump_differs_ml
    if tolerance is None or abs(delivered_ml - computed) <= tolerance:
        return
    says = f"Pump says {delivered_ml:g} mL delivered, recorded rates give {computed:.1f} mL: look for a rate nobody recorded"
    people.open_finding(
        patient=infusion.patient, code=DIFFERS, room="infusion", says=says, by=by, at=at, holds=False, session=infusion.reference
    )  # fmt: skip


def compare_ended(infusion: Infusion, *, by: str, at: datetime) -> None:
    """Hold the pump's own total at the end against the recorded rates as they stand now: a late entry or a correction may change both."""
    course = queries.course_of(infusion)
    if course.stopped_at is not None and course.pump_total_ml is not None:
        compare(infusion, course.pump_total_ml, said_at=course.stopped_at, by=by, at=at)


def compare_running(watches: Collection[int], *, at: datetime) -> None:
    """Hold what pumps say they have delivered against the recorded rates while these run; in one session a finding opens once."""
    faults.each(list(Infusion.objects.filter(watch__in=watches, closed_at=None)), compare_last, at=at)


def compare_last(infusion: Infusion, at: datetime) -> None:
    """Hold what the pump of a session has said last of its volume against the recorded rates."""
    rows = PumpStatement.objects.filter(watch=infusion.watch_id, rebound=None).exclude(delivered_ml=None)
    own = rows.order_by("-at", "-pk").first()
    if own is not None and _runs(infusion, own.at) and not _told(infusion):
        compare(infusion, own.delivered_ml or 0.0, said_at=own.at, by=BY, at=at)


def _runs(infusion: Infusion, at: datetime) -> bool:
    """Say whether an infusion had begun by an instant and has not ended: before and after, a pump counts what is none of it."""
    course = queries.course_of(infusion)
    return course.started_at is not None and course.started_at <= at and course.stopped_at is None


def _told(infusion: Infusion) -> bool:
    rows = Finding.objects.filter(patient=infusion.patient_id, code=DIFFERS)
    return rows.filter(evidence__session=infusion.reference).exists()
