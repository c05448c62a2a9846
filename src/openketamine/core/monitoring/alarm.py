"""The alarm machine. `step` is the only way that state changes; the bedside and the replay of a tape run the same function."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, assert_never

from openketamine.core.monitoring.rule import Kind, LimitRule, Priority, Rule, SourceRule
from openketamine.core.monitoring.signal import Input, Reading, Signal, Tick


class Transition(StrEnum):
    """What happened to a rule."""

    RAISED = "raised"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class RuleState:
    """One rule's memory: since when and for how many readings it is wrong, whether it is raised, when it was last read."""

    since_s: float | None = None
    last_wrong_s: float | None = None
    count: int = 0
    raised: bool = False
    last_value: float | None = None
    last_read_s: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A rule was raised or cleared, with the value that did it and the words for a person."""

    at_s: float
    rule: str
    signal: Signal
    kind: Kind
    priority: Priority
    state: Transition
    value: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Watch:
    """The memory of all rules of one person on one chair."""

    states: Mapping[str, RuleState] = field(default_factory=dict)


def step(rules: Iterable[Rule], watch: Watch, seen: Input) -> tuple[Watch, tuple[Event, ...]]:
    """Return the memory after one input and the events it caused. A rule that cannot be evaluated stops no other."""
    states, events = dict(watch.states), list[Event]()
    for rule in rules:
        before = states.get(rule.id, RuleState())
        after = advance(rule, before, seen)
        states[rule.id] = after
        if after.raised != before.raised:
            events.append(_event(rule, after, seen.at_s))
    return Watch(states), tuple(events)


def advance(rule: Rule, state: RuleState, seen: Input) -> RuleState:
    """Return one rule's memory after one input."""
    match rule:
        case LimitRule():
            return _limit(rule, state, seen)
        case SourceRule():
            return _source(rule, state, seen)
        case _:
            assert_never(rule)


def _limit(rule: LimitRule, state: RuleState, seen: Input) -> RuleState:
    if isinstance(seen, Tick) or seen.signal is not rule.signal or seen.value is None:
        return _persisted(rule, state, seen.at_s)
    if rule.direction.beyond(seen.value, rule.limit, inclusive=rule.inclusive):
        since = seen.at_s if state.since_s is None else state.since_s
        wrong = replace(state, since_s=since, last_wrong_s=seen.at_s, count=state.count + 1, last_value=seen.value)
        return _persisted(rule, wrong, seen.at_s)
    return _recovering(rule, state, seen)


def _recovering(rule: LimitRule, state: RuleState, seen: Reading) -> RuleState:
    """End what was pending; what is raised stays so until the clear level is reached."""
    quiet = RuleState(last_value=seen.value)
    still = state.raised and seen.value is not None and rule.direction.beyond(seen.value, rule.clear, inclusive=False)
    return replace(quiet, raised=True) if still else quiet


def _persisted(rule: LimitRule, state: RuleState, at_s: float) -> RuleState:
    """Raise what has been wrong long enough: seconds of hold, readings in a row, and the span between them."""
    if state.raised or state.since_s is None or state.last_wrong_s is None:
        return state
    long_enough = at_s - state.since_s >= rule.hold_s and state.last_wrong_s - state.since_s >= rule.span_s
    return replace(state, raised=long_enough and state.count >= rule.readings)


def _source(rule: SourceRule, state: RuleState, seen: Input) -> RuleState:
    if isinstance(seen, Reading) and seen.signal is rule.signal and seen.value is not None:
        return RuleState(last_read_s=seen.at_s, last_value=seen.value)
    silent = state.last_read_s is not None and seen.at_s - state.last_read_s > rule.stale_s
    return replace(state, raised=True) if silent else state


def _event(rule: Rule, after: RuleState, at_s: float) -> Event:
    transition = Transition.RAISED if after.raised else Transition.CLEARED
    value = None if isinstance(rule, SourceRule) and after.raised else after.last_value
    words = rule.says if after.raised else f"back within {rule.id}"
    return Event(at_s, rule.id, rule.signal, rule.kind, rule.priority, transition, value, words)


def to_plain(watch: Watch) -> dict[str, Any]:
    """Return the memory as plain JSON, for the row that keeps it."""
    names = RuleState.__slots__
    return {rule: {name: getattr(state, name) for name in names} for rule, state in watch.states.items()}


def from_plain(row: Mapping[str, Any]) -> Watch:
    """Return the memory from plain JSON."""
    return Watch({rule: RuleState(**state) for rule, state in row.items()})
