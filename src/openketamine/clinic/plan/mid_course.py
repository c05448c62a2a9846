"""Patients who come in the middle of a course, in bulk from a table: what others gave is marked as told, never as measured."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

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
MOST_ROWS = 500


class TableError(ValueError):
    """A table cannot be taken in; the message names each row, field and value, and nothing was written."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One row that was taken in: its number in the table, the patient's reference, the next infusion."""

    row: int
    patient: str
    following: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table as it was read: its number, its cells, its forms, and each fault with the field and the value."""

    number: int
    cells: dict[str, str]
    person: ReferralForm
    course: CourseForm
    faults: tuple[str, ...]


def read(text: str) -> list[Line]:
    """Read a CSV table without writing anything; raises TableError for one that has no rows or lacks a column."""
    rows = list(csv.DictReader(io.StringIO(text)))
    missing = [name for name in (*PERSON, *COURSE) if not rows or name not in rows[0]]
    if missing:
        raise TableError(_("columns: %(names)s are missing") % {"names": ", ".join(missing)})
    if len(rows) > MOST_ROWS:
        words = {"number": len(rows), "most": MOST_ROWS}
        raise TableError(_("rows: there are %(number)s, and at most %(most)s are taken at once") % words)
    return [_line(number, row) for number, row in enumerate(rows, start=1)]


@transaction.atomic
def take_in(text: str, *, by: str, at: datetime) -> list[Taken]:
    """Take in a CSV table, all rows or none; raises TableError naming everything that is wrong at once."""
    lines = read(text)
    wrong = [
        _("row %(number)s, %(fault)s") % {"number": line.number, "fault": fault}
        for line in lines
        for fault in line.faults
    ]
    if wrong:
        raise TableError("; ".join(wrong))
    return [_taken(line.number, line.person, line.course, by, at) for line in lines]


def _line(number: int, row: dict[str, str]) -> Line:
    person, course = ReferralForm(_part(row, PERSON)), CourseForm(_part(row, COURSE))
    faults = [
        f"{name}: {row.get(name) or _('empty')}: {' '.join(map(str, errors))}"
        for form in (person, course)
        for name, errors in form.errors.items()
    ]
    if not faults and _known_here(person):
        faults = [_("this may be somebody already known here")]
    return Line(number, {name: row[name] or "" for name in (*PERSON, *COURSE)}, person, course, tuple(faults))


def _known_here(person: Any) -> bool:
    who = {name: person.cleaned_data[name] for name in ("given_name", "family_name", "born_on", "identifier")}
    return bool(duplicates.likely_duplicates(**who))


def _part(row: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: row[name] or "" for name in names}


def _taken(number: int, person: Any, course: CourseForm, by: str, at: datetime) -> Taken:
    if _known_here(person):
        raise TableError(
            _("row %(number)s: this may be somebody already known here; nothing was written") % {"number": number}
        )
    patient = people.refer(by=by, at=at, source=SOURCE, **person.cleaned_data)
    actions.plan_course(patient=patient, shape=course.shape(), by=by, at=at)
    return Taken(number, patient.reference, str(actions.next_planned(patient)))
