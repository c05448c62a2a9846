"""The alarm machine. `step` is the only way that state changes; the bedside and the replay of a tape run the same function."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import assert_never

from openketamine.core.monitoring.latch import latched
from openketamine.core.monitoring.memory import FRESH, NOTHING_YET, RuleState, Watch
from openketamine.core.monitoring.recheck import rechecked
from openketamine.core.monitoring.rule import (
    CompositeRule,
    DifferRule,
    Kind,
    LimitRule,
    Priority,
    RecheckRule,
    Rule,
    Rules,
    SourceRule,
)
from openketamine.core.monitoring.signal import Fact, Input, Reading, Signal

REMEMBERED_GAPS = 4
FAULT = "_fault"


class Transition(StrEnum):
    """What happened to a rule."""

    RAISED = "raised"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Event:
    """A rule was raised or cleared, with the value that did it and the words for a person."""

    at_s: float
    rule: str
    signal: Signal | None
    kind: Kind
    priority: Priority
    state: Transition
    value: float | None
    reason: str


Advance = Callable[[Rule, RuleState, Input], RuleState]


def step(
    rules: Iterable[Rule], watch: Watch, seen: Input, using: Advance | None = None
) -> tuple[Watch, tuple[Event, ...]]:
    """Return the memory after one input and the events it caused.

    A rule that cannot be evaluated is a technical alarm of its own, keeps its memory and stops no other. `using` replaces
    the evaluation of single rules; tests break it.
    """
    facts, read_s = watch.facts, watch.read_s
    if isinstance(seen, Fact):
        facts = {**facts, seen.name: seen.holds}
    if isinstance(seen, Reading) and seen.value is not None:
        read_s = {**read_s, seen.signal.value: max(seen.at_s, read_s.get(seen.signal.value, seen.at_s))}
    states, events = dict(watch.states), list[Event]()
    watch, ruled = Watch(states, read_s, facts), rules if isinstance(rules, Rules) else Rules(rules)
    evaluate = using or partial(advance, watch=watch)
    for rule in ruled.of[seen.signal] if isinstance(seen, Reading) else ruled.single:
        events += _evaluated(rule, states, seen, evaluate, read_s)
    for rule in ruled.composite:
        events += _evaluated(rule, states, seen, partial(_composite, rules=ruled, states=states), read_s)
    return watch, tuple(events)


def _evaluated(
    rule: Rule, states: dict[str, RuleState], seen: Input, evaluate: Advance, read_s: Mapping[str, float]
) -> Sequence[Event]:
    """Take one rule one input further; return what there is to say of it."""
    before = states.get(rule.id, FRESH)
    try:
        after = latched(rule, before, evaluate(rule, before, seen), seen)
        if after.fault:
            after = replace(after, fault=False)
    except Exception:  # noqa: BLE001 - a rule that throws must say so and stop no other
        after = replace(before, fault=True)
    if after is before:
        return ()
    states[rule.id] = after
    events = [_event(rule, after, seen.at_s, read_s)] if after.raised != before.raised else []
    return [*events, _fault(rule, after, seen.at_s)] if after.fault != before.fault else events


def advance(rule: Rule, state: RuleState, seen: Input, watch: Watch = NOTHING_YET) -> RuleState:
    """Return one rule's memory after one input."""
    if isinstance(seen, Reading) and seen.by_hand and _of_devices(rule):
        return state
    match rule:
        case LimitRule():
            return _limit(rule, state, seen, watch)
        case SourceRule():
            return _source(rule, state, seen)
        case RecheckRule():
            return rechecked(rule, state, seen, covered=_covered(rule, watch))
        case DifferRule():
            return _differ(rule, state, seen)
        case CompositeRule():
            return state
        case _:
            assert_never(rule)


def _of_devices(rule: Rule) -> bool:
    """Say whether a rule is about devices alone, so that what somebody has read says nothing to it."""
    return isinstance(rule, DifferRule) or (isinstance(rule, SourceRule) and rule.every_s is None)


