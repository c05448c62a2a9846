"""What people do with people: refer, open and close findings. One transaction, one audit row each."""

from datetime import datetime
from typing import Any

from django.db import transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.people.models import Finding, FindingClosed, Patient


@transaction.atomic
def refer(*, by: str, at: datetime, **fields: Any) -> Patient:
    """Create a patient from a referral."""
    patient = Patient.objects.create(referred_at=at, **fields)
    audit.record(by=by, at=at, action="patient referred", patient=patient.reference, source=patient.source)
    return patient


@transaction.atomic
def open_finding(
    *,
    patient: Patient,
    code: str,
    room: str,
    says: str,
    by: str,
    at: datetime,
    holds: bool,
    **evidence: Any,
) -> Finding:
    """Open a finding once: an open one of the same code is returned as it is."""
    found = open_findings(patient).filter(code=code).first()
    if isinstance(found, Finding):
        return found
    finding = Finding(
        patient=patient,
        code=code,
        room=room,
        says=says,
        evidence=evidence,
        holds_infusion=holds,
        opened_at=at,
        opened_by=by,
    )
    finding.save()
    audit.record(
        by=by, at=at, action="finding opened", patient=patient.reference, about=f"finding {finding.pk}", code=code
    )
    return finding


@transaction.atomic
def close_finding(*, finding: Finding, reason: str, by: str, at: datetime) -> FindingClosed:
    """Resolve a finding with a reason; a second resolution of the same one returns the first."""
    closed, made = FindingClosed.objects.get_or_create(finding=finding, defaults={"reason": reason, "at": at, "by": by})
    if made:
        audit.record(
            by=by,
            at=at,
            action="finding resolved",
            patient=finding.patient.reference,
            about=f"finding {finding.pk}",
            reason=reason,
        )
    return closed


ANOTHER_S_SESSION = "another_s_session_"
"""How the code of a finding begins that says whose a session really was; the session's reference follows."""


def mixed_up_sessions(patient: Patient) -> set[str]:
    """Return the sessions that stand in one of two records and were the other person's, also once somebody has resolved the finding.

    Of sessions in this person's record these were somebody else's; others of them were this person's and stand elsewhere.
    """
    codes = Finding.objects.filter(patient=patient, code__startswith=ANOTHER_S_SESSION).values_list("code", flat=True)
    return {code.removeprefix(ANOTHER_S_SESSION) for code in codes}


def really_of(session: str, recorded_for: Patient) -> Patient | None:
    """Return whose a session really was, as somebody said last; None while nobody has said that it was another person's."""
    findings = Finding.objects.filter(code=f"{ANOTHER_S_SESSION}{session}").exclude(patient=recorded_for)
    last = findings.select_related("patient").order_by("pk").last()
    return last.patient if last else None


def open_findings(patient: Patient) -> Any:
    """Return the patient's open findings."""
    return Finding.objects.filter(patient=patient, closed__isnull=True)
