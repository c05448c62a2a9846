"""Questions about one infusion: what its events add up to, what is due, what holds its start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from openketamine.clinic.audit import texts
from openketamine.clinic.infusion import readiness
from openketamine.clinic.infusion.models import GateAnswer, Infusion, InfusionEvent
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.plan import actions as plan
from openketamine.core.infusion import amounts as places
from openketamine.core.infusion.amounts import Amounts
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.events import Course, Event, Kind, Step, fold
from openketamine.evidence.regimen import Regimen, regimen_of

SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Gate:
    """One item of the check before the start, with its last answer."""

    id: str
    question: str
    answer: str
    note: str
    by: str


@dataclass(frozen=True, slots=True)
class Due:
    """A check that is due at a minute of the infusion: done by a reading, due now, overdue, or still to come."""

    minute: int
    at: datetime
    done: bool
    now: bool
    overdue: bool


def regimen_in_force(infusion: Infusion) -> Regimen:
    """Return the regimen as its text stood when the course was planned."""
    course = infusion.order.planned.course
    return regimen_of(texts.kept(course.regimen_sha256), course.regimen)


def standing_events(infusion: Infusion) -> list[InfusionEvent]:
    """Return the events that count: what a correction has replaced is left out."""
    rows = InfusionEvent.objects.filter(infusion=infusion, voided_by=None).order_by("at", "number")
    return list(rows)


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


def gate(infusion: Infusion) -> list[Gate]:
    """Return every item of the check before the start with its last answer; one nobody asked is `not asked`."""
    last = {row.item: row for row in GateAnswer.objects.filter(infusion=infusion).order_by("pk")}
    found = []
    for item in regimen_in_force(infusion).gate:
        row = last.get(item.id)
        answer, note, by = (row.answer, row.note, row.by) if row else ("not asked", "", "")
        found.append(Gate(item.id, item.question, answer, note, by))
    return found


def unanswered(infusion: Infusion) -> list[str]:
    """Return what the check before the start still asks, in words that say what to do next."""
    found = []
    for item in gate(infusion):
        if item.answer == "not asked":
            found.append(f"{item.question} Nobody has asked yet")
        elif item.answer != "yes" and not item.note:
            found.append(f"{item.question} The answer is {item.answer}: a note by a prescriber is needed")
    return found


def hindrances(infusion: Infusion, at: datetime) -> list[str]:
    """Return what still stands before a start now, in words that say what to do next."""
    found = [
        finding.says + ": resolve it, or a prescriber overrides it" for finding in plan.holds(infusion.order.planned)
    ]
    found += plan.hindrances(infusion.order, at)
    found += unanswered(infusion)
    found += readiness.missing(infusion.watch.chair, on=at.date())
    if not baseline(infusion):
        found.append("A cuff pressure before the start is missing: record a check")
    book, ordered = ledger.balance(infusion.reference), infusion.order.dose_mg
    drawn = book.drawn_mg - book.wasted_mg
    if drawn == 0:
        found.append("No drug has been drawn for this session")
    elif drawn != ordered:
        found.append(
            f"{shown(drawn)} mg are drawn, {ordered} mg are ordered: record the rest drawn or wasted, or sign a new order"
        )
    return found


def baseline(infusion: Infusion) -> Reading | None:
    """Return the last systolic cuff pressure before the start; None when there is none."""
    started = course_of(infusion).started_at
    rows = Reading.objects.filter(watch=infusion.watch, signal="nibp_systolic").exclude(value=None)
    found = (rows.filter(observed_at__lte=started) if started else rows).order_by("observed_at", "pk").last()
    return found if isinstance(found, Reading) else None


def dues(infusion: Infusion, course: Course, at: datetime) -> list[Due]:
    """Return the pressure checks of this infusion; a cuff reading around its minute does one."""
    if course.started_at is None:
        return []
    schedule = regimen_in_force(infusion).checks
    seen = Reading.objects.filter(watch=infusion.watch, signal="nibp_systolic").exclude(value=None)
    times = list(seen.values_list("observed_at", flat=True))
    early, late = timedelta(minutes=schedule.early_min), timedelta(minutes=schedule.late_min)
    found = []
    for minute in schedule.minutes(minute_of(course, course.stopped_at) if course.stopped_at else None):
        due = course.started_at + timedelta(minutes=minute)
        done = any(due - early <= time <= due + late for time in times)
        found.append(
            Due(minute, due, done, now=not done and due <= at <= due + late, overdue=not done and at > due + late)
        )
    return found


def most_pressing(dues: Sequence[Due]) -> Due | None:
    """Return the check to show: the newest overdue one unless a later one was done, else the one due now or next."""
    last_done = max((number for number, due in enumerate(dues) if due.done), default=-1)
    open_now = [due for due in dues[last_done + 1 :] if not due.done]
    late = [due for due in open_now if due.overdue]
    return late[-1] if late else next(iter(open_now), None)
