"""Writing the drug book. Each action is one transaction with one audit row; a draw and a waste need two people."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.ledger.models import Kind, Row, Vial
from openketamine.core.infusion.balance import Balance, shown

NOTHING = Decimal(0)


class LedgerError(ValueError):
    """The drug book cannot take this; the message names field, value and limit."""


@transaction.atomic
def receive(*, lot: str, strength: Decimal, content_mg: Decimal, expires_on: date, by: str, at: datetime) -> Vial:
    """Take a vial into stock."""
    vial = Vial(
        lot=lot, strength_mg_per_ml=strength, content_mg=content_mg, expires_on=expires_on, received_at=at, by=by
    )
    vial.save()
    audit.record(by=by, at=at, action="vial received", about=f"vial {vial.pk}", lot=lot, mg=str(content_mg))
    return vial


@transaction.atomic
def draw(*, session: str, vial: Vial, mg: Decimal, by: str, second: str, at: datetime, patient: str) -> Row:
    """Record milligrams drawn from a vial; raises LedgerError for one person, an expired vial or more than it holds."""
    _two_people(by, second)
    if vial.expires_on < at.date():
        raise LedgerError(f"vial = {vial.lot}: expired on {vial.expires_on}")
    if mg > left(vial):
        raise LedgerError(f"mg = {shown(mg)}: vial {vial.lot} holds {shown(left(vial))} mg")
    return _row(session, Kind.DRAWN, mg, by, at, patient, vial=vial, second=second)


@transaction.atomic
def give(*, session: str, mg: Decimal, basis: str, by: str, at: datetime, patient: str) -> Row:
    """Post milligrams given, as the infusion computed them; a later posting replaces the earlier one."""
    before = Row.objects.filter(session=session, kind=Kind.GIVEN, replaced_by=None).first()
    return _row(session, Kind.GIVEN, mg, by, at, patient, basis=basis, replaces=before)


@transaction.atomic
def waste(*, session: str, mg: Decimal, by: str, second: str, at: datetime, patient: str) -> Row:
    """Record milligrams wasted before a witness."""
    _two_people(by, second)
    return _row(session, Kind.WASTED, mg, by, at, patient, second=second)


def balance(session: str) -> Balance:
    """Return what was drawn, given and wasted in a session."""
    return Balance(*(_total(Row.objects.filter(session=session, kind=kind)) for kind in Kind))


def left(vial: Vial) -> Decimal:
    """Return the milligrams a vial still holds."""
    return vial.content_mg - _total(Row.objects.filter(vial=vial, kind=Kind.DRAWN))


def _total(rows: Any) -> Decimal:
    return Decimal(rows.filter(replaced_by=None).aggregate(mg=Sum("mg"))["mg"] or NOTHING)


def _two_people(by: str, second: str) -> None:
    if not second or second == by:
        raise LedgerError(f"second person = {second or 'nobody'}: must be another person than {by}")


def _row(session: str, kind: Kind, mg: Decimal, by: str, at: datetime, patient: str, **more: Any) -> Row:
    if mg < NOTHING or (mg == NOTHING and kind is not Kind.GIVEN):
        raise LedgerError(f"mg = {mg}: must be greater than 0")
    row = Row(session=session, kind=kind, mg=mg, by=by, at=at, **more)
    row.save()
    audit.record(
        by=by,
        at=at,
        action=f"drug {kind.value}",
        patient=patient,
        about=f"session {session}",
        mg=str(mg),
        second=row.second,
    )
    return row
