"""Scoring and keeping answers."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient
from openketamine.core.instruments.questionnaire import Flag, score
from openketamine.evidence.questionnaires import KIND, questionnaire


@transaction.atomic
def answer(
    *, patient: Patient, instrument: str, answers: Mapping[str, int], by: str, at: datetime
) -> tuple[Answers, tuple[Flag, ...]]:
    """Score and keep answers; return the row and the flags that somebody has to look at."""
    found = score(questionnaire(instrument), answers)
    row = Answers(
        patient=patient, instrument=instrument, instrument_sha256=texts.keep(KIND, instrument, at=at), answers=dict(answers),
        score=found.score, band=found.band or "", flags=[flag.id for flag in found.flags], at=at, by=by,
    )  # fmt: skip
    row.save()
    audit.record(by=by, at=at, action="questionnaire answered", patient=patient.reference, instrument=instrument)
    return row, found.flags
