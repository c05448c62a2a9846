"""Ticking criteria, letting a person go, signing and locking the record."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit.models import arrived
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion import corrections
from openketamine.clinic.infusion import queries as infusions_queries
from openketamine.clinic.infusion.curves import learn
from openketamine.clinic.infusion.models import Incident, Infusion, InfusionEvent
from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.recovery import queries
from openketamine.clinic.recovery.keys import signing_key
from openketamine.clinic.recovery.leaving import still_urgent
from openketamine.clinic.recovery.models import Addendum, CriterionTick, Signature
from openketamine.clinic.recovery.record import record
from openketamine.clinic.recovery.wrong_person import tell_both
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.events import Kind, Phase
from openketamine.core.recovery.readiness import Standing, Thoughts, thoughts_settled
from openketamine.evidence.questionnaires import questionnaire


class NotReadyError(infusions.NotNowError):
    """Somebody may not leave yet, or a record cannot be signed; the message says what is missing."""


@transaction.atomic
def tick(
    *, infusion: Infusion, criterion: str, met: bool, note: str, by: str, at: datetime, now: datetime | None = None
) -> CriterionTick:
    """Record a look at one criterion; `now` is when a look that a tablet had kept arrives."""
    infusions.refuse_outside(infusion, at)
    row = CriterionTick(
        infusion=infusion, criterion=criterion, met=met, note=note, by=by, at=at, recorded_at=arrived(at, now)
    )
    row.save()
    _audited(infusion, by, now or at, "criterion looked at", criterion=criterion, met=met)
    return row


@transaction.atomic
def ask_thoughts(
    *,
    infusion: Infusion,
    criterion: str,
    answer: Thoughts,
    note: str = "",
    by: str,
    at: datetime,
    now: datetime | None = None,
) -> CriterionTick:
    """Record what the person answered about thoughts of suicide; what is new or worse calls a prescriber and holds the next infusion."""
    infusions.refuse_outside(infusion, at)
    before = queries.thoughts_before(infusion).answer
    standing = thoughts_settled(answer, before=before)
    row = CriterionTick(
        infusion=infusion,
        criterion=criterion,
        met=standing is Standing.MET,
        answer=answer.value,
        note=note,
        by=by,
        at=at,
        recorded_at=arrived(at, now),
    )
    row.save()
    _audited(infusion, by, now or at, "thoughts of suicide asked", criterion=criterion, met=row.met)
    if standing is Standing.NOT_MET:
        _call_for_assessment(infusion, row)
    return row


def _call_for_assessment(infusion: Infusion, row: CriterionTick) -> None:
    says = "Thoughts of suicide before leaving: new or worse. An assessment before this person leaves and before the next infusion"
    people.open_finding(
        patient=infusion.patient, code="suicidal_thoughts", room="recovery", says=says, by=row.by, at=row.at, holds=True
    )
    tasks.open_task(
        key=f"thoughts {row.pk}", says=f"{infusion.watch.chair}: {says}", owner=Role.PRESCRIBER, due_at=row.at, at=row.at,
        patient=infusion.patient, urgent=True,
    )  # fmt: skip


@transaction.atomic
def discharge(
    *,
    infusion: Infusion,
    escort: str,
    override: str,
    despite_urgent: str = "",
    by: str,
    at: datetime,
    now: datetime | None = None,
) -> None:
    """Record that the person leaves; raises NotReadyError naming what is open unless a prescriber says why not.

    `override` is the reason for criteria that are not met. A running emergency or an urgent alarm takes words of its own.
    """
    missing = [row.says for row in queries.criteria(infusion, at=at) if row.standing.value != "met"]
    urgent = still_urgent(infusion, at=at)
    if urgent and not despite_urgent.strip():
        raise NotReadyError(
            _("%(open)s. End it first, or a prescriber says in words of its own why this person leaves all the same") % {"open": "; ".join(urgent)}
        )  # fmt: skip
    if missing and not override.strip():
        raise NotReadyError(
            _("not met or not known: %(criteria)s. A prescriber can record a reason; of somebody who has gone, record that they left before the criteria were met") % {"criteria": "; ".join(missing)}
        )  # fmt: skip
    if not escort.strip():
        raise NotReadyError(_("escort: is empty. Write who takes the person home"))
    said = ((despite_urgent, urgent), (override, missing))
    although = [{"reason": reason.strip(), "open": open_then} for reason, open_then in said if open_then]
    infusions.record(
        infusion=infusion, kind=Kind.DISCHARGED, by=by, at=at, now=now or at, says=f"escort: {escort}"[: infusions.WORDS], although=although
    )  # fmt: skip


@transaction.atomic
def correct_discharge(
    *, event: InfusionEvent, by: str, now: datetime, reason: str, prescriber: bool, **fields: Any
) -> InfusionEvent:
    """Put right when somebody left; what was open at that time and is not let be yet takes a prescriber, whose reason is kept beside it.

    Raises NotReadyError naming what was open, and NotNowError as `corrections.correct`.
    """
    infusion, at = event.infusion, fields.get("at", event.at)
    let_be = {says for one in event.although for says in one["open"]}
    open_then = [row.says for row in queries.criteria(infusion, at=at) if row.standing is not Standing.MET]
    fresh = [says for says in [*still_urgent(infusion, at=at), *open_then] if says not in let_be]
    if fresh and not prescriber:
        raise NotReadyError(
            _("%(at)s: not met or not known then: %(criteria)s. A prescriber puts this time right and says why") % {"at": infusions.clock_time(at), "criteria": "; ".join(fresh)}
        )  # fmt: skip
    although = [*event.although, {"reason": reason.strip(), "open": fresh}] if fresh else event.although
    return corrections.correct(event=event, by=by, now=now, reason=reason, **{**fields, "although": although})


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
        _account(infusion, explained, by, at)
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
        raise NotReadyError(_("this record is signed already")) from error
    _audited(infusion, by, at, "record signed and locked", digest=digest)
    learn(infusion, by=by, at=at)
    return signature


def _account(infusion: Infusion, explained: Explained | None, by: str, at: datetime) -> None:
    """Write down why the drug does not add up, and close what was asked about it; raises NotReadyError when nobody says why."""
    balance = ledger.balance(infusion.reference)
    if not balance.closes:
        missing = _("%(mg)s mg are not accounted for") % {"mg": shown(balance.unaccounted_mg)}
        if explained is None or not explained.why.strip() or explained.witness in {"", by}:
            raise NotReadyError(
                _("%(missing)s: record them wasted, or say why before a witness") % {"missing": missing}
            )
        says = f"{missing}: {explained.why} (witness {explained.witness})"[:300]
        infusions.record(infusion=infusion, kind=Kind.OBSERVATION, by=by, at=at, now=at, says=says)
    for task in tasks.open_tasks().filter(key=f"balance {infusion.reference}"):
        tasks.finish(task, by=by, at=at, note=explained.why if explained else "adds up")


@transaction.atomic
def freeze(*, infusion: Infusion, reason: str, by: str, at: datetime) -> Incident:
    """Freeze a session after an incident; raises NotReadyError without a reason, or when it is frozen already."""
    infusion = Infusion.objects.select_for_update().get(pk=infusion.pk)
    if not reason.strip():
        raise NotReadyError(_("What happened: is empty. Write why the session is frozen"))
    if infusions_queries.incident_of(infusion) is not None:
        raise NotReadyError(_("This session is frozen already: take its bundle, or write an addendum"))
    values = record(infusion)
    row = Incident(infusion=infusion, reason=reason.strip(), record=values, digest=digest_of(values), at=at, by=by)
    row.save()
    _audited(infusion, by, at, "session frozen after an incident", reason=row.reason, digest=row.digest)
    return row


@transaction.atomic
def add(
    *,
    infusion: Infusion,
    text: str,
    reason: str,
    by: str,
    at: datetime,
    now: datetime,
    event: int | None = None,
    really: Patient | None = None,
) -> Addendum:
    """Write an addendum to a record that is signed or frozen; raises NotReadyError before that, or when text or reason is empty.

    `at` is clinic time for the audit row, `now` the wall time that stands on the addendum. `really` names whose session it was when
    it was recorded for the wrong person: both records then hold the next infusion.
    """
    locked = Signature.objects.filter(infusion=infusion).first() or infusions_queries.incident_of(infusion)
    if locked is None:
        raise NotReadyError(_("this record is not signed yet: correct the entry itself"))
    _worded(infusion, text, reason, event)
    whose = "" if really is None else f"Was the session of patient {really.reference}. "
    row = Addendum(
        infusion=infusion,
        event=event,
        reason=reason.strip(),
        text=whose + text.strip(),
        signed_digest=locked.digest,
        at=now,
        by=by,
    )
    row.save()
    _audited(infusion, by, at, "addendum written", number=infusion.addenda.count())
    if really is not None:
        tell_both(infusion, really, row.reason, by=by, at=at)
    return row


def _worded(infusion: Infusion, text: str, reason: str, event: int | None) -> None:
    """Raise NotReadyError unless an addendum has words and a reason, and the event that it names is there."""
    for name, value in ((_("Addendum"), text), (_("Reason"), reason)):
        if not value.strip():
            raise NotReadyError(
                _("%(field)s: is empty. Write what is missing or wrong, and why it is added now") % {"field": name}
            )
    if event is not None and not infusion.events.filter(number=event).exists():
        raise NotReadyError(
            _("Event %(number)s: is not in this record. Choose one that is, or leave it blank") % {"number": event}
        )


@transaction.atomic
def score(
    *, infusion: Infusion, instrument: str, answers: dict[str, int], by: str, at: datetime, now: datetime | None = None
) -> None:
    """Keep a recovery score, seen `at`; raises NotReadyError when an item was left out or the person did not recover here then."""
    infusions.refuse_outside(infusion, at)
    if infusions_queries.course_at(infusion, at).phase is not Phase.RECOVERING:
        raise NotReadyError(_("a recovery score is taken after the infusion and before the person leaves"))
    missing = [item.words for item in questionnaire(instrument).items if item.id not in answers]
    if missing:
        raise NotReadyError(
            _("%(items)s: not answered. A score with a gap is no score") % {"items": ", ".join(missing)}
        )
    instruments.answer(patient=infusion.patient, instrument=instrument, answers=answers, by=by, at=at, now=now)


def digest_of(values: dict[str, Any]) -> str:
    """Return the SHA-256 of a record in its canonical form."""
    return hashlib.sha256(
        json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def _audited(infusion: Infusion, by: str, at: datetime, action: str, **detail: Any) -> None:
    audit.record(
        by=by, at=at, action=action, patient=infusion.patient.reference, about=f"session {infusion.reference}", **detail
    )
