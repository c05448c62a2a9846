"""A session that was recorded for the wrong person or on the wrong chair: moved as a whole, in new rows.

The old session keeps everything, struck through: each of its steps is voided by a row that says where it went, so that nothing was
started and nothing given there. The new one carries the steps, the drug book, and the readings that are its own; level and balance are
computed from those. The checks before the start are not carried over to another person: nobody asked that person.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.infusion import following, queries
from openketamine.clinic.infusion.actions import NotNowError, refuse_frozen
from openketamine.clinic.infusion.consequences import expect, post_given
from openketamine.clinic.infusion.models import GateAnswer, Infusion, InfusionEvent, Wishes
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.arranging import bound_anew
from openketamine.clinic.monitoring.asked import AskedBefore
from openketamine.clinic.monitoring.models import (
    AlarmEvent,
    Chair,
    ChairMove,
    DeviceAlarm,
    DeviceOnChair,
    PumpStatement,
    Reading,
    Source,
    Watch,
)
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan.models import Order
from openketamine.core.infusion.events import Kind

FRESH: dict[str, Any] = {"alarm_state": {}, "alarm_tick_at": None}
LONGEST = 300


def move(
    *, infusion: Infusion, patient: Patient, order: Order, chair: Chair, reason: str, by: str, at: datetime
) -> Infusion:
    """Return the session as it should have been; raises NotNowError when it is signed, unchanged, or the place is taken."""
    _refuse(infusion, patient, order, chair, reason)
    try:
        with transaction.atomic():
            return _moved(infusion, patient, order, chair, reason, by, at)
    except IntegrityError as error:
        words = {"patient": patient, "chair": chair}
        raise NotNowError(
            _("%(patient)s or %(chair)s is in another open session: close that one first") % words
        ) from error


def _refuse(infusion: Infusion, patient: Patient, order: Order, chair: Chair, reason: str) -> None:
    refuse_frozen(infusion)
    kinds = {row.kind for row in queries.standing_events(infusion)}
    if Kind.SIGNED.value in kinds:
        raise NotNowError(_("This record is signed and locked: write an addendum, and name in it whose session it was"))
    if Kind.CANCELLED.value in kinds:
        raise NotNowError(_("This session was cancelled or moved already"))
    if (patient.pk, chair.pk) == (infusion.patient_id, infusion.watch.chair_id):
        raise NotNowError(_("This is the same person on the same chair: nothing to move"))
    if chair.pk != infusion.watch.chair_id and infusion.watch.chair_moves.exists():
        raise NotNowError(
            _("This session has moved from one chair to another: say where the person sat, and since when, on the page for moving to another chair")
        )  # fmt: skip
    if order.planned.course.patient_id != patient.pk:
        raise NotNowError(_("The order is not this person's"))
    if not reason.strip():
        raise NotNowError(_("Reason: is empty. Say what happened"))


def _moved(
    infusion: Infusion, patient: Patient, order: Order, chair: Chair, reason: str, by: str, at: datetime
) -> Infusion:
    old = Infusion.objects.select_for_update().get(pk=infusion.pk)
    if old.watch.ended_at is None:
        alarms.evaluate(old.watch_id, at=at)
        old.watch.refresh_from_db()
    watch, closed_at, ended_at = old.watch, old.closed_at, old.watch.ended_at
    started = queries.course_of(old).started_at
    _emptied(old, watch, at)
    new_watch = _copied(watch, patient_id=patient.pk, chair_id=chair.pk, ended_at=ended_at, **FRESH)
    new = Infusion.objects.create(
        patient=patient, order=order, watch=new_watch, nurse=old.nurse, opened_at=old.opened_at, closed_at=closed_at, left_out=old.left_out,
    )  # fmt: skip
    ledger.open_account(session=new.reference, patient=patient, order=order, by=by, at=at)
    ledger.move(session=old.reference, to=new.reference, patient=patient.reference, by=by, at=at)
    _carry_readings(watch, new_watch, by, at)
    steps = _carry_steps(old, new, reason, by, at)
    following.to_session(old, new, steps, why=f"moved to session {new.reference}: {reason}", by=by, at=at)
    if patient.pk != old.patient_id:
        _tell_both(old, new, started, reason, by, at)
    else:
        for table in (GateAnswer, Wishes):
            for row in table.objects.filter(infusion=old).order_by("pk"):
                _copied(row, infusion_id=new.pk)
    old.moved_to = new
    old.save(update_fields=["moved_to"])
    expect(new, at)
    post_given(new, by, at)
    for one, says in ((old, f"moved to session {new.reference}"), (new, f"moved from session {old.reference}")):
        audit.record(
            by=by, at=at, action="session moved", patient=one.patient.reference, about=f"session {one.reference}",
            says=says, reason=reason,
        )  # fmt: skip
    return new


def _emptied(old: Infusion, watch: Watch, at: datetime) -> None:
    """Close the old session; its watch was never in force, so that no late reading comes to it."""
    old.closed_at, watch.ended_at = old.closed_at or at, watch.started_at
    old.save(update_fields=["closed_at"])
    watch.save(update_fields=["ended_at"])


def _carry_steps(old: Infusion, new: Infusion, reason: str, by: str, at: datetime) -> dict[int, int]:
    """Copy every step with its number, void the old ones, and say in both records where they went and why.

    Returns the keys of the copies by those of the steps.
    """
    made: dict[int, InfusionEvent] = {}
    rows = list(InfusionEvent.objects.filter(infusion=old).order_by("number"))
    for row in rows:
        voids = made[row.voids_id].pk if row.voids_id else None
        made[row.pk] = _copied(row, infusion_id=new.pk, voids_id=voids)
    number = len(rows)
    for row in queries.standing_events(old):
        number += 1
        says = f"event {row.number} belongs to session {new.reference}"
        _note(old, number, Kind.OBSERVATION, says, by, at, at=row.at, voids=row)
    _note(old, number + 1, Kind.CANCELLED, f"moved to session {new.reference}: {reason}", by, at)
    _note(new, len(rows) + 1, Kind.OBSERVATION, f"moved from session {old.reference}: {reason}", by, at)
    return {key: copy.pk for key, copy in made.items()}


def _note(infusion: Infusion, number: int, kind: Kind, says: str, by: str, now: datetime, **more: Any) -> None:
    InfusionEvent(
        infusion=infusion,
        number=number,
        kind=kind.value,
        says=says[:LONGEST],
        by=by,
        recorded_at=now,
        **{"at": now, **more},
    ).save()


def _carry_readings(old: Watch, new: Watch, by: str, at: datetime) -> None:
    """Copy what was typed; and what devices said: all of it for another person here, that of the other chair's devices there."""
    readings = Reading.objects.filter(watch=old)
    if old.chair_id == new.chair_id:
        told = (PumpStatement.objects.filter(rebound=None), DeviceAlarm.objects.filter(rebound=None))
        for rows in (AlarmEvent.objects.all(), ChairMove.objects.all(), AskedBefore.objects.all(), *told):
            rows.model.objects.bulk_create(_copy(row, watch_id=new.pk) for row in rows.filter(watch=old).order_by("pk"))
    else:
        readings = readings.filter(source=Source.TYPED)
        there = DeviceOnChair.objects.filter(chair_id=new.chair_id).values_list("device", flat=True)
        bound_anew({*there}, new.started_at, by, at)
    own = readings.order_by("observed_at", "pk")
    Reading.objects.bulk_create(_copy(row, watch_id=new.pk, seq=None, obx=None) for row in own)
    if old.chair_id == new.chair_id:
        alarms.take_over(old, new)


def _tell_both(old: Infusion, new: Infusion, started: datetime | None, reason: str, by: str, at: datetime) -> None:
    """Open a finding on both records; an infusion that was given counts in the right course alone."""
    say: dict[str, Any] = {"room": "infusion", "by": by, "at": at}
    people.open_finding(
        patient=old.patient, code=f"session_moved_{old.reference}", holds=False, session=old.reference,
        says=f"A session was recorded here for another person and moved: {reason}"[:LONGEST], **say,
    )  # fmt: skip
    if started is None:
        return
    people.open_finding(
        patient=new.patient, code=f"session_moved_{old.reference}", holds=True, session=new.reference,
        says=f"Was given an infusion under another person's checks: {reason}"[:LONGEST], **say,
    )  # fmt: skip
    plan.take_back_given(planned=old.order.planned, reason=reason, by=by, at=at)
    plan.mark_given(planned=new.order.planned, at=started)


def _copy(row: models.Model, **changes: Any) -> Any:
    fields = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row)(**{**fields, **changes})


def _copied(row: models.Model, **changes: Any) -> Any:
    made = _copy(row, **changes)
    made.save()
    return made
