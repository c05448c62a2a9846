"""Questions about one infusion: what its events add up to, what is due, what holds its start."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from openketamine.clinic.audit import texts
from openketamine.clinic.infusion.models import Incident, Infusion, InfusionEvent, Sedates
from openketamine.clinic.monitoring.lookup import Ask, answers
from openketamine.clinic.monitoring.models import Reading, Source, StoredReading, Watch
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient
from openketamine.core.infusion import amounts as places
from openketamine.core.infusion.amounts import Amounts
from openketamine.core.infusion.events import ARRANGES, CONFIRMS, STOPS, Course, Event, Kind, Step, fold
from openketamine.core.infusion.gate import Cuff
from openketamine.core.monitoring.signal import Signal, on_scale
from openketamine.evidence.chairs import chair_rules
from openketamine.evidence.regimen import Regimen, regimen_of

SECONDS_PER_MINUTE = 60.0
CUFF = ("nibp_systolic", "nibp_diastolic")


@dataclass(frozen=True, slots=True)
class Due:
    """A check that is due at a minute of the infusion: done, due now, overdue, or still to come; which parts are missing."""

    minute: int
    at: datetime
    done: bool
    now: bool
    overdue: bool
    missing: tuple[str, ...] = ()


def to_look_at() -> QuerySet[Infusion]:
    """Return the infusions with all that stands around each and its events as they are now, for pages.

    What records something takes the bare row, and asks for the events when it needs them.
    """
    around = ("patient", "order__planned__course", "watch__chair", "watch__patient")
    return Infusion.objects.select_related(*around).prefetch_related("events")


def own_sessions(patient: Patient) -> QuerySet[Infusion]:
    """Return the sessions in a person's record that were this person's, in the order of time."""
    rows = Infusion.objects.filter(patient=patient).exclude(reference__in=people.mixed_up_sessions(patient))
    return rows.order_by("opened_at")


def infusion_of(reference: str) -> Infusion:
    """Return one infusion to look at; raises Http404."""
    return get_object_or_404(to_look_at(), reference=reference)


def regimen_in_force(infusion: Infusion) -> Regimen:
    """Return the regimen as its text stood when the course was planned."""
    course = infusion.order.planned.course
    return regimen_of(texts.kept(course.regimen_sha256), course.regimen)


def sedation_scale(infusion: Infusion) -> Signal:
    """Return the scale on which sedation is observed in this session."""
    return regimen_in_force(infusion).sedation


def standing_events(infusion: Infusion) -> list[InfusionEvent]:
    """Return the events that count: what a correction has replaced is left out."""
    rows = events_of(infusion)
    replaced = {row.voids_id for row in rows}
    return sorted((row for row in rows if row.pk not in replaced), key=lambda row: (row.at, row.number))


def events_of(infusion: Infusion) -> list[InfusionEvent]:
    """Return every event that was known at the instant at which the session is looked at."""
    until = infusion.seen_until
    return [row for row in infusion.events.all() if until is None or row.recorded_at <= until]


def nurse_of(infusion: Infusion) -> str:
    """Return who looks after this chair: who opened the session, or who recorded last that they take it over."""
    return nurses_of(infusion)[-1][0]


def nurses_of(infusion: Infusion) -> list[tuple[str, datetime]]:
    """Return who looked after this chair, one after the other, and since when."""
    taken = [(row.by, row.at) for row in standing_events(infusion) if row.kind == Kind.TAKEN_OVER.value]
    return [(infusion.nurse, infusion.opened_at), *taken]


def unconfirmed(infusion: Infusion) -> InfusionEvent | None:
    """Return the last change of chair or devices after which nobody has confirmed the signals; None when somebody has."""
    last = max((row for row in events_of(infusion) if row.kind in ARRANGES | CONFIRMS), key=_number, default=None)
    return last if last is not None and last.kind in ARRANGES else None


def _number(row: InfusionEvent) -> int:
    return row.number


def incident_of(infusion: Infusion) -> Incident | None:
    """Return when and why a session was frozen after an incident; None when it was not."""
    return Incident.objects.filter(infusion=infusion).first()


def course_of(infusion: Infusion) -> Course:
    """Return what the events add up to."""
    known = {kind.value for kind in Kind}
    return fold((as_event(row) for row in standing_events(infusion) if row.kind in known), float(infusion.order.bag_ml))


def course_at(infusion: Infusion, at: datetime) -> Course:
    """Return what the events up to an instant add up to."""
    return fold(as_event(row) for row in standing_events(infusion) if row.at <= at)


def as_event(row: InfusionEvent) -> Event:
    """Return a stored step as the core's value."""
    return Event(Kind(row.kind), row.at, row.rate_ml_per_h, row.delivered_ml, row.volume_ml, row.fluid)


