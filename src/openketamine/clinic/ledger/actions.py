"""Writing the drug book. Each action is one transaction with one audit row; a draw, a waste and a count need two people."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.ledger.models import Count, Kind, Row, SessionAccount, Vial
from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.plan.models import Order
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.infusion.balance import Balance, shown
from openketamine.core.infusion.drug_book import Account, Transfer, balances

NOTHING = Decimal(0)
OF_A_SESSION = (Kind.DRAWN, Kind.GIVEN, Kind.WASTED)
OUT_OF_A_VIAL = (Kind.DRAWN, Kind.DISCARDED, Kind.SHORT)
LOOK_INTO_WITHIN = timedelta(days=1)


class LedgerError(ValueError):
    """The drug book cannot take this; the message names field, value and limit."""


@transaction.atomic
def receive(
    *, lot: str, strength: Decimal, content_mg: Decimal, expires_on: date, by: str, at: datetime, key: str = ""
) -> Vial:
    """Take a vial into stock; a second arrival of the same form (`key`) takes none."""
    said: dict[str, Any] = {
        "lot": lot, "strength_mg_per_ml": strength, "content_mg": content_mg, "expires_on": expires_on,
    }  # fmt: skip
    found: Vial | None = _written_before(Vial.objects, key, **said)
    if found is not None:
        return found
    vial = Vial(**said, received_at=at, by=by, key=key)
    try:
        with transaction.atomic():
            vial.save()
    except IntegrityError:  # the same form arrived twice at one instant
        return cast("Vial", _written_before(Vial.objects, key, **said))
    audit.record(by=by, at=at, action="vial received", about=f"vial {vial.pk}", lot=lot, mg=str(content_mg))
    return vial


@transaction.atomic
def open_account(*, session: str, patient: Patient, order: Order, by: str, at: datetime) -> SessionAccount:
    """Open the drug book of a session: from here on its rows know whose they are and which order they are for."""
    account = SessionAccount(session=session, patient=patient, order=order, by=by, at=at)
    account.save()
    return account


def account_of(session: str) -> SessionAccount | None:
    """Return the account of a session; None when it was opened before accounts were kept."""
    found = SessionAccount.objects.filter(session=session).select_related("patient", "order").first()
    return found if isinstance(found, SessionAccount) else None


@transaction.atomic
def draw(
    *, session: str, vial: Vial, mg: Decimal, by: str, second: str, at: datetime, patient: str, key: str = ""
) -> Row:
    """Record milligrams drawn from a vial; a second arrival of the same form (`key`) draws none.

    Raises LedgerError for one person, an expired vial, more than it holds, or another strength than the order names: that
    one nobody can override.
    """
    _two_people(by, second)
    account, vial = _held(session), _held_vial(vial)
    found: Row | None = _written_before(Row.objects, key, session=session, kind=Kind.DRAWN, vial=vial, mg=mg)
    if found is not None:
        return found
    if account and account.order.strength_mg_per_ml not in {None, vial.strength_mg_per_ml}:
        raise LedgerError(
            _(
                "vial = %(lot)s: holds %(holds)s mg/mL, the order is for %(ordered)s mg/mL: take another vial, or a prescriber signs a new order"
            )
            % {
                "lot": vial.lot,
                "holds": f"{vial.strength_mg_per_ml.normalize():f}",
                "ordered": f"{account.order.strength_mg_per_ml.normalize():f}",
            }
        )
    if vial.expires_on < timezone.localdate(at):
        raise LedgerError(_("vial = %(lot)s: expired on %(on)s") % {"lot": vial.lot, "on": vial.expires_on})
    _refuse_more_than_left(vial, mg)
    return _row(session, Kind.DRAWN, mg, by, at, patient, vial=vial, second=second, key=key)


@transaction.atomic
def give(*, session: str, mg: Decimal, basis: str, by: str, at: datetime, patient: str) -> Row:
    """Post milligrams given, as the infusion computed them; a later posting replaces the earlier one."""
    before = Row.objects.filter(session=session, kind=Kind.GIVEN, replaced_by=None).first()
    return _row(session, Kind.GIVEN, mg, by, at, patient, basis=basis, replaces=before)


@transaction.atomic
def waste(*, session: str, mg: Decimal, by: str, second: str, at: datetime, patient: str, key: str = "") -> Row:
    """Record milligrams wasted before a witness; raises LedgerError for one person, or more than was drawn."""
    _two_people(by, second)
    _held(session)
    found: Row | None = _written_before(Row.objects, key, session=session, kind=Kind.WASTED, mg=mg)
    if found is not None:
        return found
    now = balance(session)
    if mg > now.drawn_mg - now.wasted_mg:
        raise LedgerError(
            _("mg = %(mg)s: %(drawn)s mg were drawn and %(wasted)s mg wasted already")
            % {"mg": shown(mg), "drawn": shown(now.drawn_mg), "wasted": shown(now.wasted_mg)}
        )
    return _row(session, Kind.WASTED, mg, by, at, patient, second=second, key=key)


@transaction.atomic
def discard(*, vial: Vial, mg: Decimal, basis: str, by: str, second: str, at: datetime, key: str = "") -> Row:
    """Record the rest of a vial wasted before a witness; raises LedgerError for one person or more than the vial holds."""
    _two_people(by, second)
    vial = _held_vial(vial)
    found: Row | None = _written_before(Row.objects, key, kind=Kind.DISCARDED, vial=vial, mg=mg)
    if found is not None:
        return found
    _refuse_more_than_left(vial, mg)
    return _row("", Kind.DISCARDED, mg, by, at, "", vial=vial, second=second, basis=basis, key=key)


@transaction.atomic
def put_right(
    *, row: Row, mg: Decimal, reason: str, by: str, second: str, at: datetime, patient: str, key: str = ""
) -> Row:
    """Put right before a witness what a draw or a waste says: a new row stands instead of the old; 0 mg says that it never happened.

    Raises LedgerError for one person, no reason, the same milligrams, a row that cannot be put right (any more), or where vial or
    syringe would hold less than nothing.
    """
    _two_people(by, second)
    _held(row.session)
    vial = _held_vial(row.vial) if row.vial else None
    found: Row | None = _written_before(Row.objects, key, replaces=row, mg=mg)
    if found is not None:
        return found
    _refuse_put_right(row, mg, reason)
    if vial is not None and mg > row.mg:
        _refuse_more_than_left(vial, mg - row.mg)
    _refuse_less_than_wasted(row, mg)
    more = {"vial": vial, "second": second, "basis": reason, "replaces": row, "key": key}
    return _row(row.session, Kind(row.kind), mg, by, at, patient, **more)


@transaction.atomic
def move(*, session: str, to: str, patient: str, by: str, at: datetime) -> None:
    """Carry what stands in the book of one session over to another, in rows that replace the old; who drew and witnessed stays."""
    for row in Row.objects.filter(session=session, replaced_by=None).order_by("pk"):
        basis = f"{row.basis}; moved from session {session} by {by}".removeprefix("; ")[:200]
        kept = {"vial": row.vial, "second": row.second, "basis": basis, "replaces": row}
        _row(to, Kind(row.kind), row.mg, row.by, at, patient, **kept)


@transaction.atomic
def count(*, vial: Vial, counted_mg: Decimal, reason: str, by: str, second: str, at: datetime, key: str = "") -> Count:
    """Record what two people found in a vial; a difference is posted, and the owner is asked to look into it.

    Raises LedgerError for one person, or a difference that nobody explains.
    """
    _two_people(by, second)
    vial = _held_vial(vial)
    before: Count | None = _written_before(Count.objects, key, vial=vial, counted_mg=counted_mg)
    if before is not None:
        return before
    expected = left(vial)
    found = counted_mg - expected
    if found and not reason.strip():
        raise LedgerError(
            _("explanation: is empty. The book says %(expected)s mg, counted were %(counted)s mg")
            % {"expected": shown(expected), "counted": shown(counted_mg)}
        )
    row = Count(
        vial=vial, counted_mg=counted_mg, expected_mg=expected, reason=reason, by=by, second=second, at=at, key=key,
    )  # fmt: skip
    row.save()
    audit.record(
        by=by,
        at=at,
        action="vial counted",
        about=f"vial {vial.pk}",
        mg=str(counted_mg),
        expected=str(expected),
        second=second,
    )
    if found:
        _differs(row, found)
    return row


def _differs(row: Count, found: Decimal) -> None:
    kind = Kind.OVER if found > 0 else Kind.SHORT
    _row("", kind, abs(found), row.by, row.at, "", vial=row.vial, second=row.second, basis=row.reason)
    says = f"Drug book: vial {row.vial.lot} differs by {shown(found)} mg from the book"
    tasks.open_task(key=f"count {row.pk}", says=says, owner=Role.OWNER, due_at=row.at + LOOK_INTO_WITHIN, at=row.at)


def balance(session: str) -> Balance:
    """Return what was drawn, given and wasted in a session."""
    return Balance(*(_total(Row.objects.filter(session=session, kind=kind)) for kind in OF_A_SESSION))


def unaccounted() -> list[tuple[str, Decimal]]:
    """Return the sessions whose infusion has ended and whose drug does not add up, with the milligrams, the newest first."""
    ended = Row.objects.filter(kind=Kind.GIVEN, replaced_by=None).order_by("-at").values_list("session", flat=True)
    found = [(session, balance(session).unaccounted_mg) for session in dict.fromkeys(ended)]
    return [(session, mg) for session, mg in found if mg]


def left(vial: Vial) -> Decimal:
    """Return the milligrams a vial still holds by the book."""
    out = _total(Row.objects.filter(vial=vial, kind__in=OUT_OF_A_VIAL))
    return vial.content_mg - out + _total(Row.objects.filter(vial=vial, kind=Kind.OVER))


def standing() -> dict[Account, Decimal]:
    """Return what each account of the whole book holds; they sum to 0."""
    received = (Transfer(Account.SUPPLIER, Account.STOCK, vial.content_mg) for vial in Vial.objects.all())
    return balances([*received, *(row.transfer() for row in Row.objects.filter(replaced_by=None))])


def _total(rows: Any) -> Decimal:
    return Decimal(rows.filter(replaced_by=None).aggregate(mg=Sum("mg"))["mg"] or NOTHING)


def _held(session: str) -> SessionAccount | None:
    """Return the account of a session, which nobody else draws for or wastes from until this transaction ends."""
    rows = SessionAccount.objects.select_for_update(of=("self",)).select_related("order")
    found = rows.filter(session=session).first()
    return found if isinstance(found, SessionAccount) else None


def _held_vial(vial: Vial) -> Vial:
    """Return a vial, which nobody else takes from or counts until this transaction ends; an account is held before a vial."""
    held: Vial = Vial.objects.select_for_update().get(pk=vial.pk)
    return held


def _written_before(rows: Any, key: str, **said: Any) -> Any:
    """Return the row that the same form wrote when it arrived before; raises LedgerError when it said something else then."""
    found = rows.filter(key=key).first() if key else None
    if found is not None and any(getattr(found, name) != value for name, value in said.items()):
        raise LedgerError(_("This form was recorded already, and said something else. Look at the book, and open the page anew to write more"))  # fmt: skip
    return found


def _refuse_put_right(row: Row, mg: Decimal, reason: str) -> None:
    if not row.can_be_put_right:
        raise LedgerError(
            _("This row cannot be put right, or was already: look at the book and put right the newest one")
        )
    if not reason.strip():
        raise LedgerError(_("reason: is empty. Say what was wrong"))
    if mg == row.mg:
        raise LedgerError(
            _("mg = %(mg)s: that stands there already. Type what it should say, or 0") % {"mg": shown(mg)}
        )


def _refuse_less_than_wasted(row: Row, mg: Decimal) -> None:
    """Refuse what would leave more wasted in a session than was drawn."""
    now, more = balance(row.session), mg - row.mg
    drawn = now.drawn_mg + (more if row.kind == Kind.DRAWN else NOTHING)
    wasted = now.wasted_mg + (more if row.kind == Kind.WASTED else NOTHING)
    if wasted > drawn:
        raise LedgerError(
            _("mg = %(mg)s: then %(drawn)s mg would be drawn and %(wasted)s mg wasted. Put the other right first")
            % {"mg": shown(mg), "drawn": shown(drawn), "wasted": shown(wasted)}
        )


def _refuse_more_than_left(vial: Vial, mg: Decimal) -> None:
    if mg > left(vial):
        raise LedgerError(
            _("mg = %(mg)s: vial %(lot)s holds %(left)s mg")
            % {"mg": shown(mg), "lot": vial.lot, "left": shown(left(vial))}
        )


def _two_people(by: str, second: str) -> None:
    if not second or second == by:
        raise LedgerError(
            _("second person = %(second)s: must be another person than %(by)s")
            % {"second": second or _("nobody"), "by": by}
        )


def _row(session: str, kind: Kind, mg: Decimal, by: str, at: datetime, patient: str, **more: Any) -> Row:
    if mg < NOTHING or (mg == NOTHING and kind is not Kind.GIVEN and not more.get("replaces")):
        raise LedgerError(_("mg = %(mg)s: must be greater than 0") % {"mg": mg})
    row = Row(session=session, kind=kind, mg=mg, by=by, at=at, **more)
    row.save()
    about = f"session {session}" if session else f"vial {row.vial_id}"
    old = {"instead_of": str(row.replaces.mg)} if row.replaces else {}
    audit.record(
        by=by, at=at, action=f"drug {kind.value}", patient=patient, about=about, mg=str(mg), second=row.second, **old
    )
    return row
