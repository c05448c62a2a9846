"""Which protocols this clinic uses, and which text it has signed as its own. Nothing is signed by default."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.candidacy.models import OverridePolicy, ProtocolStanding, Second
from openketamine.evidence.protocols import Protocol, protocol, protocol_ids, protocol_text


class StandingError(ValueError):
    """A protocol cannot be switched so; the message says why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A protocol, whether it is in use here, and who signed this very text."""

    protocol: Protocol
    is_on: bool
    signed_by: str
    signed_at: datetime | None

    @property
    def set_by(self) -> str:
        """Say who set its thresholds."""
        if self.signed_at is None:
            return "OpenKetamine's default, not signed by your clinic"
        return f"signed for this clinic by {self.signed_by}, {self.signed_at:%Y-%m-%d}"


def standing(name: str) -> Standing:
    """Return how a protocol stands; a signature under another text than the present one does not count."""
    rows = list(ProtocolStanding.objects.filter(protocol=name))
    now = protocol(name)
    signed = next((row for row in reversed(rows) if row.signed and row.sha256 == now.sha256), None)
    return Standing(now, rows[-1].is_on if rows else True, signed.by if signed else "", signed.at if signed else None)


def standings() -> list[Standing]:
    """Return every protocol, the best evidence first."""
    order = ["established", "limited", "weak", "experimental"]
    return sorted((standing(name) for name in protocol_ids()), key=lambda one: order.index(one.protocol.evidence.tier))


@transaction.atomic
def switch(*, name: str, is_on: bool, reason: str, by: str, at: datetime) -> ProtocolStanding:
    """Switch an indication on or off for the whole clinic; off needs its reason."""
    if not is_on and not reason.strip():
        raise StandingError("reason: is empty. Write why your clinic does not treat this indication")
    return _write(name, is_on=is_on, signed=False, reason=reason.strip(), by=by, at=at)


@transaction.atomic
def sign(*, name: str, by: str, at: datetime) -> ProtocolStanding:
    """Sign the present text of a protocol as this clinic's own; the text is kept."""
    return _write(name, is_on=standing(name).is_on, signed=True, reason="", by=by, at=at)


@transaction.atomic
def set_policy(*, ways: list[Second], review_days: int | None, by: str, at: datetime) -> OverridePolicy:
    """Say what a decision against an exclusion criterion needs; alone needs the days until its review."""
    if not ways:
        raise StandingError("ways: none is chosen. Choose at least one")
    if Second.ALONE in ways and not review_days:
        raise StandingError("days: is empty. A decision made alone needs the days until its review")
    row = OverridePolicy(ways=[way.value for way in ways], review_days=review_days, by=by, at=at)
    row.save()
    audit.record(by=by, at=at, action="override policy set", ways=row.ways, review_days=review_days)
    return row


def _write(name: str, *, is_on: bool, signed: bool, reason: str, by: str, at: datetime) -> ProtocolStanding:
    digest = texts.keep("protocols", name, at=at, text=protocol_text(name))
    row = ProtocolStanding(protocol=name, sha256=digest, is_on=is_on, signed=signed, reason=reason, by=by, at=at)
    row.save()
    action = "protocol signed" if signed else f"protocol switched {'on' if is_on else 'off'}"
    audit.record(by=by, at=at, action=action, about=f"protocol {name}", sha256=digest, reason=reason)
    return row