def amounts(infusion: Infusion, course: Course, at: datetime) -> Amounts:
    """Return where the milligrams are by `at`: through the pump, into the patient, in line and bag."""
    return places.amounts(course, at, infusion.order.concentration_mg_per_ml)


def given_mg(infusion: Infusion, course: Course, at: datetime) -> Decimal:
    """Return the milligrams that the drug book takes as given by `at`: what left its stock through the line, wherever it ran."""
    return amounts(infusion, course, at).given_mg


def doubt(since: str) -> str:
    """Say from when on nobody knows what reached the patient, in the words of drug book and export."""
    return f"what reached the patient is uncertain since {since}: drug ran beside the vein"


def minute_of(course: Course, at: datetime) -> float | None:
    """Return the minute of the infusion at an instant; None before the start."""
    return None if course.started_at is None else (at - course.started_at).total_seconds() / SECONDS_PER_MINUTE


def planned_steps(infusion: Infusion, start: datetime) -> tuple[Step, Step]:
    """Return the rate as it was ordered: on at the start, off after the ordered duration."""
    end = start + timedelta(minutes=float(infusion.order.duration_min))
    return Step(start, float(infusion.order.rate_ml_per_h)), Step(end, 0.0)


def cuffs_before(infusion: Infusion, until: datetime | None = None) -> list[Cuff]:
    """Return the pressures of this visit before the start, in the order of time; one without its diastolic value is none."""
    stored = StoredReading.objects.filter(
        watch=infusion.watch_id, signal__in=CUFF, taken_back=None, rebound=None
    ).exclude(value=None)
    rows = infusion.known(stored.filter(observed_at__gte=infusion.opened_at), "received_at")
    until = course_of(infusion).started_at or until
    rows = rows.filter(observed_at__lte=until) if until else rows
    found: dict[datetime, dict[str, float]] = {}
    for row in rows.order_by("observed_at", "pk"):
        found.setdefault(row.observed_at, {})[row.signal] = float(row.value)
    return [Cuff(at, *(both[name] for name in CUFF)) for at, both in found.items() if len(both) == len(CUFF)]


def pressures_before(infusion: Infusion) -> dict[str, float | None]:
    """Return both pressures of the last measurement before the start; None where there is none."""
    cuff = next(reversed(cuffs_before(infusion)), None)
    return dict.fromkeys(CUFF) if cuff is None else dict(zip(CUFF, (cuff.systolic, cuff.diastolic), strict=True))


def before_start(
    infusion: Infusion, signals: Sequence[str], until: datetime | None = None
) -> dict[str, Reading | None]:
    """Return the last value of each signal of this visit before the start, or until an instant where nothing has started.

    Both pressures are those of the last measurement that gave both: what is incomplete replaces nothing.
    """
    until, cuffs = course_of(infusion).started_at or until, cuffs_before(infusion, until)
    measured = cuffs[-1].at if cuffs else None
    asked = [
        Ask(signal, measured, measured, infusion.seen_until) if signal in CUFF and measured
        else Ask(signal, until, infusion.opened_at, infusion.seen_until)
        for signal in signals
    ]  # fmt: skip
    found = answers(infusion.watch_id, asked)
    return {
        signal: None if signal in CUFF and measured is None else row for signal, row in zip(signals, found, strict=True)
    }


def baseline(infusion: Infusion) -> dict[str, float]:
    """Return the values from before the start that a rise counts from, as they counted at the instant at which the session is looked at."""
    watch, until = Watch.objects.get(pk=infusion.watch_id), infusion.seen_until
    later = watch.asked_before.filter(at__gt=until).order_by("at", "pk").first() if until else None
    found: dict[str, float] = watch.baseline if later is None else later.baseline
    return found


