"""The criteria page as plain values: each rule with the patient's value, threshold, source, grade, who set it, who disagrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openketamine.clinic.candidacy.known import KnownFact, known_facts, values
from openketamine.clinic.candidacy.standing import Standing, standing
from openketamine.clinic.people.models import Patient
from openketamine.clinic.ui.templatetags.units import spoken
from openketamine.core.candidacy.assess import GRAVEST_FIRST, WORDS, Assessment, Outcome, RuleResult, assess
from openketamine.core.candidacy.facts import Fact, Value
from openketamine.core.candidacy.rules import Condition
from openketamine.core.citation import Citation, Source
from openketamine.evidence import load

SHOWN_FIRST = 8
NOT_ASKED, NOT_KNOWN = gettext_lazy("not asked"), gettext_lazy("asked, not known")
NOT_ABOUT = "does not apply"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One rule as it is shown."""

    result: RuleResult
    value: str
    known: KnownFact | None
    threshold: str
    source: Source
    disagrees: tuple[tuple[str, Source], ...]

    @property
    def message(self) -> str:
        """What the rule says, in the reader's language."""
        rule, outcome = self.result.rule, self.result.outcome
        if outcome is Outcome.ASK:
            asked = next((fact.question for fact in rule.facts if fact.code == self.result.asks), "")
            because = _(asked) if asked else ""
        elif outcome is Outcome.PASS and NOT_ABOUT in self.result.message:
            because = _("does not apply to this person (%(criterion)s)") % {"criterion": _(rule.criterion)}
        else:
            because = _(rule.criterion if outcome is Outcome.PASS else rule.says)
        return f"{_(WORDS[outcome])}: {because}"

    @property
    def cite(self) -> Citation:
        """Where the threshold comes from."""
        return self.result.rule.cite


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the criteria page shows of one person under one protocol."""

    standing: Standing
    assessment: Assessment
    known: Mapping[str, KnownFact]
    criteria: Mapping[Outcome, tuple[Criterion, ...]]
    asked_first: tuple[Fact, ...]
    asked_then: tuple[Fact, ...]

    @property
    def summary(self) -> str:
        """What all rules together say, in words."""
        word = self.assessment.summary.value
        return _("all criteria met") if word == "include" else _(WORDS[Outcome(word)])

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The criteria by outcome, the gravest first, those met last."""
        order = (*GRAVEST_FIRST, Outcome.PASS)
        return [
            {"word": _(WORDS[one]), "id": one.value, "rows": self.criteria[one]} for one in order if self.criteria[one]
        ]


def page(patient: Patient, name: str, at: datetime) -> Page:
    """Hold a person against a protocol and put every rule into words."""
    stands, on = standing(name), timezone.localdate(at)
    rules = stands.protocol
    known = known_facts(patient, rules, on)
    found = assess(rules.rules, values(known), on)
    shown = [_criterion(one, known, on) for one in found.results]
    by_outcome = {each: tuple(one for one in shown if one.result.outcome is each) for each in Outcome}
    facts = {fact.code: fact for fact in rules.facts}
    ask = tuple(facts[code] for code in found.ask)
    return Page(stands, found, known, by_outcome, ask[:SHOWN_FIRST], ask[SHOWN_FIRST:])


def shown_value(fact: Fact, one: KnownFact | None, on: date) -> str:
    """Return a value in words with its unit; what is not known says so."""
    if one is None:
        return str(NOT_ASKED)
    value = fact.read(one.value, on)
    return str(NOT_KNOWN) if value is None else _words(value, fact.unit)


def _criterion(result: RuleResult, known: Mapping[str, KnownFact], on: date) -> Criterion:
    rule = result.rule
    fact = rule.condition.fact
    others = tuple((_(one.says), load.sources()[one.cite.source]) for one in rule.disagrees)
    return Criterion(
        result, shown_value(fact, known.get(fact.code), on), known.get(fact.code), _threshold(rule.condition),
        load.sources()[rule.cite.source], others,
    )  # fmt: skip


def _threshold(condition: Condition) -> str:
    if isinstance(condition.threshold, tuple):
        return _(" or ").join(_(word).replace("_", " ") for word in condition.threshold)
    comparator = "" if condition.comparator.value == "is" else f"{condition.comparator.value} "
    return comparator + _words(condition.threshold, condition.fact.unit)


def _words(value: Value, unit: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return _(value).replace("_", " ")
    return f"{value:g} {spoken(unit)}".strip()
