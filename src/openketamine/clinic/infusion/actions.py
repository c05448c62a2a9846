"""Opening a session, answering the check before the start, recording what the pump was set to, correcting, closing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import GateAnswer, Infusion, InfusionEvent
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.models import Chair, DeviceOnChair, Watch
from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan.models import Order
from openketamine.core.infusion.events import Event, Kind, NotPermittedError, after

LIMITS = "vital_signs"
CONTINUOUS = ("spo2", "heart_rate")
CLOSING = frozenset({Kind.DISCHARGED, Kind.CANCELLED})


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
    """Record one answer of the check before the start."""
    row = GateAnswer(infusion=infusion, item=item, answer=answer, note=note, by=by, at=at)
    row.save()
    _audited(infusion, by, at, "check before the start", item=item, answer=answer)
    return row


@transaction.atomic
def record(*, infusion: Infusion, kind: Kind, by: str, at: datetime, now: datetime, **fields: Any) -> InfusionEvent:
    """Record one step at the chair; raises NotNowError when it cannot follow what is recorded.

    `at` is when it happened and `now` when it is written down. The row of the infusion is locked, so that two tablets
    pressing start at once give one start and a clear message.
    """
    infusion = Infusion.objects.select_for_update().get(pk=infusion.pk)
    course = queries.course_of(infusion)
    event = Event(kind, at, fields.get("rate_ml_per_h"), fields.get("delivered_ml"))
    try:
        after(course, event)
    except NotPermittedError as error:
        raise NotNowError(_told(infusion, str(error))) from error
    if kind is Kind.STARTED and (hindered := queries.hindrances(infusion, at)):
        raise NotNowError("; ".join(hindered))
    row = _written(infusion, kind, by, at, now, fields)
    _followed(infusion, kind, by, at)
    return row


def _written(
    infusion: Infusion, kind: Kind, by: str, at: datetime, now: datetime, fields: dict[str, Any]
) -> InfusionEvent:
    number = InfusionEvent.objects.filter(infusion=infusion).count() + 1
    row = InfusionEvent(infusion=infusion, number=number, kind=kind.value, at=at, recorded_at=now, by=by, **fields)
    row.save()
    _audited(infusion, by, now, f"recorded: {kind.value}", number=number, rate=row.rate_ml_per_h, dose=row.dose)
    return row


def _followed(infusion: Infusion, kind: Kind, by: str, at: datetime) -> None:
    """Post what follows from a step: the course moves on, milligrams given go to the drug book, a closed session frees its chair."""
    if kind is Kind.STARTED:
        plan.mark_given(planned=infusion.order.planned, at=at)
        monitoring.take_baseline(watch=infusion.watch, at=at)
    if kind in {Kind.STOPPED, Kind.CANCELLED}:
        post_given(infusion, by, at)
    if kind in CLOSING:
        infusion.closed_at = infusion.watch.ended_at = at
        infusion.save()
        infusion.watch.save(update_fields=["ended_at"])


def post_given(infusion: Infusion, by: str, at: datetime) -> None:
    """Post the milligrams given to the drug book; after a correction the new amount replaces the old one."""
    course = queries.course_of(infusion)
    if course.started_at is None:
        return
    basis = "pump total" if course.pump_total_ml is not None else "recorded rates"
    mg = queries.given_mg(infusion, course, course.stopped_at or at)
    ledger.give(session=infusion.reference, mg=mg, basis=basis, by=by, at=at, patient=infusion.patient.reference)


@transaction.atomic
def correct(*, event: InfusionEvent, by: str, now: datetime, reason: str, **fields: Any) -> InfusionEvent:
    """Replace a recorded step by a corrected one; the old row stays, struck through, and what follows is computed anew."""
    infusion = Infusion.objects.select_for_update().get(pk=event.infusion_id)
    if InfusionEvent.objects.filter(voids=event).exists():
        raise NotNowError(f"event {event.number} has been corrected already: correct the newer one")
    same = {name: getattr(event, name) for name in ("at", "rate_ml_per_h", "delivered_ml", "dose")}
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