def _limit(rule: LimitRule, state: RuleState, seen: Input, watch: Watch) -> RuleState:
    if rule.despite and watch.facts.get(rule.despite) is False:
        return RuleState(last_value=state.last_value)
    if not isinstance(seen, Reading) or seen.value is None or not _listens(rule, seen, watch):
        return _persisted(rule, state, seen.at_s, watch)
    if rule.direction.beyond(seen.value, rule.limit, inclusive=rule.inclusive):
        since = seen.at_s if state.since_s is None else state.since_s
        count = state.count + (not _again(state, seen, rule.span_s))
        wrong = replace(
            state,
            since_s=since,
            last_wrong_s=seen.at_s,
            count=count,
            last_value=seen.value,
            signal=seen.signal.value,
            quiet_s=None,
        )
        return _persisted(rule, wrong, seen.at_s, watch)
    return state if seen.late else _recovering(rule, state, seen)


def _listens(rule: LimitRule, seen: Reading, watch: Watch) -> bool:
    """A stand-in is heard while the signal itself is silent."""
    if seen.signal is rule.signal:
        return True
    last = watch.read_s.get(rule.signal.value)
    return last is None or seen.at_s - last >= rule.stand_in_after_s


def _again(state: RuleState, seen: Reading, span_s: float) -> bool:
    """Say whether a reading is the last one sent again: the same value of the same signal, within a short time."""
    same = seen.value == state.last_value and state.signal == seen.signal.value
    return same and state.last_wrong_s is not None and seen.at_s - state.last_wrong_s < span_s


def _recovering(rule: LimitRule, state: RuleState, seen: Reading) -> RuleState:
    """End what was pending; what is raised stays so until the clear level is reached."""
    if rule.release_s > 0 and state.since_s is not None and not state.raised:
        return _releasing(rule, state, seen)
    quiet = RuleState(last_value=seen.value, signal=seen.signal.value)
    still = state.raised and seen.value is not None and rule.direction.beyond(seen.value, rule.clear, inclusive=False)
    return replace(quiet, raised=True) if still else quiet


def _releasing(rule: LimitRule, state: RuleState, seen: Reading) -> RuleState:
    """Keep what is pending through single good values; end it when they last."""
    if seen.value is None or rule.direction.beyond(seen.value, rule.clear, inclusive=False):
        return replace(state, last_value=seen.value, quiet_s=None)
    quiet_s = seen.at_s if state.quiet_s is None else state.quiet_s
    if seen.at_s - quiet_s >= rule.release_s:
        return RuleState(last_value=seen.value, signal=seen.signal.value)
    return replace(state, last_value=seen.value, quiet_s=quiet_s)


def _covered(rule: LimitRule | RecheckRule, watch: Watch) -> bool:
    """Say whether a rule that says more about the same cause is raised."""
    return any(watch.states.get(name, FRESH).raised for name in rule.under)


def _persisted(rule: LimitRule, state: RuleState, at_s: float, watch: Watch) -> RuleState:
    """Raise what has been wrong long enough, seconds of hold and readings in a row, unless its cause has been told."""
    if state.raised or state.since_s is None or state.quiet_s is not None or _covered(rule, watch):
        return state
    long_enough = at_s - state.since_s >= rule.hold_s
    return replace(state, raised=True) if long_enough and state.count >= rule.readings else state


def _source(rule: SourceRule, state: RuleState, seen: Input) -> RuleState:
    if isinstance(seen, Reading) and seen.value is not None:
        return _read(state, seen, seen.value)
    if isinstance(seen, Reading) and state.none_since_s is None:
        state = replace(state, none_since_s=seen.at_s)
    if state.raised or state.last_read_s is None:
        return state
    off = rule.off_s is not None and state.none_since_s is not None and seen.at_s - state.none_since_s >= rule.off_s
    silent = seen.at_s - state.last_read_s >= rule.patience_s(state.gaps_s)
    return replace(state, raised=True) if off or silent else state


