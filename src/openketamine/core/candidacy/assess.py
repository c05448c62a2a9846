"""Rules against facts: each rule's outcome with its reason, a summary, and what to ask. The decision is the clinician's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openketamine.core.candidacy.facts import Fact, FactError, Value
from openketamine.core.candidacy.rules import Known, Role, Rule, Weight


class Outcome(StrEnum):
    """What one rule says."""

    PASS = "pass"  # noqa: S105 - a word, no secret
    RELATIVE = "relative"
    ABSOLUTE = "absolute"
    ASK = "ask"


class Summary(StrEnum):
    """What all rules together say; the gravest word wins: absolute, ask, relative, include."""

    INCLUDE = "include"
    RELATIVE = "relative"
    ABSOLUTE = "absolute"
    ASK = "ask"


WORDS = {
    Outcome.PASS: "met",
    Outcome.RELATIVE: "caution",
    Outcome.ABSOLUTE: "exclusion criterion present",
    Outcome.ASK: "not known",
}
GRAVEST_FIRST = (Outcome.ABSOLUTE, Outcome.ASK, Outcome.RELATIVE)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule says about this person, and why. `asks` names the fact that is missing."""

    rule: Rule
    outcome: Outcome
    value: Value | None
    message: str
    asks: str | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """Every rule's result, in the order of the rules, their summary, and the facts to ask: what resolves most comes first."""

    summary: Summary
    results: tuple[RuleResult, ...]
    ask: tuple[str, ...]


def assess(rules: Sequence[Rule], facts: Mapping[str, object], on: date | None = None) -> Assessment:
    """Hold facts against rules; an unknown fact asks, never passes.

    `on` is the day from which facts given as dates are counted. Raises FactError for a code that no rule uses and for a value that
    is not one of its fact's.
    """
    known = read_facts(asked_by(rules), facts, on)
    results = tuple(judge(rule, known) for rule in rules)
    return Assessment(summary(results), results, asked_first(results))


def asked_first(results: Sequence[RuleResult]) -> tuple[str, ...]:
    """Return the facts that rules wait for: first what most exclusions wait for, then what most rules wait for, then as written."""
    waiting = [one for one in results if one.asks]
    absolute = Counter(one.asks for one in waiting if one.rule.weight is Weight.ABSOLUTE)
    every = Counter(one.asks for one in waiting)
    facts = dict.fromkeys(one.asks for one in waiting if one.asks)
    return tuple(sorted(facts, key=lambda code: (-absolute[code], -every[code])))


def asked_by(rules: Sequence[Rule]) -> tuple[Fact, ...]:
    """Return the facts that these rules look at, each once, in the order in which they are asked."""
    return tuple({fact.code: fact for rule in rules for fact in rule.facts}.values())


def read_facts(asked: Sequence[Fact], given: Mapping[str, object], on: date | None) -> dict[str, Value | None]:
    """Return what was given as values of the facts asked; raises FactError for a code nobody asks, or a value that cannot be."""
    by_code = {fact.code: fact for fact in asked}
    for code in given:
        if code not in by_code:
            raise FactError(f"{code}: unknown fact")
    return {code: by_code[code].read(value, on) for code, value in given.items()}


def judge(rule: Rule, known: Known) -> RuleResult:
    """Hold one rule against known facts.

    An exclusion whose own fact counts against is never hidden by `applies_if`: two facts that contradict each other keep the caution.
    """
    against, applies = rule.against(known), rule.applies(known)
    if against and (applies or rule.role is Role.EXCLUSION):
        return _result(rule, known, Outcome(rule.weight), rule.says)
    if applies is False:
        return _result(rule, known, Outcome.PASS, f"does not apply to this person ({rule.criterion})")
    unknown = [fact for fact in rule.facts if known.get(fact.code) is None]
    if unknown:
        return _result(rule, known, Outcome.ASK, unknown[0].question, unknown[0].code)
    return _result(rule, known, Outcome.PASS, rule.criterion)


def summary(results: Sequence[RuleResult]) -> Summary:
    """Return the gravest outcome of all results; no rule counting against and none asking is `include`."""
    found = {result.outcome for result in results}
    return next((Summary(outcome) for outcome in GRAVEST_FIRST if outcome in found), Summary.INCLUDE)


def _result(rule: Rule, known: Known, outcome: Outcome, because: str, asks: str | None = None) -> RuleResult:
    return RuleResult(rule, outcome, known.get(rule.condition.fact.code), f"{WORDS[outcome]}: {because}", asks)
