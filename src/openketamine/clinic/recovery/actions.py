"""Ticking criteria, letting a person go, signing and locking the record."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion.curves import learn
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.recovery import queries
from openketamine.clinic.recovery.keys import signing_key
from openketamine.clinic.recovery.models import CriterionTick, Signature
from openketamine.clinic.recovery.record import record
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.events import Kind


class NotReadyError(ValueError):
    """Somebody may not leave yet, or a record cannot be signed; the message says what is missing."""


@transaction.atomic
def tick(*, infusion: Infusion, criterion: str, met: bool, note: str, by: str, at: datetime) -> CriterionTick:
    """Record a look at one criterion."""
    row = CriterionTick(infusion=infusion, criterion=criterion, met=met, note=note, by=by, at=at)
    row.save()
    _audited(infusion, by, at, "criterion looked at", criterion=criterion, met=met)
    return row


@transaction.atomic
def discharge(*, infusion: Infusion, escort: str, override: str, by: str, at: datetime) -> None:
    """Record that the person leaves; raises NotReadyError naming the open criteria unless a prescriber says why not."""
    missing = [row.says for row in queries.criteria(infusion, at=at) if row.standing.value != "met"]
    if missing and not override:
        raise NotReadyError("not met or not known: " + "; ".join(missing))
    if not escort.strip():
        raise NotReadyError("escort: is empty. Write who takes the person home")
    says = f"escort: {escort}" + (f"; left although not met: {'; '.join(missing)}: {override}" if missing else "")
    infusions.record(infusion=infusion, kind=Kind.DISCHARGED, by=by, at=at, now=at, says=says[:300])


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a drug does not add up, and the second person who has seen it."""

    why: str
    witness: str


@transaction.atomic
def sign(*, infusion: Infusion, by: str, at: datetime, now: datetime, explained: Explained | None = None) -> Signature:
    """Sign the whole record and lock it; `at` is clinic time of the closing event, `now` the wall time of the signature.

    A drug that does not add up keeps the record open until somebody says why, before a witness; it never keeps anybody here.
    """
    try:
        _account(infusion, explained, by, at, now)
        infusions.record(infusion=infusion, kind=Kind.SIGNED, by=by, at=at, now=at, says="signed and locked")
    except infusions.NotNowError as error:
        raise NotReadyError(str(error)) from error
    values = record(infusion)
    digest = digest_of(values)
    key = signing_key()
    signature = Signature(
        infusion=infusion, record=values, digest=digest, public_key=key.public_key().public_bytes_raw().hex(),
        signature=key.sign(bytes.fromhex(digest)).hex(), at=now, by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            signature.save()
    except IntegrityError as error:
        raise NotReadyError("this record is signed already") from error
    _audited(infusion, by, at, "record signed and locked", digest=digest)
    learn(infusion, by=by, at=at)
    return signature


def _account(infusion: Infusion, explained: Explained | None, by: str, at: datetime, now: datetime) -> None:
    """Write down why the drug does not add up, and close what was asked about it; raises NotReadyError when nobody says why."""
    balance = ledger.balance(infusion.reference)
    if not balance.closes:
        missing = f"{shown(balance.unaccounted_mg)} mg are not accounted for"
        if explained is None or not explained.why.strip() or explained.witness in {"", by}:
            raise NotReadyError(f"{missing}: record them wasted, or say why before a witness")
        says = f"{missing}: {explained.why} (witness {explained.witness})"[:300]
        infusions.record(infusion=infusion, kind=Kind.OBSERVATION, by=by, at=at, now=now, says=says)
    for task in tasks.open_tasks().filter(key=f"balance {infusion.reference}"):
        tasks.finish(task, by=by, at=at, note=explained.why if explained else "adds up")


def digest_of(values: dict[str, Any]) -> str:
    """Return the SHA-256 of a record in its canonical form."""
    return hashlib.sha256(
        json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def _audited(infusion: Infusion, by: str, at: datetime, action: str, **detail: Any) -> None:
    audit.record(
        by=by, at=at, action=action, patient=infusion.patient.reference, about=f"session {infusion.reference}", **detail
    )