def dues(infusion: Infusion, course: Course, at: datetime) -> list[Due]:
    """Return the checks of this infusion; one is done when each of its parts was measured, or says why not, around its minute.

    They go on until the person leaves. Each sedative that was charted makes its own parts due again and again, up to the next.
    """
    if course.started_at is None:
        return []
    asked = every_check(infusion, course, at)
    missing = _missing(infusion, asked, at)
    return [_due(course.started_at, one, parts, at) for one, parts in zip(asked, missing, strict=True)]


MOST_CHECKS = 200  # of a session that somebody forgot to close for days only the last checks are asked about


class Asked(NamedTuple):
    """When a check is due, how much earlier and later counts as on time, its parts, and when the step was written down that asks for it."""

    due: datetime
    early: timedelta
    late: timedelta
    parts: Sequence[str]
    known: datetime

    @property
    def overdue_at(self) -> datetime:
        """When it is overdue: its time is over, and somebody has written down what asks for it."""
        return max(self.due + self.late, self.known)

    def still(self, at: datetime) -> "Asked":
        """Return it with all until an instant counting for it: a part that was measured too late is made up for."""
        return self._replace(late=at - self.due)


def overdue(infusion: Infusion, course: Course, at: datetime) -> list[tuple[Asked, tuple[str, ...]]]:
    """Return the last check of each kind whose time is over, with what it still lacks: nothing once it was made, or made up for.

    What makes up for the last check of its kind makes up for all before it: only the last is asked about.
    """
    last = list({one.parts: one for one in every_check(infusion, course, at) if at > one.overdue_at}.values())
    return list(zip(last, _missing(infusion, [one.still(at) for one in last], at), strict=True))


def told_since(infusion: Infusion, part: str, since: datetime) -> datetime | None:
    """Return when it was first told that a part was measured since an instant, or why it was not; None while nobody has."""
    told = [when for observed, when in seen(infusion, [part])[part] if observed >= since]
    streamed = (
        ()
        if part.startswith("nibp")
        else answers(infusion.watch_id, [Ask(part, since=since, first=True, of_device=True)])
    )
    return min([*told, *(row.observed_at for row in streamed if row is not None)], default=None)


def every_check(infusion: Infusion, course: Course, at: datetime) -> list[Asked]:
    """Return the checks that are due by an instant, and the next, in their order."""
    if course.started_at is None:
        return []
    schedule, started = regimen_in_force(infusion).checks, course.started_at
    ended_min = minute_of(course, course.stopped_at) if course.stopped_at else None
    minutes = schedule.minutes(ended_min, (at - started).total_seconds() / SECONDS_PER_MINUTE)
    early, late = timedelta(minutes=schedule.early_min), timedelta(minutes=schedule.late_min)
    begun, over = _written(infusion, Kind.STARTED), _written(infusion, *STOPS)
    planned = [
        Asked(started + timedelta(minutes=minute), early, late, schedule.parts, begun if ended_min is None or minute <= ended_min else over)
        for minute in minutes
    ]  # fmt: skip
    asked = sorted([*planned, *_sedated(infusion, at)], key=lambda one: one.due)
    return [one for one in asked if infusion.closed_at is None or one.due <= infusion.closed_at][-MOST_CHECKS:]


def _written(infusion: Infusion, *kinds: Kind) -> datetime:
    """Return when the first of some steps was written down; the opening of the session where none stands."""
    rows = (row.recorded_at for row in standing_events(infusion) if row.kind in kinds)
    return next(rows, infusion.opened_at)


def _sedated(infusion: Infusion, at: datetime) -> list[Asked]:
    """Return what is due after each sedative, every interval: up to the next sedative, or to the first check that is still ahead."""
    given = [(row.at, row.recorded_at) for row in sedatives(infusion)]
    if not given:
        return []
    every, parts = timedelta(minutes=chair_rules().after_sedative_min), _after_sedative(infusion)
    ends = [*(following - timedelta.resolution for following, _known in given[1:]), at + every]
    return [
        Asked(first + every * number, every / 2, every / 2, parts, known)
        for (first, known), end in zip(given, ends, strict=False)
        for number in range(1, int((end - first) / every) + 1)
    ]


