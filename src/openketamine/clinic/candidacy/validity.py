"""For how long this clinic takes a consent and an examination as valid. Nothing ships: until a clinic sets days, none expire, and it says so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.candidacy import results, sharing
from openketamine.clinic.candidacy.known import known_of
from openketamine.clinic.candidacy.models import Examined, Validity
from openketamine.clinic.people.models import Patient
from openketamine.core.candidacy.facts import Fact
from openketamine.evidence.measured import measured
from openketamine.evidence.protocols import protocol, protocol_ids

OUTCOMES = {
    Examined.ELECTROCARDIOGRAM: "ecg",
    Examined.LABORATORY: "liver_tests",
}
GROUPS = {Examined.ELECTROCARDIOGRAM: "electrocardiogram", Examined.LABORATORY: "laboratory"}


class ValidityError(ValueError):
    """A validity cannot be set so; the message names the field, the value and the way out."""


@dataclass(frozen=True, slots=True)
class Valid:
    """One kind: the day of the newest (None: none recorded), the days that the clinic set (None: not set), whether none is needed."""

    kind: Examined
    newest: date | None
    days: int | None
    needless: bool = False

    @property
    def until(self) -> date | None:
        """The last day on which it is valid; None when nothing is recorded or no validity is set."""
        return None if self.newest is None or self.days is None else self.newest + timedelta(days=self.days)

    def trouble(self, on: date) -> str:
        """Return what is wrong on a day; empty when nothing is, or when the clinic has set no validity."""
        if self.days is None or self.needless:
            return ""
        if self.newest is None:
            return _("%(kind)s: none is recorded") % {"kind": self.kind.label}
        if self.until is not None and on > self.until:
            words = {"kind": self.kind.label, "newest": self.newest.isoformat(), "until": self.until.isoformat()}
            return _("%(kind)s of %(newest)s is valid until %(until)s at your clinic") % words
        return ""

    @property
    def words(self) -> str:
        """Say how it stands, in one line."""
        if self.needless:
            return _("not applicable: recorded as not possible")
        if self.newest is None:
            found = _("none is recorded")
        else:
            found = _("newest of %(day)s") % {"day": self.newest.isoformat()}
        until = self.until
        valid = (
            _("valid until %(day)s") % {"day": until.isoformat()} if until else _("%(days)s days") % {"days": self.days}
        )
        return f"{found}; {valid if self.days is not None else _('no validity set by your clinic')}"


def in_force() -> dict[Examined, Validity]:
    """Return the newest row of each kind that sets days."""
    newest = {Examined(row.kind): row for row in Validity.objects.order_by("pk")}
    return {kind: row for kind, row in newest.items() if row.days is not None}


@transaction.atomic
def set_validity(*, kind: Examined, days: int | None, reason: str, by: str, at: datetime) -> Validity:
    """Set for how many days a kind is valid here, or take that back; both need the reason or the source."""
    if not reason.strip():
        raise ValidityError(_("reason: is empty. Write why, or which source your clinic follows"))
    row = Validity(kind=kind, days=days, reason=reason.strip()[:300], by=by, at=at)
    row.save()
    audit.record(by=by, at=at, action="validity set", about=kind.value, days=days, reason=row.reason)
    return row


def of(patient: Patient) -> list[Valid]:
    """Return how consent and examinations of a person stand."""
    set_here, consent = in_force(), sharing.consent_in_force(patient)
    days = {kind: set_here[kind].days if kind in set_here else None for kind in Examined}
    newest = {Examined.CONSENT: timezone.localdate(consent.at) if consent else None, **_examined(patient)}
    return [Valid(kind, newest[kind], days[kind], results.needless(patient, kind) is not None) for kind in Examined]


def _examined(patient: Patient) -> dict[Examined, date | None]:
    known = known_of(patient, _facts(), None)
    found: dict[Examined, date | None] = {}
    for kind, outcome in OUTCOMES.items():
        codes = [outcome, *(fact.code for fact in measured() if fact.group == GROUPS.get(kind))]
        days = [known[code].observed_on for code in codes if code in known and known[code].value is not None]
        found[kind] = max(days, default=None)
    rows = {kind: results.newest(patient, kind) for kind in results.FACTS}
    return {**found, **{kind: results.day(row) if row else None for kind, row in rows.items()}}


def _facts() -> list[Fact]:
    wanted = set(OUTCOMES.values())
    outcomes = {fact.code: fact for name in protocol_ids() for fact in protocol(name).facts if fact.code in wanted}
    return [*outcomes.values(), *measured()]
