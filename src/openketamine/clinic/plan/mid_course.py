"""Patients who come in the middle of a course, in bulk from a table: what others gave is marked as told, never as measured."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from openketamine.clinic.people import actions as people
from openketamine.clinic.people import duplicates
from openketamine.clinic.people.forms import ReferralForm
from openketamine.clinic.plan import actions
from openketamine.clinic.plan.forms import CourseForm

PERSON = ("given_name", "family_name", "born_on", "sex", "identifier", "phone", "referred_for")
COURSE = (
    "regimen", "infusions", "per_week", "dose_mg_per_kg", "duration_min", "first_on", "reason", "given_elsewhere",
    "told_of_elsewhere",
)  # fmt: skip
SOURCE = "table at go-live"


class TableError(ValueError):
    """A table cannot be taken in; the message names each row, field and value, and nothing was written."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One row that was taken in: its number in the table, the patient's reference, the next infusion."""

    row: int
    patient: str
    following: str


@transaction.atomic
def take_in(text: str, *, by: str, at: datetime) -> list[Taken]:
    """Take in a CSV table, all rows or none; raises TableError naming everything that is wrong at once."""
    rows = list(csv.DictReader(io.StringIO(text)))
    missing = [name for name in (*PERSON, *COURSE) if not rows or name not in rows[0]]
    if missing:
        raise TableError(f"columns: {', '.join(missing)} are missing")
    forms = [(ReferralForm(_part(row, PERSON)), CourseForm(_part(row, COURSE))) for row in rows]
    wrong = [
        f"row {number}, {name}: {row.get(name) or 'empty'}: {' '.join(map(str, errors))}"
        for number, (row, pair) in enumerate(zip(rows, forms, strict=True), start=1)
        for form in pair
        for name, errors in form.errors.items()
    ]
    if wrong:
        raise TableError("; ".join(wrong))
    return [_taken(number, person, course, by, at) for number, (person, course) in enumerate(forms, start=1)]


def _part(row: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: row[name] or "" for name in names}


def _taken(number: int, person: Any, course: CourseForm, by: str, at: datetime) -> Taken:
    who = {name: person.cleaned_data[name] for name in ("given_name", "family_name", "born_on", "identifier")}
    if duplicates.likely_duplicates(**who):
        raise TableError(f"row {number}: this may be somebody already known here; nothing was written")
    patient = people.refer(by=by, at=at, source=SOURCE, **person.cleaned_data)
    actions.plan_course(patient=patient, shape=course.shape(), by=by, at=at)
    return Taken(number, patient.reference, str(actions.next_planned(patient)))
