"""Keeping what a signed session taught, and finding it again as the prior of the next one."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient
from openketamine.clinic.pharmacology.models import LearnedEnsemble
from openketamine.clinic.pharmacology.prediction import MODEL, Prior, Question, person_of
from openketamine.core.pharmacology.individualise import learned
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.substance import Person
from openketamine.evidence import load
from openketamine.evidence.subjects import FOLLOWED, VENOUS_LINK, subject

PEOPLE = 2000
DIGITS = 10


def evidence_used() -> tuple[tuple[str, str], ...]:
    """Return the evidence texts that a prediction rests on, as (kind, name)."""
    effects = tuple(("effects", name) for name in FOLLOWED)
    return (("pk_models", MODEL), ("pk_links", VENOUS_LINK), *effects, ("scatter", "readings"))


def evidence_sha256() -> str:
    """Return one SHA-256 over those texts as they stand now."""
    digests = [load.sha256(load.text(kind, name)) for kind, name in evidence_used()]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def last_learned(patient: Patient, *, before_session: str = "") -> LearnedEnsemble | None:
    """Return the newest row of a person that holds under the evidence in force and rests on no session of another person; else None."""
    rows = LearnedEnsemble.objects.filter(patient=patient, model=MODEL, evidence_sha256=evidence_sha256())
    others, own = people.mixed_up_sessions(patient), rows.filter(session=before_session).order_by("-pk").first()
    before: LearnedEnsemble | None = own.before if own else None
    if own and _rests_on_none(before, others):
        return before
    earlier = rows.filter(pk__lt=own.pk) if own else rows
    found = earlier.exclude(session__in={before_session, *others}).order_by("-pk")
    return next((row for row in found if _rests_on_none(row, others)), None)


def _rests_on_none(row: LearnedEnsemble | None, others: set[str]) -> bool:
    """Say whether neither a row nor any before it was learned in one of these sessions."""
    while others and row is not None:
        if row.session in others:
            return False
        row = row.before
    return True


def newest(sessions: Iterable[str]) -> LearnedEnsemble | None:
    """Return the newest row of the first of these sessions that has one under the evidence in force."""
    rows = LearnedEnsemble.objects.filter(model=MODEL, evidence_sha256=evidence_sha256()).order_by("-pk")
    found = (rows.filter(session=one).first() for one in sessions)
    return next((row for row in found if row is not None), None)


def prior_of(row: LearnedEnsemble | None) -> Prior | None:
    """Return a row as the prior of a question."""
    if row is None:
        return None
    covariance = tuple(tuple(line) for line in row.covariance)
    return Prior(tuple(row.names), tuple(row.mean), covariance, tuple(row.along), tuple(row.places))


def keep(
    *, patient: Patient, session: str, question: Question, before: LearnedEnsemble | None, by: str, at: datetime
) -> LearnedEnsemble | None:
    """Append what a session taught, inside the caller's transaction; None when nothing was observed."""
    if not question.observations():
        return None
    found = person_of(question, PEOPLE)
    kept = learned(found, subject(MODEL, Person(question.weight_kg)).lasting.names)
    row = LearnedEnsemble(
        patient=patient, session=session, model=MODEL, evidence_sha256=evidence_sha256(),
        evidence=[{"kind": kind, "name": name, "sha256": texts.keep(kind, name, at=at)} for kind, name in evidence_used()],
        names=list(kept.names), mean=_short(kept.mean), covariance=[_short(line) for line in kept.covariance],
        along=_short(kept.along), places=_short(kept.places),
        observations=found.observations, effective_people=found.effective_people, believed=found.believed,
        seed=question.seed, before=before, at=at, by=by,
    )  # fmt: skip
    row.save()
    audit.record(
        by=by, at=at, action="learned from a session", patient=patient.reference, about=f"session {session}",
        observations=found.observations,
    )  # fmt: skip
    return row


def _short(values: Floats) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values.tolist()]
