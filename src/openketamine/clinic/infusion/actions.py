"""Opening a session, answering the check before the start, recording what the pump was set to, correcting, closing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.consequences import follow, post_given
from openketamine.clinic.infusion.models import GateAnswer, Infusion, InfusionEvent, Submission
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.models import Chair, DeviceOnChair, Watch
from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.plan.models import Order
from openketamine.core.infusion.events import NOTES, Event, Kind, NotPermittedError, Phase, fold

LIMITS = "vital_signs"
CONTINUOUS = ("spo2", "heart_rate")
ASKED_FIRST = frozenset({Kind.READY, Kind.STARTED})
AMOUNTS = ("rate_ml_per_h", "delivered_ml", "volume_ml")
UNDO_WITHIN = timedelta(minutes=2)


class NotNowError(ValueError):
    """This cannot be recorded now; the message says why and what to do next."""


def open_session(
    *, patient: Patient, order: Order, chair: Chair, by: str, at: datetime, required: Sequence[str] | None = None
) -> Infusion:
    """Seat a person on a chair for an order; raises NotNowError when either is taken already.

    `required` names the signals whose absence is an alarm from the first second on; by default those of a monitored chair.
    """
    wanted = (CONTINUOUS if _streams(chair) else ()) if required is None else required
    try:
        with transaction.atomic():
            return _opened(patient, order, chair, wanted, by, at)
    except IntegrityError as error:
        raise NotNowError(_taken(patient, chair)) from error


def _opened(patient: Patient, order: Order, chair: Chair, required: Sequence[str], by: str, at: datetime) -> Infusion:
    watch = Watch.objects.create(
        patient=patient, chair=chair, limits=LIMITS, limits_sha256=texts.keep("limits", LIMITS, at=at), started_at=at,
        required=list(required),
    )  # fmt: skip
    infusion = Infusion.objects.create(patient=patient, order=order, watch=watch, nurse=by, opened_at=at)
    ledger.open_account(session=infusion.reference, patient=patient, order=order, by=by, at=at)
    audit.record(
        by=by,
        at=at,
        action="session opened",
        patient=patient.reference,
        about=f"session {infusion.reference}",
        chair=chair.name,
    )
    return infusion


def _streams(chair: Chair) -> bool:
    """Say whether a device stands at this chair and the clinic listens to devices."""
    moves = DeviceOnChair.objects.order_by("device", "-at", "-pk")
    newest: dict[int, int | None] = {}
    for move in moves:
        newest.setdefault(move.device_id, move.chair_id)
    listening = Clinic.objects.filter(device_stream=True).exists()
    return listening and chair.pk in newest.values()


def _taken(patient: Patient, chair: Chair) -> str:
    if Infusion.objects.filter(patient=patient, closed_at=None).exists():
        return "This person has an open session already: open that one, or close it first"
    return f"{chair} is in use: choose another chair, or close the session there first"


@transaction.atomic
def answer_gate(*, infusion: Infusion, item: str, answer: str, note: str, by: str, at: datetime) -> GateAnswer:
    """Record one answer of the check before the start; with the last one the person is checked."""
    row = GateAnswer(infusion=infusion, item=item, answer=answer, note=note, by=by, at=at)
    row.save()
    _audited(infusion, by, at, "check before the start", item=item, answer=answer)
    if queries.course_of(infusion).phase is Phase.ARRIVED and not queries.unanswered(infusion):
        record(infusion=infusion, kind=Kind.CHECKED, by=by, at=at, now=at)
    return row


@transaction.atomic
def make_ready(
    *, infusion: Infusion, required: Sequence[str], reason: str, by: str, at: datetime, now: datetime
) -> InfusionEvent:
    """Confirm which signals must be there and that nothing stands before the start; leaving one out needs a reason."""
    left_out = [signal for signal in infusion.watch.required if signal not in required]
    if left_out and not reason.strip():
        raise NotNowError(f"reason = empty: say why {', '.join(left_out)} is not monitored")
    says = "; ".join(
        [
            f"watched: {', '.join(required) or 'nothing by device'}",
            *([f"not monitored: {', '.join(left_out)}: {reason}"] * bool(left_out)),
        ]
    )
    infusion.watch.required = list(required)
    infusion.watch.save(update_fields=["required"])
    return record(infusion=infusion, kind=Kind.READY, by=by, at=at, now=now, says=says[:300])


@transaction.atomic
def record(*, infusion: Infusion, kind: Kind, by: str, at: datetime, now: datetime, **fields: Any) -> InfusionEvent:
    """Record one step at the chair; raises NotNowError when it does not fit what is recorded.

    `at` is when it happened and `now` when it is written down: a late entry takes its place in time and what follows is computed
    anew. The row of the infusion is locked, so that two tablets pressing start at once give one start and a clear message.
    """
    infusion = Infusion.objects.select_for_update().get(pk=infusion.pk)
    if kind in ASKED_FIRST and (hindered := queries.hindrances(infusion, now)):
        raise NotNowError("; ".join(hindered))
    if kind is Kind.STARTED and queries.course_of(infusion).phase in {Phase.ARRIVED, Phase.CHECKED}:
        raise NotNowError("this person is not ready yet: record that first")
    before = queries.standing_events(infusion)
    event = Event(
        kind,
        at,
        fields.get("rate_ml_per_h"),
        fields.get("delivered_ml"),
        fields.get("volume_ml"),
        fields.get("fluid", ""),
    )
    _fits(infusion, before, event)
    row = _written(infusion, kind, by, at, now, fields)
    follow(infusion, row, now)
    return row


def _fits(infusion: Infusion, before: Sequence[InfusionEvent], event: Event) -> None:
    """Raise NotNowError unless the recorded steps and this one, in the order of time, can follow one another."""
    known = [queries.as_event(row) for row in before]
    if any(one.kind is Kind.SIGNED for one in known):
        raise NotNowError(
            _told(infusion, "this record is signed and locked: what is missing is written as an addendum")
        )
    try:
        fold(sorted([*known, event], key=lambda one: one.at))
    except NotPermittedError as error:
        raise NotNowError(_told(infusion, str(error))) from error


def _written(
    infusion: Infusion, kind: Kind, by: str, at: datetime, now: datetime, fields: dict[str, Any]
) -> InfusionEvent:
    number = InfusionEvent.objects.filter(infusion=infusion).count() + 1
    row = InfusionEvent(infusion=infusion, number=number, kind=kind.value, at=at, recorded_at=now, by=by, **fields)
    row.save()
    _audited(infusion, by, now, f"recorded: {kind.value}", number=number, rate=row.rate_ml_per_h, dose=row.dose)
    return row


@transaction.atomic
def once(*, infusion: Infusion, key: str, by: str, at: datetime) -> bool:
    """Say whether a form arrives for the first time, and remember it; a form without a key is always new."""
    if not key:
        return True
    if Submission.objects.filter(key=key).exists():
        return False
    Submission(key=key[:40], infusion=infusion, at=at, by=by).save()
    return True


@transaction.atomic
def undo(*, event: InfusionEvent, by: str, now: datetime) -> InfusionEvent:
    """Take back a step that was logged by mistake a moment ago; both rows stay in the record."""
    if now - event.recorded_at > UNDO_WITHIN or event.by != by or event.kind not in NOTES:
        raise NotNowError(
            f"event {event.number}: can be taken back for ten seconds by who logged it; correct it instead"
        )
    if InfusionEvent.objects.filter(voids=event).exists():
        raise NotNowError(f"event {event.number} has been corrected already")
    return _written(
        event.infusion, Kind.UNDONE, by, event.at, now, {"says": f"takes back {event.kind}", "voids": event}
    )


@transaction.atomic
def correct(*, event: InfusionEvent, by: str, now: datetime, reason: str, **fields: Any) -> InfusionEvent:
    """Replace a recorded step by a corrected one; the old row stays, struck through, and what follows is computed anew."""
    infusion = Infusion.objects.select_for_update().get(pk=event.infusion_id)
    if InfusionEvent.objects.filter(voids=event).exists():
        raise NotNowError(f"event {event.number} has been corrected already: correct the newer one")
    same = {name: getattr(event, name) for name in ("at", *AMOUNTS, "fluid", "dose")}
    row = InfusionEvent(
        infusion=infusion, number=InfusionEvent.objects.filter(infusion=infusion).count() + 1, kind=event.kind,
        recorded_at=now, by=by, voids=event, says=reason, **{**same, **fields},
    )  # fmt: skip
    row.save()
    try:
        course = queries.course_of(infusion)
    except NotPermittedError as error:
        raise NotNowError(f"the correction does not fit the rest of the record: {error}") from error
    if course.stopped_at is not None:
        post_given(infusion, by, now)
    _audited(infusion, by, now, "corrected", number=event.number, reason=reason)
    return row


def _told(infusion: Infusion, why: str) -> str:
    last = InfusionEvent.objects.filter(infusion=infusion).order_by("-number").first()
    return f"{why} (last recorded: {last.kind} at {last.at:%H:%M:%S} UTC by {last.by})" if last else why


def _audited(infusion: Infusion, by: str, at: datetime, action: str, **detail: Any) -> None:
    audit.record(
        by=by,
        at=at,
        action=action[:60],
        patient=infusion.patient.reference,
        about=f"session {infusion.reference}",
        **detail,
    )