def _after_sedative(infusion: Infusion) -> tuple[str, ...]:
    """Return what is due after a sedative, on the scale of this session."""
    return on_scale(chair_rules().after_sedative, sedation_scale(infusion))


def sedatives(infusion: Infusion) -> list[InfusionEvent]:
    """Return the sedatives that were charted and stand: known by their name, or said to sedate by who gave them."""
    drugs = (row for row in standing_events(infusion) if row.kind == Kind.DRUG_GIVEN.value)
    return [row for row in drugs if row.sedates == Sedates.YES or chair_rules().sedates(row.says)]


def last_sedative(infusion: Infusion) -> InfusionEvent | None:
    """Return the last sedative that was charted and stands."""
    return next(reversed(sedatives(infusion)), None)


def intervals(infusion: Infusion, course: Course, signals: Iterable[str] = tuple(Signal)) -> dict[str, float]:
    """Return at which intervals signals are due to be read now, in seconds: by the schedule, and sooner after a sedative."""
    checks, rules = regimen_in_force(infusion).checks, chair_rules()
    every_s = checks.every(ended=course.stopped_at is not None) * SECONDS_PER_MINUTE
    sooner = _after_sedative(infusion) if last_sedative(infusion) else ()
    soon_s = min(every_s, rules.after_sedative_min * SECONDS_PER_MINUTE)
    return {str(signal): soon_s if signal in sooner else every_s for signal in signals}


def _due(started: datetime, asked: Asked, missing: tuple[str, ...], at: datetime) -> Due:
    due, late = asked.due, asked.late
    now, overdue = bool(missing) and due <= at <= due + late, bool(missing) and at > due + late
    minute = round((due - started).total_seconds() / SECONDS_PER_MINUTE)
    return Due(minute, due, not missing, now, overdue, missing)


def _missing(infusion: Infusion, asked: Sequence[Asked], at: datetime) -> list[tuple[str, ...]]:
    """Return for each check the parts that were not measured in its window; of a stream one reading is enough, and it is asked for last."""
    told = seen(infusion, {part for one in asked for part in one.parts})
    times = {part: [observed for observed, _told in rows] for part, rows in told.items()}
    missing = [
        [part for part in parts if at < due - early or not _within(times[part], due - early, due + late)]
        for due, early, late, parts, _known in asked
    ]
    streams = [
        (number, Ask(part, due + late, due - early, infusion.seen_until))
        for number, (due, early, late, _parts, _known) in enumerate(asked)
        for part in missing[number]
        if at >= due - early and not part.startswith("nibp")
    ]
    for (number, one), found in zip(streams, answers(infusion.watch_id, [one for _, one in streams]), strict=True):
        if found is not None:
            missing[number].remove(one.signal)
    return [tuple(parts) for parts in missing]


def seen(infusion: Infusion, parts: Collection[str]) -> dict[str, list[tuple[datetime, datetime]]]:
    """Return when each part was typed or measured by a cuff, or somebody said why it was not, and when that was received; in order."""
    stored = StoredReading.objects.filter(watch=infusion.watch_id, signal__in=parts, taken_back=None, rebound=None)
    rows = infusion.known(stored, "received_at").order_by("observed_at")
    told = rows.filter(Q(source=Source.TYPED) | Q(signal__startswith="nibp")).exclude(value=None, source=Source.DEVICE)
    found: dict[str, list[tuple[datetime, datetime]]] = {part: [] for part in parts}
    for signal, observed, received in told.values_list("signal", "observed_at", "received_at"):
        found[signal].append((observed, received))
    return found


def _within(times: Sequence[datetime], first: datetime, last: datetime) -> bool:
    position = bisect_left(times, first)
    return position < len(times) and times[position] <= last


def most_pressing(dues: Sequence[Due]) -> Due | None:
    """Return the check to show: the newest that is due or overdue unless a later one was done, else the next to come."""
    last_done = max((number for number, due in enumerate(dues) if due.done), default=-1)
    ahead = [due for due in dues[last_done + 1 :] if not due.done]
    pressing = [due for due in ahead if due.overdue or due.now]
    return pressing[-1] if pressing else next(iter(ahead), None)
