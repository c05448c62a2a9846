"""Alarm rules: what is wrong, for how long, and when it is right again. Values only; numbers come from evidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from openketamine.core.citation import Citation
from openketamine.core.monitoring.signal import Signal


class Priority(StrEnum):
    """How loudly a rule speaks. Urgent can be acknowledged, never muted."""

    INFO = "info"
    WARNING = "warning"
    URGENT = "urgent"


class Kind(StrEnum):
    """What an alarm is about: the person, or the means of watching."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class Direction(StrEnum):
    """On which side of its limit a signal is wrong."""

    ABOVE = "above"
    BELOW = "below"

    def beyond(self, value: float, limit: float, *, inclusive: bool) -> bool:
        """Say whether a value lies on the wrong side of a limit."""
        if value == limit:
            return inclusive
        return value > limit if self is Direction.ABOVE else value < limit


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A limit on one signal.

    Raised when the signal has been beyond `limit` for `hold_s` seconds and `readings` readings in a row (intermittent signals
    persist by readings); cleared by the first reading back at `clear` or better. A value sent again unchanged within `span_s`
    seconds of its last sending is the same reading.
    `despite` names a fact without which the rule says nothing; a fact that is not known counts as met. `stand_in` is the
    signal that is read instead when this one has been silent for `stand_in_after_s`. With `release_s`, what is pending ends only
    when the signal has been at `clear` or better for so many seconds, so that the noise of a monitor hides no danger.
    While a rule that `under` names is raised this one is not raised too: one cause is told once, by the rule that says most.
    One that is `latching` stays raised until the signal is back and somebody has acknowledged it.
    Raises ValueError when `clear` lies on the wrong side of `limit`.
    """

    id: str
    signal: Signal
    direction: Direction
    limit: float
    inclusive: bool
    clear: float
    hold_s: float
    readings: int
    span_s: float
    priority: Priority
    says: str
    cite: Citation
    despite: str = ""
    stand_in: Signal | None = None
    stand_in_after_s: float = 0.0
    release_s: float = 0.0
    under: tuple[str, ...] = ()
    latching: bool = False

    def __post_init__(self) -> None:
        if self.direction.beyond(self.clear, self.limit, inclusive=False):
            raise ValueError(
                f"{self.id}: clear level {self.clear:g} must lie on the quiet side of the limit {self.limit:g}"
            )
        if self.readings < 1 or self.hold_s < 0 or self.span_s < 0:
            raise ValueError(f"{self.id}: readings must be at least 1, hold and span not negative")

    kind = Kind.PHYSIOLOGICAL

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The signals whose readings concern this rule."""
        return (self.signal,) if self.stand_in is None else (self.signal, self.stand_in)