def _read(state: RuleState, seen: Reading, value: float) -> RuleState:
    """Remember a reading, and between two of a device the interval; what is read by hand ends silence and is no interval."""
    gap = () if seen.by_hand or state.sent_s is None or state.sent_s == seen.at_s else (seen.at_s - state.sent_s,)
    gaps, sent_s = (*state.gaps_s, *gap)[-REMEMBERED_GAPS:], state.sent_s if seen.by_hand else seen.at_s
    last_read_s = seen.at_s if state.last_read_s is None else max(seen.at_s, state.last_read_s)
    return RuleState(last_read_s=last_read_s, last_value=value, gaps_s=gaps, sent_s=sent_s)


def _differ(rule: DifferRule, state: RuleState, seen: Input) -> RuleState:
    if isinstance(seen, Reading) and seen.signal is rule.signal:
        state = replace(state, last_value=seen.value, last_read_s=seen.at_s)
    elif isinstance(seen, Reading):
        state = replace(state, other_value=seen.value, other_s=seen.at_s)
    apart = _apart(rule, state, seen.at_s)
    if apart is None or apart < rule.limit:
        agree = apart is not None and apart <= rule.clear
        raised = state.raised and not agree
        return (
            state if state.since_s is None and raised == state.raised else replace(state, since_s=None, raised=raised)
        )
    since_s = seen.at_s if state.since_s is None else state.since_s
    raised = state.raised or seen.at_s - since_s >= rule.hold_s
    same = since_s == state.since_s and raised == state.raised
    return state if same else replace(state, since_s=since_s, raised=raised)


def _apart(rule: DifferRule, state: RuleState, at_s: float) -> float | None:
    """Return how far the two signals stand apart; None while one of them is silent or says that it has no value."""
    if state.last_value is None or state.last_read_s is None or state.other_value is None or state.other_s is None:
        return None
    fresh = at_s - min(state.last_read_s, state.other_s) <= rule.fresh_s
    return abs(state.last_value - state.other_value) if fresh else None


def _composite(
    rule: Rule, state: RuleState, _seen: Input, *, rules: Iterable[Rule], states: Mapping[str, RuleState]
) -> RuleState:
    if not isinstance(rule, CompositeRule):
        return state
    raised = (one for one in rules if isinstance(one, LimitRule) and states.get(one.id, FRESH).raised)
    signs = {one.signal.sign for one in raised if one.priority in rule.priorities}
    return RuleState(raised=len(signs) >= rule.count, count=len(signs))


def _event(rule: Rule, after: RuleState, at_s: float, read_s: Mapping[str, float]) -> Event:
    transition = Transition.RAISED if after.raised else Transition.CLEARED
    without = isinstance(rule, CompositeRule) or (rule.kind is Kind.TECHNICAL and after.raised)
    words = _says(rule, at_s, read_s) if after.raised else f"no longer meets rule {rule.id}"
    value = None if without else after.last_value
    return Event(at_s, rule.id, _signal(rule, after), rule.kind, rule.priority, transition, value, words)


def _says(rule: Rule, at_s: float, read_s: Mapping[str, float]) -> str:
    """Return a rule's words; those for a signal that is lost while the one beside it is still read say so."""
    if not isinstance(rule, SourceRule) or rule.beside is None:
        return rule.says
    last = read_s.get(rule.beside.value)
    return rule.says_beside if last is not None and at_s - last < rule.stale_s else rule.says


def _fault(rule: Rule, after: RuleState, at_s: float) -> Event:
    transition = Transition.RAISED if after.fault else Transition.CLEARED
    words = (
        f"rule {rule.id} {'cannot be evaluated: its signal is not watched' if after.fault else 'is evaluated again'}"
    )
    return Event(at_s, rule.id + FAULT, _signal(rule, after), Kind.TECHNICAL, rule.priority, transition, None, words)


def _signal(rule: Rule, after: RuleState) -> Signal | None:
    """Return the signal of a rule, or the one of several that did it."""
    if isinstance(rule, CompositeRule):
        return None
    return Signal(after.signal) if after.signal else rule.signals[0]
