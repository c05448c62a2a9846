"""The course of one infusion as events, and what they add up to: phase, rate, volume, what may come next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf

from openketamine.core.infusion.line import Fluid, Line
from openketamine.core.pharmacology.infusion import hour_through

SECONDS_PER_HOUR = 3600.0


class Kind(StrEnum):
    """What was recorded at the chair."""

    CHECKED = "checked"
    READY = "ready"
    STARTED = "started"
    RATE_SET = "rate_set"
    PAUSED = "paused"
    RESUMED = "resumed"
    COMPLETED = "completed"
    STOPPED = "stopped"
    LINE_PRIMED = "line_primed"
    FLUSHED = "flushed"
    PUMP_SEEN = "pump_seen"
    SITE = "site"
    INFILTRATED = "infiltrated"
    DRUG_GIVEN = "drug_given"
    OBSERVATION = "observation"
    EMERGENCY = "emergency"
    EMERGENCY_OVER = "emergency_over"
    ESCORT_ABSENT = "escort_absent"
    TAKEN_OVER = "taken_over"
    MOVED = "moved"
    DEVICES = "devices"
    SIGNALS = "signals"
    UNDONE = "undone"
    DISCHARGED = "discharged"
    LEFT = "left"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"
    SIGNED = "signed"


class Phase(StrEnum):
    """Where an infusion stands."""

    ARRIVED = "arrived"
    CHECKED = "checked"
    READY = "ready"
    INFUSING = "infusing"
    PAUSED = "paused"
    RECOVERING = "recovering"
    DISCHARGED = "discharged"
    LEFT = "left"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"
    SIGNED = "signed"


ARRANGES = frozenset({Kind.MOVED, Kind.DEVICES})
"""Where the person sits and which devices stand there: until the signals are confirmed anew, what devices say is unconfirmed."""
CONFIRMS = frozenset({Kind.READY, Kind.SIGNALS})
NOTES = ARRANGES | frozenset(
    {
        Kind.DRUG_GIVEN, Kind.OBSERVATION, Kind.SITE, Kind.EMERGENCY, Kind.EMERGENCY_OVER, Kind.ESCORT_ABSENT, Kind.UNDONE,
        Kind.LINE_PRIMED, Kind.PUMP_SEEN, Kind.SIGNALS, Kind.TAKEN_OVER,
    }
)  # fmt: skip
ENDS_SITTING = frozenset({Kind.CANCELLED, Kind.TRANSFERRED, Kind.LEFT})
CLOSING = ENDS_SITTING | {Kind.DISCHARGED}
BEFORE = frozenset({Phase.ARRIVED, Phase.CHECKED, Phase.READY})
CLOSED = frozenset({Phase.DISCHARGED, Phase.LEFT, Phase.TRANSFERRED, Phase.CANCELLED})
_BEFORE_START = NOTES | ENDS_SITTING | {Kind.CHECKED}
_RUNS = NOTES | ENDS_SITTING | {Kind.STOPPED, Kind.COMPLETED, Kind.INFILTRATED}
_AFTERWARDS = frozenset({Kind.OBSERVATION, Kind.UNDONE, Kind.LINE_PRIMED, Kind.SIGNED})
# A start without "ready" is read from records older than that step; `clinic.infusion.actions` records no new one.
PERMITTED: Mapping[Phase, frozenset[Kind]] = {
    Phase.ARRIVED: _BEFORE_START | {Kind.STARTED},
    Phase.CHECKED: _BEFORE_START | {Kind.READY},
    Phase.READY: _BEFORE_START | {Kind.READY, Kind.STARTED},
    Phase.INFUSING: _RUNS | {Kind.RATE_SET, Kind.PAUSED},
    Phase.PAUSED: _RUNS | {Kind.RESUMED},
    Phase.RECOVERING: NOTES | ENDS_SITTING | {Kind.FLUSHED, Kind.INFILTRATED, Kind.DISCHARGED},
    Phase.DISCHARGED: _AFTERWARDS,
    Phase.LEFT: _AFTERWARDS,
    Phase.TRANSFERRED: _AFTERWARDS,
    Phase.CANCELLED: _AFTERWARDS,
    Phase.SIGNED: frozenset(),
}
LEADS_TO: Mapping[Kind, Phase] = {
    Kind.CHECKED: Phase.CHECKED,
    Kind.READY: Phase.READY,
    Kind.STARTED: Phase.INFUSING,
    Kind.PAUSED: Phase.PAUSED,
    Kind.RESUMED: Phase.INFUSING,
    Kind.COMPLETED: Phase.RECOVERING,
    Kind.STOPPED: Phase.RECOVERING,
    Kind.DISCHARGED: Phase.DISCHARGED,
    Kind.LEFT: Phase.LEFT,
    Kind.TRANSFERRED: Phase.TRANSFERRED,
    Kind.CANCELLED: Phase.CANCELLED,
    Kind.SIGNED: Phase.SIGNED,
}
FLOWS = frozenset({Kind.STARTED, Kind.RATE_SET, Kind.RESUMED})
HALTS = frozenset({Kind.PAUSED, Kind.STOPPED, Kind.COMPLETED}) | ENDS_SITTING
STOPS = frozenset({Kind.STOPPED, Kind.COMPLETED}) | ENDS_SITTING


class NotPermittedError(ValueError):
    """This step cannot follow what is recorded. `says` is one of `REFUSALS`, `values` what it names: the step, the phase."""

    def __init__(self, says: str, **values: str) -> None:
        super().__init__(says % values)
        self.says, self.values = says, values


NOT_IN_PHASE = "%(step)s cannot be recorded while the infusion is %(phase)s"
BEFORE_THE_LAST = "%(step)s is timed before the last recorded change of the pump"
NEEDS_RATE = "%(step)s needs a rate greater than 0 mL/h"
NEEDS_VOLUME = "%(step)s needs a volume greater than 0 mL"
REFUSALS = (NOT_IN_PHASE, BEFORE_THE_LAST, NEEDS_RATE, NEEDS_VOLUME)


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded step.

    `rate_ml_per_h` belongs to started, rate_set and resumed; `delivered_ml` is the pump's own total at the end; `volume_ml` is the
    volume of a line or of a flush, and `fluid` what a line was primed with.
    """

    kind: Kind
    at: datetime
    rate_ml_per_h: float | None = None
    delivered_ml: float | None = None
    volume_ml: float | None = None
    fluid: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The pump ran at a rate from an instant on."""

    at: datetime
    rate_ml_per_h: float


@dataclass(frozen=True, slots=True)
class Course:
    """What the events add up to. `doubtful_from` is when the drug was seen to run beside the vein.

    `steps` are the rates as recorded, `flows` those that the bag allows: from an empty bag nothing is delivered, whatever the pump runs at.
    """

    phase: Phase = Phase.ARRIVED
    steps: tuple[Step, ...] = field(default=())
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    pump_total_ml: float | None = None
    line: Line | None = None
    flushes: tuple[tuple[datetime, float], ...] = ()
    doubtful_from: datetime | None = None
    emergency_since: datetime | None = None
    bag_ml: float = inf

    @property
    def rate_ml_per_h(self) -> float:
        """The rate the pump was last recorded at."""
        return self.steps[-1].rate_ml_per_h if self.steps else 0.0

    @property
    def holds_ml(self) -> float:
        """What a pump can deliver of the bag: all of it, but for what its line was primed with."""
        return self.bag_ml - (self.line.volume_ml - self.line.drug_free_ml if self.line else 0.0)

    @property
    def empty_at(self) -> datetime | None:
        """When the bag must be empty by the recorded rates, the last one going on; None where it never is."""
        return when_delivered(self.steps, self.holds_ml)

    @property
    def flows(self) -> tuple[Step, ...]:
        """The recorded rates until the bag is empty, and nothing from then on."""
        return until_empty(self.steps, self.holds_ml)

    def empty_since(self, at: datetime) -> datetime | None:
        """Return since when the bag must be empty although no end is recorded; None while it holds something."""
        empty = self.empty_at if self.stopped_at is None else None
        return empty if empty is not None and empty <= at else None

    def delivered_ml(self, at: datetime) -> float:
        """Return the volume delivered by `at`: the pump's own total once it is recorded, else rate times time; at most what the bag holds."""
        ended = self.stopped_at is not None and at >= self.stopped_at
        total = self.pump_total_ml if ended and self.pump_total_ml is not None else by_rates(self.flows, at)
        return min(total, self.holds_ml)

    def flushed_ml(self, at: datetime) -> float:
        """Return the drug-free volume pushed through the line after the pump by `at`."""
        return sum(volume for when, volume in self.flushes if when <= at)


