"""Dated results that are asked for again and again: a pregnancy test, a urine drug screen. What somebody says is no result."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.candidacy import actions
from openketamine.clinic.candidacy.models import Examined, FactRow, Source, Validity
from openketamine.clinic.people.models import Patient
from openketamine.core.candidacy.facts import Fact, FactError, Kind, Value
from openketamine.evidence.protocols import protocol, protocol_ids

FACTS: Mapping[Examined, str] = {Examined.DRUG_SCREEN: "urine_drug_screen", Examined.PREGNANCY: "pregnant"}
NEEDLESS: Mapping[Examined, str] = {Examined.PREGNANCY: "pregnancy_or_breastfeeding_possible"}
"""The question whose no says that an examination is not needed."""
RESULTS = (Source.MEASURED, Source.RECORD, Source.IMPORTED)


def newest(patient: Patient, kind: Examined, *, until: datetime | None = None) -> FactRow | None:
    """Return the newest result that was written down by an instant; None when there is none."""
    return _newest(patient, FACTS[kind], until, source__in=RESULTS)


def needless(patient: Patient, kind: Examined, *, until: datetime | None = None) -> FactRow | None:
    """Return the answer that says that no result is needed, while it is the last one; None otherwise."""
    row = _newest(patient, NEEDLESS[kind], until) if kind in NEEDLESS else None
    return row if row is not None and row.value is False else None


def _newest(patient: Patient, code: str, until: datetime | None, **more: object) -> FactRow | None:
    rows = FactRow.objects.filter(patient=patient, code=code, **more).exclude(value=None).order_by("pk")
    return max(rows.filter(at__lte=until) if until else rows, key=lambda row: (day(row), row.pk), default=None)


def day(row: FactRow) -> date:
    """Return the day of a result; of an older row that kept none, the day on which it was written down."""
    return row.observed_on or row.at.date()


def interval_days(kind: Examined, *, until: datetime | None = None) -> int | None:
    """Return for how many days the clinic takes a result as valid; None when it has set none."""
    rows = Validity.objects.filter(kind=kind).order_by("pk")
    last = (rows.filter(at__lte=until) if until else rows).last()
    return last.days if last else None


def record(*, patient: Patient, kind: Examined, value: Value, where: str, by: str, at: datetime) -> None:
    """Write down a result of today; the row says where it was taken and at which minute."""
    on = timezone.localdate(at)
    detail = f"{kind.label}, {where}, {timezone.localtime(at):%H:%M}"
    known = actions.Known(Source.MEASURED, on, detail)
    actions.record_facts(patient=patient, facts={FACTS[kind]: value}, known=known, by=by, at=at)


def choices(kind: Examined) -> list[tuple[str, str]]:
    """Return what a result may be: how a form writes it, and in words."""
    fact = _fact(FACTS[kind])
    return [(json.dumps(one), words(one)) for one in ((False, True) if fact.kind is Kind.BOOLEAN else fact.choices)]


def read(kind: Examined, text: str) -> Value | None:
    """Return a result as a form wrote it; None for anything that is no result."""
    try:
        return _fact(FACTS[kind]).read(json.loads(text))
    except (ValueError, FactError):
        return None


def words(value: Value) -> str:
    """Say a result in words."""
    if isinstance(value, bool):
        return _("positive") if value else _("negative")
    return _(str(value)).replace("_", " ")


@cache
def _fact(code: str) -> Fact:
    return next(fact for name in protocol_ids() for fact in protocol(name).facts if fact.code == code)
