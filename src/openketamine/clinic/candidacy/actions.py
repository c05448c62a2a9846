"""Recording facts, assessing them, signing the decision."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.candidacy.models import Choice, Decision, FactRow
from openketamine.clinic.people.models import Patient
from openketamine.core.candidacy.assess import Assessment, Summary, assess
from openketamine.core.candidacy.facts import Value
from openketamine.evidence.protocols import protocol

REASON_NEEDED = frozenset({Summary.ABSOLUTE, Summary.ASK, Summary.RELATIVE})


class UnreasonedError(ValueError):
    """A decision against the criteria needs its reason in words."""


@transaction.atomic
def record_facts(*, patient: Patient, facts: Mapping[str, Value | None], by: str, at: datetime) -> int:
    """Write the facts that changed; return how many."""
    known = facts_of(patient)
    changed = {code: value for code, value in facts.items() if code not in known or known[code] != value}
    for code, value in changed.items():
        FactRow(patient=patient, code=code, value=value, at=at, by=by).save()
    if changed:
        audit.record(by=by, at=at, action="facts recorded", patient=patient.reference, codes=sorted(changed))
    return len(changed)


def facts_of(patient: Patient) -> dict[str, Value | None]:
    """Return the newest answer of each question asked."""
    return dict(FactRow.objects.filter(patient=patient).order_by("pk").values_list("code", "value"))


def assessed(patient: Patient, name: str, on: date) -> Assessment:
    """Hold what is known of a person against a protocol."""
    return assess(protocol(name).rules, facts_of(patient), on)


@transaction.atomic
def decide(*, patient: Patient, name: str, choice: Choice, reason: str, by: str, at: datetime) -> Decision:
    """Sign a decision; raises UnreasonedError when it goes ahead against the criteria without a reason."""
    found = assessed(patient, name, at.date())
    if choice is Choice.TREAT and found.summary in REASON_NEEDED and not reason.strip():
        raise UnreasonedError(f"reason: is empty, and the criteria say {found.summary.value}. Write why you decide so")
    decision = Decision(
        patient=patient, protocol=name, protocol_sha256=texts.keep("protocols", name, at=at), facts=facts_of(patient),
        summary=found.summary.value, choice=choice, reason=reason.strip(), at=at, by=by,
        results=[[one.rule.id, one.outcome.value, one.message] for one in found.results],
    )  # fmt: skip
    decision.save()
    audit.record(by=by, at=at, action="candidacy decided", patient=patient.reference, choice=choice.value)
    return decision
