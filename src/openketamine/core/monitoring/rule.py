"""Alarm rules: what is wrong, for how long, and when it is right again. Values only; numbers come from evidence."""

from dataclasses import dataclass
from enum import StrEnum

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

    Raised when the signal has been beyond `limit` for `hold_s` seconds and `readings` readings in a row that span at least
    `span_s` seconds (intermittent signals persist by readings); cleared by the first reading back at `clear` or better.
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

    def __post_init__(self) -> None:
        if self.direction.beyond(self.clear, self.limit, inclusive=False):
            raise ValueError(
                f"{self.id}: clear level {self.clear:g} must lie on the quiet side of the limit {self.limit:g}"
            )
        if self.readings < 1 or self.hold_s < 0 or self.span_s < 0:
            raise ValueError(f"{self.id}: readings must be at least 1, hold and span not negative")

    kind = Kind.PHYSIOLOGICAL


@dataclass(frozen=True, slots=True)
class SourceRule:
    """A signal that has been read once must go on being read: silence longer than `stale_s` seconds is an alarm."""

    id: str
    signal: Signal
    stale_s: float
    priority: Priority
    says: str
    cite: Citation

    kind = Kind.TECHNICAL


Rule = LimitRule | SourceRule
