"""Holding a person against a protocol, signing the decision, and computing an old one again from the text it used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.candidacy.known import known_facts, values
from openketamine.clinic.candidacy.models import Choice, Decision, OverridePolicy, Second
from openketamine.clinic.candidacy.standing import in_force, text_in_force
from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.candidacy.assess import Assessment, Outcome, Summary, assess
from openketamine.evidence.protocols import parse_protocol

REASON_NEEDED = frozenset({Summary.ABSOLUTE, Summary.ASK, Summary.RELATIVE})


class DecisionError(ValueError):
    """A decision cannot be signed so; the message says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """How a second person stands behind the decision, and who."""

    how: Second = Second.NONE
    who: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the clinic asks of a decision against an exclusion criterion."""

    ways: tuple[Second, ...]
    review_days: int | None


STRICTEST = Policy((Second.ON_SITE,), None)


def policy() -> Policy:
    """Return what this clinic asks; until it has said so, a second person on site."""
    row = OverridePolicy.objects.last()
    return Policy(tuple(Second(way) for way in row.ways), row.review_days) if row else STRICTEST


def assessed(patient: Patient, name: str, on: date) -> Assessment:
    """Hold what is known of a person against a protocol."""
    found = in_force(name)
    return assess(found.rules, values(known_facts(patient, found, on)), on)


@transaction.atomic
def decide(
    *,
    patient: Patient,
    name: str,
    choice: Choice,
    reason: str,
    by: str,
    at: datetime,
    second: SecondPerson = SecondPerson(),
) -> Decision:
    """Sign a decision; raises DecisionError when it goes ahead without the reason or the second person that it needs."""
    on, rules = timezone.localdate(at), in_force(name)
    facts = values(known_facts(patient, rules, on))
    found = assess(rules.rules, facts, on)
    overridden = (
        [one.rule.id for one in found.results if one.outcome is Outcome.ABSOLUTE] if choice is Choice.TREAT else []
    )
    _refuse(choice, found.summary, reason.strip(), by, second if overridden else None, view_only=rules.view_only)
    backed = second if overridden else SecondPerson()
    days = policy().review_days if backed.how is Second.ALONE else None
    decision = Decision(
        patient=patient, protocol=name, protocol_sha256=texts.keep("protocols", name, at=at, text=text_in_force(name)), facts=facts,
        summary=found.summary.value, choice=choice, reason=reason.strip(), at=at, by=by, on=on, overridden=overridden,
        second_how=backed.how, second=backed.who, review_on=on + timedelta(days=days) if days is not None else None,
        results=[[one.rule.id, one.outcome.value, one.message] for one in found.results],
    )  # fmt: skip
    decision.save()
    _ask_review(decision)
    audit.record(
        by=by, at=at, action="candidacy decided", patient=patient.reference, choice=choice.value, protocol=name,
        overridden=overridden, second=backed.how.value,
    )  # fmt: skip
    return decision


def recomputed(decision: Decision) -> Assessment:
    """Hold the facts of an old decision against the protocol text that it used, on its own day."""
    rules = parse_protocol(texts.kept(decision.protocol_sha256)).rules
    codes = {fact.code for rule in rules for fact in rule.facts}
    facts = {code: value for code, value in decision.facts.items() if code in codes}
    return assess(rules, facts, decision.on or timezone.localdate(decision.at))


def _refuse(
    choice: Choice, summary: Summary, reason: str, by: str, second: SecondPerson | None, *, view_only: bool
) -> None:
    if choice is not Choice.TREAT:
        return
    if view_only:
        raise DecisionError(
            _(
                "all evidence for this indication comes from hospitals: here it is for viewing. Decide under another protocol"
            )
        )
    if summary in REASON_NEEDED and not reason:
        raise DecisionError(
            _("reason: is empty, and the criteria say %(word)s. Write why you decide so") % {"word": summary.value}
        )
    if second is not None:
        _refuse_second(second, by)


def _refuse_second(second: SecondPerson, by: str) -> None:
    ways = policy().ways
    if second.how not in ways:
        allowed = ", ".join(str(way.label) for way in ways)
        raise DecisionError(
            _("second person: an exclusion criterion is present, and this clinic asks for: %(ways)s")
            % {"ways": allowed}
        )
    if second.how is not Second.ALONE and (not second.who or second.who == by):
        raise DecisionError(_("second person: name somebody other than yourself"))


def _ask_review(decision: Decision) -> None:
    """Ask for the review of a decision made alone, or for the countersignature of a second person by video."""
    says: dict[str, Callable[[], str]] = {
        Second.ALONE: lambda: "A decision against an exclusion criterion was made alone: to be reviewed",
        Second.VIDEO: lambda: (
            f"A decision against an exclusion criterion names {decision.second} by video: to be confirmed"
        ),
    }
    if decision.second_how in says:
        due = decision.review_on or (decision.on or decision.at.date())
        tasks.open_task(
            key=f"override {decision.pk}", says=says[decision.second_how](), patient=decision.patient, owner=Role.PRESCRIBER, at=decision.at,
            due_at=timezone.make_aware(datetime.combine(due, time(18))),
        )  # fmt: skip
