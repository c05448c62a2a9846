"""The treatment history as rows, judged by the evidence and by the doses that the clinic has set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.candidacy.actions import Known, facts_of
from openketamine.clinic.candidacy.models import MinimumDose, TreatmentRow
from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient
from openketamine.core.candidacy.history import (
    Adherence,
    Judged,
    Minimums,
    Trial,
    TrialOutcome,
    failed_adequate,
    judge,
    staged,
)
from openketamine.evidence import treatments

ECT, AUGMENTATION = "electroconvulsive therapy", "augmentation"


class StagingError(ValueError):
    """The staging cannot be computed yet; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One trial with its judgement."""

    row: TreatmentRow
    judged: Judged


@transaction.atomic
def add(
    *,
    patient: Patient,
    fields: Mapping[str, Any],
    known: Known,
    by: str,
    at: datetime,
    replaces: TreatmentRow | None = None,
) -> TreatmentRow:
    """Add one treatment that was tried, or correct one by a new row."""
    row = TreatmentRow(
        patient=patient, replaces=replaces, source=known.source, source_detail=known.detail, observed_on=known.observed_on, at=at, by=by,
        **fields,
    )  # fmt: skip
    row.save()
    audit.record(by=by, at=at, action="treatment recorded", patient=patient.reference, about=f"treatment {row.pk}")
    return row


@transaction.atomic
def set_minimum(*, agent: str, mg_per_day: float, reference: str, by: str, at: datetime) -> MinimumDose:
    """Set the dose from which this clinic calls a trial of an agent adequate."""
    row = MinimumDose(agent=agent, mg_per_day=mg_per_day, reference=reference, by=by, at=at)
    row.save()
    audit.record(by=by, at=at, action="minimum dose set", about=f"agent {agent}", mg_per_day=mg_per_day)
    return row


def in_force(patient: Patient) -> list[TreatmentRow]:
    """Return the treatments that no correction has replaced."""
    return list(TreatmentRow.objects.filter(patient=patient, replaced_by=None))


def minimums() -> Minimums:
    """Return what makes a trial adequate in this clinic."""
    return treatments.minimums(dict(MinimumDose.objects.values_list("agent", "mg_per_day")))


def lines(patient: Patient) -> list[Line]:
    """Return the history with each trial judged."""
    least = minimums()
    return [Line(row, judge(trial_of(row), least)) for row in in_force(patient)]


def trial_of(row: TreatmentRow) -> Trial:
    """Return a row as the value that is judged."""
    known = treatments.class_of(row.agent)
    counts = (
        known.antidepressant
        if known
        else row.treatment_class in {one.id for one in treatments.classes() if one.antidepressant}
    )
    return Trial(row.agent, counts, row.mg_per_day, row.weeks, Adherence(row.adherence), TrialOutcome(row.outcome))


def failed(patient: Patient) -> tuple[int, int]:
    """Return how many adequate trials failed, at least and at most."""
    return failed_adequate([trial_of(row) for row in in_force(patient)], minimums())


def failed_known(patient: Patient) -> tuple[int, date] | None:
    """Return the number of failed adequate trials and its day; None while the history is empty or leaves it open."""
    rows = in_force(patient)
    least, most = failed_adequate([trial_of(row) for row in rows], minimums())
    return (least, max(row.observed_on for row in rows)) if rows and least == most else None


def stage(*, patient: Patient, severity: int, by: str, at: datetime) -> Answers:
    """Compute and keep the Maudsley staging; raises StagingError naming what is missing."""
    weeks, rows = facts_of(patient).get("episode_weeks"), in_force(patient)
    if not isinstance(weeks, int | float):
        raise StagingError(_("the length of the episode is not known: answer it under candidacy, then come back"))
    try:
        answers = staged(
            episode_weeks=float(weeks), severity=severity, failed=failed(patient)[0], ect=any(row.agent == ECT for row in rows),
            augmented=any(row.treatment_class == AUGMENTATION for row in rows), staging=treatments.staging(),
        )  # fmt: skip
    except ValueError as error:
        raise StagingError(str(error)) from error
    return instruments.answer(patient=patient, instrument="msm", answers=answers, by=by, at=at)[0]
