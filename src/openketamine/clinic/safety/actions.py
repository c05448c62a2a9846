"""Long-term safety: the urinary screen, whose bad answer holds the next infusion until a clinician resolves it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.ledger.models import Kind, Row, SessionAccount
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding, Patient
from openketamine.core.instruments.questionnaire import Urgency

URINARY = "urinary_screen"


@transaction.atomic
def screen(*, patient: Patient, answers: Mapping[str, int], by: str, at: datetime) -> tuple[Answers, Finding | None]:
    """Keep a urinary screen; an urgent flag opens the finding that holds the next infusion."""
    row, flags = instruments.answer(patient=patient, instrument=URINARY, answers=answers, by=by, at=at)
    urgent = [flag for flag in flags if flag.urgency is Urgency.URGENT]
    if not urgent:
        return row, None
    says = "; ".join(flag.says.split(":")[0] for flag in urgent)
    finding = people.open_finding(
        patient=patient,
        code="urinary",
        room="safety",
        says=f"Urinary screen: {says}",
        by=by,
        at=at,
        holds=True,
        answers=row.pk,
    )
    return row, finding


@transaction.atomic
def hold(*, patient: Patient, kind: str, says: str, by: str, at: datetime) -> Finding:
    """Open a finding that holds the next infusion; an open one about the same is returned as it is."""
    return people.open_finding(patient=patient, code=kind, room="safety", says=says, by=by, at=at, holds=True)


def exposure(patient: Patient) -> tuple[int, Decimal]:
    """Return the number of infusions and the milligrams given here, from the drug book; what was given elsewhere is not in it.

    A session of a mix-up counts for the person whose it was, and not for the one in whose record it stands.
    """
    own = set(SessionAccount.objects.filter(patient=patient).values_list("session", flat=True))
    sessions = own ^ people.mixed_up_sessions(patient)
    rows = Row.objects.filter(session__in=sessions, kind=Kind.GIVEN, replaced_by=None)
    return rows.values("session").distinct().count(), sum((row.mg for row in rows), start=Decimal(0))
