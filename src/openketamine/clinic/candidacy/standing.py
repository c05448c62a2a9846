"""Which protocols this clinic uses, and which text it has signed as its own. Nothing is signed by default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.candidacy.models import OverridePolicy, ProtocolStanding, Second
from openketamine.core.candidacy.changes import RuleChange, Way, rule_changes
from openketamine.evidence import load
from openketamine.evidence.protocols import (
    Protocol,
    failed_examples,
    parse_protocol,
    protocol,
    protocol_ids,
    protocol_text,
)


class StandingError(ValueError):
    """A protocol cannot be switched so; the message says why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A protocol, whether it is in use here, and who signed this very text."""

    protocol: Protocol
    is_on: bool
    signed_by: str
    signed_at: datetime | None
    own: bool = False

    @property
    def set_by(self) -> str:
        """Say who set its thresholds."""
        if self.signed_at is None:
            return _("OpenKetamine's default, not signed by your clinic")
        words = {"name": self.signed_by, "day": f"{self.signed_at:%Y-%m-%d}"}
        if self.own:
            return _("your clinic's own text, signed by %(name)s, %(day)s") % words
        return _("signed for this clinic by %(name)s, %(day)s") % words


def text_in_force(name: str) -> str:
    """Return the text of a protocol that counts here: the clinic's own where the newest signature is under one, else the shipped."""
    return _text(name, list(ProtocolStanding.objects.filter(protocol=name)))


def in_force(name: str) -> Protocol:
    """Return a protocol as its text counts here."""
    return parse_protocol(text_in_force(name))


def standing(name: str) -> Standing:
    """Return how a protocol stands; a signature under another text than the one in force does not count."""
    return _standing(name, list(ProtocolStanding.objects.filter(protocol=name)))


def standings() -> list[Standing]:
    """Return every protocol, the best evidence first."""
    order, rows = ["established", "limited", "weak", "experimental"], list(ProtocolStanding.objects.all())
    found = [_standing(name, [row for row in rows if row.protocol == name]) for name in protocol_ids()]
    return sorted(found, key=lambda one: order.index(one.protocol.evidence.tier))


def _text(name: str, rows: list[ProtocolStanding]) -> str:
    newest = next((row for row in reversed(rows) if row.signed), None)
    return texts.kept(newest.sha256) if newest is not None and newest.own else protocol_text(name)


def _standing(name: str, rows: list[ProtocolStanding]) -> Standing:
    now = parse_protocol(_text(name, rows))
    signed = next((row for row in reversed(rows) if row.signed and row.sha256 == now.sha256), None)
    who = (signed.by, signed.at, signed.own) if signed else ("", None, False)
    return Standing(now, rows[-1].is_on if rows else True, *who)


def changes_of(name: str, text: str) -> tuple[Protocol, tuple[RuleChange, ...]]:
    """Return the protocol of an edited text and what it changes against the text that ships.

    Raises StandingError naming every fault: it must be the same protocol, cite every number, and its worked examples must hold.
    """
    try:
        found = parse_protocol(text)
    except load.EvidenceError as error:
        raise StandingError(str(error)) from error
    if found.id != name:
        raise StandingError(_("id = %(typed)s: must stay %(name)s") % {"typed": found.id, "name": name})
    faults = failed_examples(found)
    if faults:
        raise StandingError("; ".join(faults))
    return found, rule_changes(protocol(name).rules, found.rules)


@transaction.atomic
def sign_own(*, name: str, text: str, reason: str, by: str, at: datetime) -> ProtocolStanding:
    """Sign an edited text as this clinic's own; a limit that becomes looser than its source needs a reason. Decisions keep their text."""
    _found, changes = changes_of(name, text)
    loosened = [one.sentence() for one in changes if one.way is Way.LOOSER_THAN_SOURCE]
    if loosened and not reason.strip():
        words = _("reason: is empty. These become looser than their source: %(which)s")
        raise StandingError(words % {"which": "; ".join(loosened)})
    is_on, why = standing(name).is_on, reason.strip()[:300]
    said = [one.sentence() for one in changes]
    return _write(name, is_on=is_on, signed=True, reason=why, by=by, at=at, text=text, changes=said)


@transaction.atomic
def switch(*, name: str, is_on: bool, reason: str, by: str, at: datetime) -> ProtocolStanding:
    """Switch an indication on or off for the whole clinic; off needs its reason."""
    if not is_on and not reason.strip():
        raise StandingError(_("reason: is empty. Write why your clinic does not treat this indication"))
    return _write(name, is_on=is_on, signed=False, reason=reason.strip(), by=by, at=at)


@transaction.atomic
def sign(*, name: str, by: str, at: datetime) -> ProtocolStanding:
    """Sign the text that ships as this clinic's own; the text is kept, and one that was edited here is in force no more."""
    return _write(name, is_on=standing(name).is_on, signed=True, reason="", by=by, at=at)


@transaction.atomic
def set_policy(*, ways: list[Second], review_days: int | None, by: str, at: datetime) -> OverridePolicy:
    """Say what a decision against an exclusion criterion needs; alone needs the days until its review."""
    if not ways:
        raise StandingError(_("ways: none is chosen. Choose at least one"))
    if Second.ALONE in ways and not review_days:
        raise StandingError(_("days: is empty. A decision made alone needs the days until its review"))
    row = OverridePolicy(ways=[way.value for way in ways], review_days=review_days, by=by, at=at)
    row.save()
    audit.record(by=by, at=at, action="override policy set", ways=row.ways, review_days=review_days)
    return row


def _write(
    name: str, *, is_on: bool, signed: bool, reason: str, by: str, at: datetime, text: str = "", changes: Sequence[str] = ()
) -> ProtocolStanding:  # fmt: skip
    digest = texts.keep("protocols", name, at=at, text=text or (protocol_text(name) if signed else text_in_force(name)))
    row = ProtocolStanding(
        protocol=name, sha256=digest, is_on=is_on, signed=signed, own=bool(text), changes=list(changes), reason=reason, by=by, at=at
    )  # fmt: skip
    row.save()
    action = "protocol signed" if signed else f"protocol switched {'on' if is_on else 'off'}"
    audit.record(by=by, at=at, action=action, about=f"protocol {name}", sha256=digest, reason=reason, own=bool(text))
    return row
