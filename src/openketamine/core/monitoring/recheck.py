"""A pressure is one vital sign: the numbers of one cuff measurement are judged together, whichever of them is beyond its bound."""

from dataclasses import replace

from openketamine.core.monitoring.memory import Part, RuleState
from openketamine.core.monitoring.rule import RecheckRule
from openketamine.core.monitoring.signal import Input, Reading


def rechecked(rule: RecheckRule, state: RuleState, seen: Input, *, covered: bool) -> RuleState:
    """Return the memory after one input; `covered` says that a rule that says more about the same cause is raised."""
    if isinstance(seen, Reading) and seen.value is not None and not _ends_only(rule, seen):
        state = _read(rule, state, seen.signal.value, seen.value, seen.at_s)
    waited = state.since_s is not None and seen.at_s - state.since_s >= rule.after_s
    due = waited and state.count >= rule.readings and not state.raised and not covered
    return replace(state, raised=True) if due else state


def _ends_only(rule: RecheckRule, seen: Reading) -> bool:
    return seen.late and seen.value is not None and not rule.beyond(seen.signal.value, seen.value)


def _read(rule: RecheckRule, state: RuleState, signal: str, value: float, at_s: float) -> RuleState:
    """Take one number of a cuff; the last one sent again, the same value within a short time, is no new reading."""
    parts = {one.signal: one for one in state.parts}
    last = parts.get(signal)
    if last is not None and last.value == value and at_s - last.sent_s < rule.span_s:
        parts[signal] = last._replace(sent_s=at_s)
        return replace(state, parts=tuple(parts.values()))
    begun_s = at_s if _begins(rule, state, last, at_s) else state.begun_s
    parts[signal] = Part(signal, value, at_s, at_s)
    state = replace(state, parts=tuple(parts.values()), begun_s=begun_s)
    return _wrong(rule, state, parts[signal]) if rule.beyond(signal, value) else _right(rule, state)


def _begins(rule: RecheckRule, state: RuleState, last: Part | None, at_s: float) -> bool:
    """Say whether a number begins a new measurement: that of before has this number already, or is too long ago."""
    if state.begun_s is None or at_s - state.begun_s > rule.span_s:
        return True
    return last is not None and last.at_s >= state.begun_s


def _wrong(rule: RecheckRule, state: RuleState, part: Part) -> RuleState:
    """Count a measurement once, and begin to wait for the next."""
    if state.since_s is not None and state.begun_s is not None and state.since_s >= state.begun_s:
        return state
    raised = state.raised and rule.after_s == 0
    return replace(
        state, since_s=part.at_s, count=state.count + 1, raised=raised, last_value=part.value, signal=part.signal
    )


def _right(rule: RecheckRule, state: RuleState) -> RuleState:
    """End what was pending once each number that this cuff sends has been read again and none is beyond."""
    begun_s = state.begun_s or 0.0
    if any(one.at_s < begun_s or rule.beyond(one.signal, one.value) for one in state.parts):
        return state
    shown = next((one.value for one in state.parts if one.signal == state.signal), None)
    still = state.raised and any(rule.unclear(one.signal, one.value) for one in state.parts)
    return RuleState(raised=still, last_value=shown, signal=state.signal, parts=state.parts, begun_s=state.begun_s)
