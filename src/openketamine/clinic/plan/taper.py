"""The days after a course that ends as a taper: a list that the clinician writes and changes. No dose and no spacing is proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.plan.models import Course, CourseEnding, EndingKind, TaperPlan


class TaperError(ValueError):
    """A taper cannot be kept so; the message names the field and the way out."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a taper, the note on it, and how many days after the one before."""

    on: date
    note: str
    after_days: int | None = None


def tapering(course: Course | None) -> CourseEnding | None:
    """Return the ending of a course that ended as a taper."""
    return CourseEnding.objects.filter(course=course, kind=EndingKind.TAPER).first() if course else None


def plan_of(ending: CourseEnding | None) -> TaperPlan | None:
    """Return the newest plan of a taper."""
    return TaperPlan.objects.filter(ending=ending).first() if ending else None


def days_of(plan: TaperPlan | None) -> list[Day]:
    """Return the days of a plan in order, each with its distance to the one before."""
    told = [(date.fromisoformat(step["on"]), str(step["note"])) for step in plan.steps] if plan else []
    before = [None, *(on for on, _note in told)]
    return [Day(on, note, (on - last).days if last else None) for (on, note), last in zip(told, before, strict=False)]


@transaction.atomic
def write(*, ending: CourseEnding, days: Sequence[Day], reason: str, by: str, at: datetime) -> TaperPlan:
    """Keep the days of a taper; a change of an earlier plan needs its reason. Raises TaperError, and then nothing is kept."""
    if not days:
        raise TaperError(_("Day: none is written. Write at least one day"))
    twice = sorted({one.on for one in days if [other.on for other in days].count(one.on) > 1})
    if twice:
        raise TaperError(_("Day: %(day)s stands there twice. Leave one of them") % {"day": twice[0].isoformat()})
    if plan_of(ending) and not reason.strip():
        raise TaperError(_("Reason: is empty. Write why the days change; the days before stay in the record"))
    steps = [{"on": one.on.isoformat(), "note": one.note} for one in sorted(days, key=lambda one: one.on)]
    row = TaperPlan(ending=ending, steps=steps, reason=reason.strip()[:300], by=by, at=at)
    row.save()
    patient = ending.course.patient.reference
    audit.record(
        by=by, at=at, action="taper written", patient=patient, about=f"course {ending.course_id}", days=len(steps)
    )
    return row
