"""A rule that latches stays raised until its signal is back and somebody has acknowledged it, in either order."""

from dataclasses import replace

from openketamine.core.monitoring.memory import RuleState
from openketamine.core.monitoring.rule import LimitRule, RecheckRule, Rule
from openketamine.core.monitoring.signal import Acknowledged, Input


def latched(rule: Rule, before: RuleState, after: RuleState, seen: Input) -> RuleState:
    """Return what a rule's memory becomes when it latches; `after` is what it would be otherwise."""
    if not isinstance(rule, LimitRule | RecheckRule) or not rule.latching or not before.raised:
        return after
    acknowledged = before.acknowledged or (isinstance(seen, Acknowledged) and seen.rule == rule.id)
    held = before.held if after is before else not after.raised
    raised = not (held and acknowledged)
    settled = (raised, held and raised, acknowledged and raised)
    if settled == (after.raised, after.held, after.acknowledged):
        return after
    return replace(after, raised=raised, held=settled[1], acknowledged=settled[2])