def by_rates(steps: Sequence[Step], at: datetime) -> float:
    """Return the volume that the recorded rates give by `at`, in mL."""
    ends = [step.at for step in steps[1:]] + [at] * bool(steps)
    pieces = zip(steps, ends, strict=True)
    seconds = ((step.rate_ml_per_h, (min(end, at) - step.at).total_seconds()) for step, end in pieces)
    return sum(rate * max(lasted, 0.0) / SECONDS_PER_HOUR for rate, lasted in seconds)


def when_delivered(steps: Sequence[Step], volume_ml: float) -> datetime | None:
    """Return when the recorded rates have given a volume, the last rate going on; None when they never do, or not before the calendar ends."""
    if not steps or volume_ml == inf:
        return None
    first = steps[0].at
    hours = hour_through([((step.at - first) / timedelta(hours=1), step.rate_ml_per_h) for step in steps], volume_ml)
    try:
        return None if hours is None else first + timedelta(hours=hours)
    except OverflowError:
        return None


def until_empty(steps: Sequence[Step], holds_ml: float) -> tuple[Step, ...]:
    """Return rates as a bag lets them be: none from the instant at which they have given what it holds."""
    empty = when_delivered(steps, holds_ml)
    return tuple(steps) if empty is None else (*(step for step in steps if step.at < empty), Step(empty, 0.0))


