"""Plasma levels of one session: kept as measured, a correction is a new row."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.people.models import Patient
from openketamine.clinic.pharmacology.models import MeasuredLevel

WITHIN = timedelta(hours=12)
"""A level later than this belongs to no session: little is left to measure, and another dose may have come between."""


class LevelError(ValueError):
    """The level cannot be taken in; the message says why."""


def standing(session: str) -> "QuerySet[MeasuredLevel]":
    """Return the levels of a session that no later row corrects."""
    found: QuerySet[MeasuredLevel] = MeasuredLevel.objects.filter(session=session, corrected_by=None)
    return found


@dataclass(frozen=True, slots=True)
class Measured:
    """What a laboratory found, or what corrects an earlier row and why."""

    taken_at: datetime
    value_ng_per_ml: float
    site: str
    corrects: MeasuredLevel | None = None
    says: str = ""


@transaction.atomic
def record(
    *, patient: Patient, session: str, started_at: datetime | None, measured: Measured, by: str, at: datetime
) -> MeasuredLevel:
    """Append one level with its audit row; raises LevelError for a time that lies outside the session or ahead of now."""
    _in_time(started_at, measured.taken_at, at)
    found = {one.name: getattr(measured, one.name) for one in fields(measured)}
    row = MeasuredLevel(patient=patient, session=session, at=at, by=by, **found)
    row.save()
    detail = found | {"taken_at": measured.taken_at.isoformat(), "corrects": row.corrects_id}
    about = f"session {session}"
    audit.record(by=by, at=at, action="plasma level recorded", patient=patient.reference, about=about, **detail)
    return row


def _in_time(started_at: datetime | None, taken_at: datetime, at: datetime) -> None:
    shown = f"{timezone.localtime(taken_at):%Y-%m-%d %H:%M}"
    if started_at is None:
        raise LevelError(_("This infusion has not started: a level before it teaches nothing about it."))
    if taken_at > at:
        raise LevelError(
            _("Taken at %(shown)s: that has not come yet. Correct the day or the time.") % {"shown": shown}
        )
    if not started_at < taken_at <= started_at + WITHIN:
        raise LevelError(
            _("Taken at %(shown)s: must be within %(hours)d hours after this infusion started at %(start)s.")
            % {
                "shown": shown,
                "hours": WITHIN // timedelta(hours=1),
                "start": f"{timezone.localtime(started_at):%Y-%m-%d %H:%M}",
            }
        )
