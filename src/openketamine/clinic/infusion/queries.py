"""Questions about one infusion: what its events add up to, what is due, what holds its start."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from openketamine.clinic.audit import texts
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.monitoring.models import Reading, Source
from openketamine.core.infusion import amounts as places
from openketamine.core.infusion.amounts import Amounts
from openketamine.core.infusion.events import Course, Event, Kind, Step, fold
from openketamine.evidence.chairs import chair_rules
from openketamine.evidence.regimen import Regimen, regimen_of

SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Due:
    """A check that is due at a minute of the infusion: done, due now, overdue, or still to come; which parts are missing."""

    minute: int
    at: datetime
    done: bool
    now: bool
    overdue: bool
    missing: tuple[str, ...] = ()


def regimen_in_force(infusion: Infusion) -> Regimen:
    """Return the regimen as its text stood when the course was planned."""
    course = infusion.order.planned.course
    return regimen_of(texts.kept(course.regimen_sha256), course.regimen)


def standing_events(infusion: Infusion) -> list[InfusionEvent]:
    """Return the events that count: what a correction has replaced is left out."""
    rows = list(infusion.known(InfusionEvent.objects.filter(infusion=infusion), "recorded_at").order_by("at", "number"))
    replaced = {row.voids_id for row in rows}
    return [row for row in rows if row.pk not in replaced]


def course_of(infusion: Infusion) -> Course:
    """Return what the events add up to."""
    known = {kind.value for kind in Kind}
    return fold(as_event(row) for row in standing_events(infusion) if row.kind in known)


def as_event(row: InfusionEvent) -> Event:
    """Return a stored step as the core's value."""
    return Event(Kind(row.kind), row.at, row.rate_ml_per_h, row.delivered_ml, row.volume_ml, row.fluid)


def amounts(infusion: Infusion, course: Course, at: datetime) -> Amounts:
    """Return where the milligrams are by `at`: through the pump, into the patient, in line and bag."""
    return places.amounts(course, at, float(infusion.order.bag_ml), infusion.order.concentration_mg_per_ml)


def given_mg(infusion: Infusion, course: Course, at: datetime) -> Decimal:
    """Return the milligrams that the drug book takes as given by `at`."""
    return amounts(infusion, course, at).given_mg


def minute_of(course: Course, at: datetime) -> float | None:
    """Return the minute of the infusion at an instant; None before the start."""
    return None if course.started_at is None else (at - course.started_at).total_seconds() / SECONDS_PER_MINUTE


def planned_steps(infusion: Infusion, start: datetime) -> tuple[Step, Step]:
    """Return the rate as it was ordered: on at the start, off after the ordered duration."""
    end = start + timedelta(minutes=float(infusion.order.duration_min))
    return Step(start, float(infusion.order.rate_ml_per_h)), Step(end, 0.0)


def baseline(infusion: Infusion) -> Reading | None:
    """Return the last systolic cuff pressure before the start; None when there is none."""
    started = course_of(infusion).started_at
    rows = Reading.objects.filter(watch=infusion.watch, signal="nibp_systolic").exclude(value=None)
    found = (rows.filter(observed_at__lte=started) if started else rows).order_by("observed_at", "pk").last()
    return found if isinstance(found, Reading) else None


def dues(infusion: Infusion, course: Course, at: datetime) -> list[Due]:
    """Return the checks of this infusion; one is done when each of its parts was measured, or says why not, around its minute.

    A sedative that was charted makes its own parts due again and again until the person leaves, from the last dose on.
    """
    if course.started_at is None:
        return []
    schedule, started = regimen_in_force(infusion).checks, course.started_at
    minutes = schedule.minutes(minute_of(course, course.stopped_at) if course.stopped_at else None)
    early, late = timedelta(minutes=schedule.early_min), timedelta(minutes=schedule.late_min)
    planned = [(started + timedelta(minutes=minute), early, late, schedule.parts) for minute in minutes]
    asked = sorted([*planned, *_sedated(infusion, at)], key=lambda one: one[0])
    seen = _seen(infusion, {part for one in asked for part in one[3]})
    return [_due(infusion, seen, started, one, at) for one in asked]


Asked = tuple[datetime, timedelta, timedelta, Sequence[str]]
"""When a check is due, how much earlier and later counts as on time, and its parts."""


def _sedated(infusion: Infusion, at: datetime) -> list[Asked]:
    """Return what is due after the last sedative: every interval up to the next one."""
    rules, given = chair_rules(), last_sedative(infusion)
    if given is None:
        return []
    every = timedelta(minutes=rules.after_sedative_min)
    passed = int((min(at, infusion.closed_at or at) - given.at) / every)
    return [(given.at + every * number, every / 2, every / 2, rules.after_sedative) for number in range(1, passed + 2)]


def last_sedative(infusion: Infusion) -> InfusionEvent | None:
    """Return the last sedative that was charted and stands; a name that the chair's rules do not know is none."""
    drugs = (row for row in reversed(standing_events(infusion)) if row.kind == Kind.DRUG_GIVEN.value)
    return next((row for row in drugs if chair_rules().sedates(row.says)), None)


def _due(infusion: Infusion, seen: dict[str, list[datetime]], started: datetime, asked: Asked, at: datetime) -> Due:
    due, early, late, parts = asked
    first, last = due - early, due + late
    missing = tuple(part for part in parts if at < first or not _was(infusion, part, seen[part], first, last))
    now, overdue = bool(missing) and due <= at <= last, bool(missing) and at > last
    minute = round((due - started).total_seconds() / SECONDS_PER_MINUTE)
    return Due(minute, due, not missing, now, overdue, missing)


def _seen(infusion: Infusion, parts: Collection[str]) -> dict[str, list[datetime]]:
    """Return when each part was typed or measured by a cuff, or when somebody said why it was not."""
    rows = infusion.known(Reading.objects.filter(watch=infusion.watch, signal__in=parts), "received_at").order_by(
        "observed_at"
    )
    told = rows.filter(Q(source=Source.TYPED) | Q(signal__startswith="nibp")).exclude(value=None, source=Source.DEVICE)
    found: dict[str, list[datetime]] = {part: [] for part in parts}
    for signal, when in told.values_list("signal", "observed_at"):
        found[signal].append(when)
    return found


def _was(infusion: Infusion, part: str, times: Sequence[datetime], first: datetime, last: datetime) -> bool:
    """Say whether a part was measured in a window; of a stream one reading is enough, and it is asked for last."""
    position = bisect_left(times, first)
    if position < len(times) and times[position] <= last:
        return True
    rows = Reading.objects.filter(
        watch=infusion.watch, signal=part, source=Source.DEVICE, observed_at__range=(first, last)
    )
    return not part.startswith("nibp") and infusion.known(rows, "received_at").exclude(value=None).exists()


def most_pressing(dues: Sequence[Due]) -> Due | None:
    """Return the check to show: the newest that is due or overdue unless a later one was done, else the next to come."""
    last_done = max((number for number, due in enumerate(dues) if due.done), default=-1)
    ahead = [due for due in dues[last_done + 1 :] if not due.done]
    pressing = [due for due in ahead if due.overdue or due.now]
    return pressing[-1] if pressing else next(iter(ahead), None)
