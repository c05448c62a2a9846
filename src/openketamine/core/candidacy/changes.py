"""What a clinic's own text of a protocol changes against another: tighter, looser, or looser than a source stands behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from openketamine.core.candidacy.rules import Comparator, Condition, Role, Rule, Weight
from openketamine.core.citation import Mark

SOURCED = frozenset({Mark.READ, Mark.TRANSCRIBED, Mark.DERIVED})
UPWARD = frozenset({Comparator.ABOVE, Comparator.AT_LEAST})


class Way(StrEnum):
    """Which way a change goes: whether the rule counts against fewer people than before."""

    TIGHTER = "tighter"
    LOOSER = "looser"
    LOOSER_THAN_SOURCE = "looser than its source"
    WORDS = "other words"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One change of one rule, in words, and which way it goes."""

    rule: str
    says: str
    way: Way

    def sentence(self) -> str:
        """Return the change in one line."""
        return f"{self.rule}: {self.says} ({self.way.value})"


def rule_changes(before: Sequence[Rule], after: Sequence[Rule]) -> tuple[RuleChange, ...]:
    """Return what changes from one list of rules to another; a rule that is not comparable any more counts as looser."""
    old, new = {rule.id: rule for rule in before}, {rule.id: rule for rule in after}
    gone = [_change(rule, "left out", looser=True) for id_, rule in old.items() if id_ not in new]
    added = [RuleChange(id_, "added", Way.TIGHTER) for id_ in new if id_ not in old]
    return (*gone, *added, *(one for id_, rule in old.items() if id_ in new for one in _of(rule, new[id_])))


def _of(old: Rule, new: Rule) -> list[RuleChange]:
    found = []
    if old.condition != new.condition or old.role is not new.role:
        says = f"{_shown(old.condition)} becomes {_shown(new.condition)}"
        found.append(_change(old, says, looser=_looser(old, new)))
    if old.weight is not new.weight:
        says = f"{old.weight.value} becomes {new.weight.value}"
        found.append(_change(old, says, looser=new.weight is Weight.RELATIVE))
    if old.applies_if != new.applies_if:
        found.append(_change(old, "is about other people than before", looser=True))
    if (old.criterion, old.says) != (new.criterion, new.says):
        found.append(RuleChange(old.id, "other words", Way.WORDS))
    return found


def _change(rule: Rule, says: str, *, looser: bool) -> RuleChange:
    if not looser:
        return RuleChange(rule.id, says, Way.TIGHTER)
    return RuleChange(rule.id, says, Way.LOOSER_THAN_SOURCE if rule.cite.mark in SOURCED else Way.LOOSER)


def _looser(old: Rule, new: Rule) -> bool:
    """Say whether the new rule counts against fewer values; what cannot be compared counts as looser."""
    before, after = old.condition, new.condition
    same = (before.fact.code, before.comparator, old.role) == (after.fact.code, after.comparator, new.role)
    if not same or isinstance(before.threshold, bool):
        return True
    if isinstance(before.threshold, tuple) and isinstance(after.threshold, tuple):
        words = set(before.threshold), set(after.threshold)
        return not (words[0] <= words[1] if old.role is Role.EXCLUSION else words[1] <= words[0])
    return _against_fewer(before, after, exclusion=old.role is Role.EXCLUSION)


def _against_fewer(before: Condition, after: Condition, *, exclusion: bool) -> bool:
    if isinstance(before.threshold, str | tuple) or isinstance(after.threshold, str | tuple):
        return True
    higher = after.threshold > before.threshold
    return higher == (exclusion == (before.comparator in UPWARD))


def _shown(condition: Condition) -> str:
    threshold = condition.threshold
    words = " or ".join(threshold) if isinstance(threshold, tuple) else f"{threshold}"
    return f"{condition.fact.code} {condition.comparator.value} {words}"
