"""Recorded values that meet a rule which proposes a finding: shown on the plan with its words; a clinician opens the finding, or does not."""

from dataclasses import dataclass
from datetime import date

from openketamine.clinic.candidacy.criteria import shown_value
from openketamine.clinic.candidacy.known import KnownFact, known_of
from openketamine.clinic.people.models import Finding, Patient
from openketamine.core.candidacy.rules import Rule
from openketamine.evidence import measured
from openketamine.evidence.protocols import protocol

COMMON = "depression_iv_racemic"
"""The protocol whose shared part about the body holds the rules; every protocol includes the same."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A finding that a recorded value proposes: its code, the rule, the value with its day, and the source of the rule."""

    code: str
    rule: Rule
    value: str
    observed_on: date
    source: str

    @property
    def says(self) -> str:
        """The words that the finding would carry."""
        return f"{self.rule.says}: {self.value} ({self.source}, {self.observed_on:%Y-%m-%d})"[:250]


def proposed(patient: Patient, on: date) -> list[Proposed]:
    """Return what recorded values propose; a finding of the same kind opened since that day has answered it."""
    rules = {rule.id: rule for rule in protocol(COMMON).rules}
    wanted = [(rules[one.rule], one) for one in measured.proposals()]
    known = known_of(patient, [rule.condition.fact for rule, _one in wanted], on)
    found = []
    for rule, one in wanted:
        fact = known.get(rule.condition.fact.code)
        if fact is None or not _against(rule, fact, one.only) or _answered(patient, one.finding, fact.observed_on):
            continue
        value = shown_value(rule.condition.fact, fact, on)
        found.append(Proposed(one.finding, rule, value, fact.observed_on, fact.source))
    return found


def _against(rule: Rule, fact: KnownFact, only: tuple[str, ...]) -> bool:
    if only and fact.value not in only:
        return False
    return bool(rule.against({rule.condition.fact.code: fact.value}))


def _answered(patient: Patient, code: str, since: date) -> bool:
    return Finding.objects.filter(patient=patient, code=code, opened_at__date__gte=since).exists()
