"""The course of one infusion as events, and what they add up to: phase, rate, volume, what may come next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

SECONDS_PER_HOUR = 3600.0


class Kind(StrEnum):
    """What was recorded at the chair."""

    STARTED = "started"
    RATE_SET = "rate_set"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    DRUG_GIVEN = "drug_given"
    OBSERVATION = "observation"
    DISCHARGED = "discharged"
    CANCELLED = "cancelled"
    SIGNED = "signed"


class Phase(StrEnum):
    """Where an infusion stands."""

    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    RECOVERY = "recovery"
    DISCHARGED = "discharged"
    SIGNED = "signed"
    CANCELLED = "cancelled"


_NOTES = frozenset({Kind.DRUG_GIVEN, Kind.OBSERVATION})
PERMITTED: Mapping[Phase, frozenset[Kind]] = {
    Phase.PREPARING: _NOTES | {Kind.STARTED, Kind.CANCELLED},
    Phase.RUNNING: _NOTES | {Kind.RATE_SET, Kind.PAUSED, Kind.STOPPED, Kind.CANCELLED},
    Phase.PAUSED: _NOTES | {Kind.RESUMED, Kind.STOPPED, Kind.CANCELLED},
    Phase.RECOVERY: _NOTES | {Kind.DISCHARGED, Kind.CANCELLED},
    Phase.DISCHARGED: frozenset({Kind.OBSERVATION, Kind.SIGNED}),
    Phase.SIGNED: frozenset(),
    Phase.CANCELLED: frozenset(),
}
LEADS_TO: Mapping[Kind, Phase] = {
    Kind.STARTED: Phase.RUNNING,
    Kind.PAUSED: Phase.PAUSED,
    Kind.RESUMED: Phase.RUNNING,
    Kind.STOPPED: Phase.RECOVERY,
    Kind.DISCHARGED: Phase.DISCHARGED,
    Kind.CANCELLED: Phase.CANCELLED,
    Kind.SIGNED: Phase.SIGNED,
}


class NotPermittedError(ValueError):
    """This step cannot follow what is recorded; the message names the step and the phase."""


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded step. `rate_ml_per_h` belongs to started, rate_set and resumed; `delivered_ml` is the pump's own total."""

    kind: Kind
    at: datetime
    rate_ml_per_h: float | None = None
    delivered_ml: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The pump ran at a rate from an instant on."""

    at: datetime
    rate_ml_per_h: float


@dataclass(frozen=True, slots=True)
class Course:
    """What the events add up to."""

    phase: Phase = Phase.PREPARING
    steps: tuple[Step, ...] = field(default=())
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    pump_total_ml: float | None = None

    @property
    def rate_ml_per_h(self) -> float:
        """The rate the pump was last recorded at."""
        return self.steps[-1].rate_ml_per_h if self.steps else 0.0

    def delivered_ml(self, at: datetime) -> float:
        """Return the volume delivered by `at`: the pump's own total once it is recorded, else rate times time."""
        if self.pump_total_ml is not None and self.stopped_at is not None and at >= self.stopped_at:
            return self.pump_total_ml
        return by_rates(self.steps, at)


def by_rates(steps: Sequence[Step], at: datetime) -> float:
    """Return the volume that the recorded rates give by `at`, in mL."""
    ends = [step.at for step in steps[1:]] + [at] * bool(steps)
    pieces = zip(steps, ends, strict=True)
    seconds = ((step.rate_ml_per_h, (min(end, at) - step.at).total_seconds()) for step, end in pieces)
    return sum(rate * max(lasted, 0.0) / SECONDS_PER_HOUR for rate, lasted in seconds)


def fold(events: Iterable[Event]) -> Course:
    """Return what the events add up to; raises NotPermittedError naming the first that cannot follow."""
    course = Course()
    for event in events:
        course = after(course, event)
    return course


def after(course: Course, event: Event) -> Course:
    """Return the course after one more event; raises NotPermittedError when it cannot follow."""
    if event.kind not in PERMITTED[course.phase]:
        raise NotPermittedError(f"{event.kind.value} cannot be recorded while the infusion is {course.phase.value}")
    if course.steps and event.kind not in _NOTES and event.at < course.steps[-1].at:
        raise NotPermittedError(f"{event.kind.value} is timed before the last recorded change of the pump")
    moved = replace(course, phase=LEADS_TO.get(event.kind, course.phase))
    return _ended(_flowing(moved, event), event)


def _flowing(course: Course, event: Event) -> Course:
    """Follow the pump: a new rate, or none."""
    if event.kind in {Kind.STARTED, Kind.RATE_SET, Kind.RESUMED}:
        if event.rate_ml_per_h is None or event.rate_ml_per_h <= 0:
            raise NotPermittedError(f"{event.kind.value} needs a rate greater than 0 mL/h")
        started = course.started_at or event.at
        return replace(course, steps=(*course.steps, Step(event.at, event.rate_ml_per_h)), started_at=started)
    halts = event.kind in {Kind.PAUSED, Kind.STOPPED, Kind.CANCELLED} and course.steps
    return replace(course, steps=(*course.steps, Step(event.at, 0.0))) if halts else course


def _ended(course: Course, event: Event) -> Course:
    if event.kind in {Kind.STOPPED, Kind.CANCELLED} and course.stopped_at is None:
        return replace(course, stopped_at=event.at, pump_total_ml=event.delivered_ml)
    return course
