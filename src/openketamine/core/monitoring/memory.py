"""What the alarm machine remembers of each rule, and how that is written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Part(NamedTuple):
    """One number of a cuff: its signal, its value, when it was measured, when it was sent last."""

    signal: str
    value: float
    at_s: float
    sent_s: float


@dataclass(frozen=True, slots=True)
class RuleState:
    """One rule's memory: since when and for how many readings it is wrong, whether it is raised, when it was last read.

    `signal` is the one of several that did it; `none_since_s` is since when a device says that it has no value; `gaps_s` are
    the last intervals between readings; `quiet_s` is since when a pending value is back; `fault` says that the rule could not be
    evaluated. `other_value` and `other_s` are the last reading of the signal that must agree. `parts` are the last numbers of a
    cuff, of which those measured from `begun_s` on are one measurement. `sent_s` is when a device sent last. Of a rule that latches
    `held` says that the signal is back, `acknowledged` that somebody has seen the alarm.
    """

    since_s: float | None = None
    last_wrong_s: float | None = None
    count: int = 0
    raised: bool = False
    last_value: float | None = None
    last_read_s: float | None = None
    signal: str | None = None
    none_since_s: float | None = None
    gaps_s: tuple[float, ...] = ()
    quiet_s: float | None = None
    fault: bool = False
    other_value: float | None = None
    other_s: float | None = None
    parts: tuple[Part, ...] = ()
    begun_s: float | None = None
    sent_s: float | None = None
    held: bool = False
    acknowledged: bool = False


FRESH = RuleState()
USUAL = tuple((name, getattr(FRESH, name)) for name in RuleState.__slots__)


@dataclass(frozen=True, slots=True)
class Watch:
    """The memory of all rules of one person on one chair; when each signal was last read; what is known of the person."""

    states: Mapping[str, RuleState] = field(default_factory=dict)
    read_s: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, bool | None] = field(default_factory=dict)


NOTHING_YET = Watch()


def to_plain(watch: Watch) -> dict[str, Any]:
    """Return the memory as plain JSON, for the row that keeps it; what is as it was at the start is left out."""
    states = {rule: _changed(state) for rule, state in watch.states.items() if state != FRESH}
    return {"states": states, "read_s": dict(watch.read_s), "facts": dict(watch.facts)}


def from_plain(row: Mapping[str, Any]) -> Watch:
    """Return the memory from plain JSON, also as earlier versions wrote it (the states alone)."""
    states = row.get("states", {name: state for name, state in row.items() if name not in {"read_s", "facts"}})
    return Watch({name: _state(state) for name, state in states.items()}, row.get("read_s", {}), row.get("facts", {}))


def _changed(state: RuleState) -> dict[str, Any]:
    return {name: value for name, usual in USUAL if (value := getattr(state, name)) != usual}


def _state(row: Mapping[str, Any]) -> RuleState:
    if "gaps_s" in row or "parts" in row:
        parts = tuple(Part(*one) for one in row.get("parts", ()))
        return RuleState(**{**row, "gaps_s": tuple(row.get("gaps_s", ())), "parts": parts})
    return RuleState(**row)