@dataclass(frozen=True, slots=True)
class RiseRule:
    """A limit on the rise of one signal over this person's own baseline, or on its fall below; without a baseline there is no rule."""

    id: str
    signal: Signal
    rise: float
    clear: float
    inclusive: bool
    hold_s: float
    readings: int
    priority: Priority
    says: str
    cite: Citation
    under: tuple[str, ...] = ()
    direction: Direction = Direction.ABOVE
    latching: bool = False

    def over(self, baseline: float) -> LimitRule:
        """Return the limit that this rise or fall means for a person with this baseline."""
        way = 1 if self.direction is Direction.ABOVE else -1
        return LimitRule(
            self.id, self.signal, self.direction, baseline + way * self.rise, self.inclusive, baseline + way * self.clear, self.hold_s,
            self.readings, 0.0, self.priority, f"{self.says} (baseline {baseline:g})", self.cite,
            under=self.under, latching=self.latching,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceRule:
    """A signal that has been read once must go on being read.

    Silence for `stale_s` seconds is an alarm; a device that sends more slowly than that is given its own interval and
    `grace_s`. With `every_s` the signal may be read at intervals, by a device or by hand: this is the one that is due while no
    device has an interval of its own. Where `off_s` is set, a device that says for so long that it has no value is not waited
    for any longer.
    Where the signal `beside` is still being read, the two disagree, and `says_beside` is said instead.
    """

    id: str
    signal: Signal
    stale_s: float
    priority: Priority
    says: str
    cite: Citation
    grace_s: float = 0.0
    off_s: float | None = None
    beside: Signal | None = None
    says_beside: str = ""
    every_s: float | None = None

    kind = Kind.TECHNICAL

    def due_every(self, due_s: Mapping[Signal, float]) -> Self:
        """Return this rule with the interval at which the signal is due to be read now; that of a stream stays."""
        return self if self.every_s is None else replace(self, every_s=due_s.get(self.signal, self.every_s))

    def patience_s(self, gaps_s: Sequence[float]) -> float:
        """Return how long silence may last, given the last intervals between the readings of a device."""
        return patience_s(gaps_s, due_s=self.every_s, grace_s=self.grace_s, stream_s=self.stale_s)

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The signals whose readings concern this rule."""
        return (self.signal,)


def patience_s(gaps_s: Sequence[float], *, due_s: float | None, grace_s: float, stream_s: float = 0.0) -> float:
    """Return how long a value counts, for its alarm and on its tile: the interval in force and its grace.

    That is the device's own interval where it is known, the second longest of the last: neither one that was missed nor a reading
    in between counts. Else it is the one that is due. Anything that sends faster than `stream_s` is a stream, and so is what has neither.
    """
    interval = sorted(gaps_s)[-2:][0] if gaps_s else due_s
    return stream_s if interval is None or interval < stream_s else interval + grace_s


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit whose first transgression asks for a second reading; what is raised clears at `clear`, or back within the limit."""

    signal: Signal
    direction: Direction
    limit: float
    inclusive: bool
    clear: float | None = None

    def __post_init__(self) -> None:
        if self.clear is not None and self.direction.beyond(self.clear, self.limit, inclusive=False):
            raise ValueError(
                f"clear level {self.clear:g} must lie on the quiet side of the limit {self.limit:g} of {self.signal}"
            )


@dataclass(frozen=True, slots=True)
class RecheckRule:
    """A pressure beyond any of its bounds must be read again: due after `due_s`, raised when `after_s` pass without.

    All numbers of one cuff measurement are one reading. With `after_s` 0 it is raised by a reading itself, the first or the one
    of so many `readings` in a row, and stays until a measurement whose numbers all lie within their bounds. Silence never clears.
    A value sent again unchanged within `span_s` seconds of its last sending is the same reading and ends no wait; numbers further
    apart than that are of two measurements. While a rule that `under` names is raised this one is not raised too.
    """

    id: str
    bounds: tuple[Bound, ...]
    due_s: float
    after_s: float
    kind: Kind
    priority: Priority
    says: str
    cite: Citation
    span_s: float = 0.0
    under: tuple[str, ...] = ()
    readings: int = 1
    latching: bool = False

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The signals whose readings concern this rule."""
        return tuple(bound.signal for bound in self.bounds)

    def beyond(self, signal: str, value: float) -> bool:
        """Say whether a value asks for a second reading."""
        return any(
            bound.signal == signal and bound.direction.beyond(value, bound.limit, inclusive=bound.inclusive)
            for bound in self.bounds
        )

    def unclear(self, signal: str, value: float) -> bool:
        """Say whether a value is not yet back at the clear level, where there is one."""
        return any(
            bound.signal == signal
            and bound.clear is not None
            and bound.direction.beyond(value, bound.clear, inclusive=False)
            for bound in self.bounds
        )


@dataclass(frozen=True, slots=True)
class CompositeRule:
    """So many vital signs at once for which a rule of at least one of `priorities` is raised. Two pressures are one vital sign."""

    id: str
    count: int
    priorities: frozenset[Priority]
    priority: Priority
    says: str
    cite: Citation

    kind = Kind.PHYSIOLOGICAL
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class DifferRule:
    """Two signals that tell of the same thing must agree: the rate of the ECG and the pulse of the probe.

    Raised when they have stood `limit` or further apart for `hold_s` seconds, both read within the last `fresh_s`; cleared by
    readings at most `clear` apart. Silence of one of them neither raises nor clears: that is a `SourceRule`.
    Raises ValueError when `clear` is above `limit`.
    """

    id: str
    signal: Signal
    beside: Signal
    limit: float
    clear: float
    hold_s: float
    fresh_s: float
    priority: Priority
    says: str
    cite: Citation

    kind = Kind.TECHNICAL

    def __post_init__(self) -> None:
        if self.clear > self.limit:
            raise ValueError(f"{self.id}: clear level {self.clear:g} must not be above the limit {self.limit:g}")

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The signals whose readings concern this rule."""
        return (self.signal, self.beside)


@dataclass(frozen=True, slots=True)
class NoRule:
    """A danger for which no number with a source exists: nothing is watched until the clinic sets one, and the screen says so.

    `unit` is that of the number; empty where a number alone makes no rule of it.
    """

    id: str
    signal: Signal
    direction: Direction
    says: str
    unit: str = ""


Rule = LimitRule | SourceRule | RecheckRule | CompositeRule | DifferRule


class Rules(tuple[Rule, ...]):
    """Rules, with those that concern a signal found at once: composite rules apart, because they look at the others.

    A rule comes after those it is under. Raises ValueError when two rules are under each other.
    """

    single: tuple[Rule, ...]
    composite: tuple[Rule, ...]
    latching: bool
    of: Mapping[Signal, tuple[Rule, ...]]

    def __new__(cls, rules: Iterable[Rule]) -> Self:
        """Sort rules by what they look at."""
        made = super().__new__(cls, rules)
        made.composite = tuple(one for one in made if isinstance(one, CompositeRule))
        made.single = _louder_first([one for one in made if not isinstance(one, CompositeRule)])
        made.latching = any(isinstance(one, LimitRule | RecheckRule) and one.latching for one in made)
        made.of = {signal: tuple(one for one in made.single if signal in one.signals) for signal in Signal}
        return made


def _louder_first(rules: list[Rule]) -> tuple[Rule, ...]:
    """Return rules in their order, but each after those it is under."""
    ordered, waiting = list[Rule](), rules
    while waiting:
        behind = {one.id for one in waiting}
        ready = [one for one in waiting if not behind & set(_under(one))]
        if not ready:
            raise ValueError(f"rules are under each other: {', '.join(sorted(behind))}")
        ordered += ready
        waiting = [one for one in waiting if one not in ready]
    return tuple(ordered)


def _under(rule: Rule) -> tuple[str, ...]:
    return rule.under if isinstance(rule, LimitRule | RecheckRule) else ()


def against(rules: Iterable[RiseRule], baseline: Mapping[Signal, float]) -> tuple[LimitRule, ...]:
    """Return the limits that rules on a rise mean for one person; a signal without a baseline has none."""
    return tuple(rule.over(baseline[rule.signal]) for rule in rules if rule.signal in baseline)
