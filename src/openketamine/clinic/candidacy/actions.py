"""Recording what is known of a person: answers, and lines of lists, each with its source and day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.candidacy.models import FactRow, Listed, ListRow, Source
from openketamine.clinic.people.models import Patient
from openketamine.clinic.ui.measures import Typed
from openketamine.core.candidacy.facts import Value


@dataclass(frozen=True, slots=True)
class Known:
    """How a fact came to be known: the kind of source, which one, and the day on which it was so."""

    source: Source
    observed_on: date
    detail: str = ""


@transaction.atomic
def record_facts(
    *, patient: Patient, facts: Mapping[str, Value | None], known: Known, by: str, at: datetime, typed: Mapping[str, Typed] | None = None
) -> int:  # fmt: skip
    """Write what is new in value, source or day; return how many rows. The same facts again write nothing.

    `typed` keeps a number as it was written, with the unit that was chosen.
    """
    typed = typed or {}
    rows = [
        FactRow(
            patient=patient, code=code, value=value, source=known.source, source_detail=known.detail,
            observed_on=known.observed_on, at=at, by=by,
            typed=typed[code].number if code in typed else "", typed_unit=typed[code].unit if code in typed else "",
        )
        for code, value in facts.items()
    ]  # fmt: skip
    before = {_told(row) for row in FactRow.objects.filter(patient=patient)}
    new = [row for row in rows if _told(row) not in before]
    for row in new:
        row.save()
    if new:
        codes = sorted(row.code for row in new)
        audit.record(by=by, at=at, action="facts recorded", patient=patient.reference, codes=codes)
    return len(new)


@transaction.atomic
def list_item(*, patient: Patient, kind: Listed, known: Known, by: str, at: datetime, **item: Any) -> ListRow:
    """Add one line to a list, or say with `none_known=True` that it was asked and there is none.

    Raises ValueError for a line that has neither a name nor `none_known`. The same line again returns the first.
    """
    if bool(item.get("name")) == bool(item.get("none_known")):
        raise ValueError(_("name: write a name, or say that none is known"))
    told = {"source": known.source, "source_detail": known.detail, "observed_on": known.observed_on, **item}
    row, made = ListRow.objects.get_or_create(patient=patient, kind=kind, **told, defaults={"at": at, "by": by})
    if made:
        audit.record(by=by, at=at, action="list line added", patient=patient.reference, list=kind.value)
    return row


def rows_of(patient: Patient) -> dict[str, FactRow]:
    """Return the row that counts for each question asked: observed last, of one day written last."""
    rows = FactRow.objects.filter(patient=patient).order_by("pk")
    return {row.code: row for row in sorted(rows, key=lambda row: row.observed_on or row.at.date())}


def facts_of(patient: Patient) -> dict[str, Value | None]:
    """Return the answer that counts to each question asked."""
    return {code: row.value for code, row in rows_of(patient).items()}


def _told(row: FactRow) -> tuple[object, ...]:
    return (row.code, type(row.value), row.value, row.source, row.source_detail, row.observed_on)