def fold(events: Iterable[Event], bag_ml: float = inf) -> Course:
    """Return what the events of a bag add up to; raises NotPermittedError naming the first that cannot follow."""
    course = Course(bag_ml=bag_ml)
    for event in events:
        course = after(course, event)
    return course


def after(course: Course, event: Event) -> Course:
    """Return the course after one more event; raises NotPermittedError when it cannot follow."""
    if event.kind not in PERMITTED[course.phase]:
        raise NotPermittedError(NOT_IN_PHASE, step=event.kind.value, phase=course.phase.value)
    if course.steps and event.kind not in NOTES and event.at < course.steps[-1].at:
        raise NotPermittedError(BEFORE_THE_LAST, step=event.kind.value)
    moved = replace(course, phase=LEADS_TO.get(event.kind, course.phase))
    return _noted(_ended(_flowing(moved, event), event), event)


def _flowing(course: Course, event: Event) -> Course:
    """Follow the pump: a new rate, or none."""
    if event.kind in FLOWS:
        if event.rate_ml_per_h is None or event.rate_ml_per_h <= 0:
            raise NotPermittedError(NEEDS_RATE, step=event.kind.value)
        started = course.started_at or event.at
        return replace(course, steps=(*course.steps, Step(event.at, event.rate_ml_per_h)), started_at=started)
    halts = event.kind in HALTS and course.steps and course.stopped_at is None
    return replace(course, steps=(*course.steps, Step(event.at, 0.0))) if halts else course


def _ended(course: Course, event: Event) -> Course:
    if event.kind in STOPS and course.stopped_at is None:
        return replace(course, stopped_at=event.at, pump_total_ml=event.delivered_ml)
    return course


def _noted(course: Course, event: Event) -> Course:
    """Follow what surrounds the pump: line, flush, vein, emergency."""
    if event.kind in {Kind.LINE_PRIMED, Kind.FLUSHED} and (event.volume_ml is None or event.volume_ml <= 0):
        raise NotPermittedError(NEEDS_VOLUME, step=event.kind.value)
    if event.kind is Kind.LINE_PRIMED:
        return replace(course, line=Line(event.volume_ml or 0.0, Fluid(event.fluid or Fluid.SALINE)))
    if event.kind is Kind.FLUSHED:
        return replace(course, flushes=(*course.flushes, (event.at, event.volume_ml or 0.0)))
    if event.kind is Kind.INFILTRATED:
        return replace(course, doubtful_from=course.doubtful_from or event.at)
    if event.kind is Kind.EMERGENCY:
        return replace(course, emergency_since=course.emergency_since or event.at)
    over = event.kind is Kind.EMERGENCY_OVER
    return replace(course, emergency_since=None) if over else course
