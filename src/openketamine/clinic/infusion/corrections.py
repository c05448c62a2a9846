"""What was recorded by mistake: taken back within ten seconds, entered in error later, or corrected. No row is ever deleted."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import ending, pump, queries
from openketamine.clinic.infusion.actions import (
    WORDS,
    NotNowError,
    audited,
    clock_time,
    refusal,
    refuse_before_opening,
    refuse_locked,
    written,
)
from openketamine.clinic.infusion.consequences import (
    MOVES_DRUG,
    ask_about_balance,
    baseline_anew,
    close_anew,
    expect,
    open_again,
    post_given,
    take_back,
)
from openketamine.clinic.infusion.models import AMOUNTS, Infusion, InfusionEvent
from openketamine.clinic.infusion.scales import OBSERVED
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.models import ReadingTakenBack, Source, StoredReading
from openketamine.clinic.people.models import Clinic
from openketamine.core.infusion.events import ARRANGES, CLOSING, NOTES, Kind, NotPermittedError

UNDO_WITHIN = timedelta(seconds=10)
SAME = ("at", *dict(AMOUNTS), "fluid", "dose", "sedates", "although", "says")
"""What a step says, and a correction says again unless it changes it."""
SCALES = frozenset(one.signal for one in OBSERVED)
SAID_ANEW = ARRANGES | {Kind.UNDONE, Kind.SIGNALS}
"""What is put right by recording it anew, from the instant on from which it was otherwise."""
IN_ERROR = (
    frozenset(
        {
            *NOTES, Kind.CHECKED, Kind.READY, Kind.RATE_SET, Kind.PAUSED, Kind.RESUMED, Kind.STOPPED, Kind.COMPLETED, Kind.INFILTRATED,
            Kind.FLUSHED, *CLOSING,
        }
    )
    - SAID_ANEW
)  # fmt: skip
"""What never happened can be taken out, while the rest of the record stands without it."""
TIMED = frozenset(Kind) - SAID_ANEW - {Kind.CHECKED, Kind.READY, Kind.SIGNED, Kind.TAKEN_OVER}
"""Steps whose time can be put right, with what they say in numbers; of a drug also its dose, of a vein where it is. Who took a chair over is who recorded it."""


def undo_within() -> timedelta:
    """Return the ten seconds of a person as the clinic's clock counts them: a demo may run faster."""
    clinic = Clinic.objects.first()
    return UNDO_WITHIN * (clinic.clock_rate if clinic else 1.0)


def undoable(event: InfusionEvent, *, by: str, now: datetime) -> bool:
    """Say whether who logged a step may still take it back."""
    may = event.by == by and event.kind in NOTES - SAID_ANEW
    return may and now - event.recorded_at <= undo_within()


@transaction.atomic
def undo(*, event: InfusionEvent, by: str, at: datetime, now: datetime) -> InfusionEvent:
    """Take back a step that was logged by mistake a moment before `at`; both rows stay in the record. `now` is when that arrives."""
    words = {"number": event.number}
    if not undoable(event, by=by, now=at):
        raise NotNowError(
            _("Event %(number)s can be taken back for ten seconds, by who logged it. Later: record that it was entered in error") % words
        )  # fmt: skip
    return _voided(event, f"takes back {event.kind}", by, now)


def undoable_values(infusion: Infusion, *, by: str, now: datetime) -> list[StoredReading]:
    """Return the values of scales that somebody typed a moment ago and may still take back, newest first."""
    rows = StoredReading.objects.filter(watch=infusion.watch_id, by=by, signal__in=SCALES, source=Source.TYPED)
    recent = rows.filter(taken_back=None, received_at__gte=now - undo_within()).exclude(value=None)
    return list(recent.order_by("-pk"))


@transaction.atomic
def undo_value(*, infusion: Infusion, number: int, by: str, at: datetime, now: datetime) -> ReadingTakenBack:
    """Take back a value of a scale that was tapped by mistake a moment before `at`; both rows stay in the record."""
    refuse_locked(Infusion.objects.select_for_update().get(pk=infusion.pk))
    found = next((row for row in undoable_values(infusion, by=by, now=at) if row.pk == number), None)
    if found is None:
        raise NotNowError(_("This value can be taken back for ten seconds, by who typed it. Later: type the right one, it counts from then on"))  # fmt: skip
    return monitoring.take_back(reading=found, by=by, at=now)


@transaction.atomic
def entered_in_error(*, event: InfusionEvent, by: str, now: datetime, reason: str) -> InfusionEvent:
    """Record that a step never happened; the row stays, struck through, and what follows is computed anew."""
    words = {"number": event.number, "kind": event.kind}
    if event.kind not in IN_ERROR:
        raise NotNowError(_("Event %(number)s, %(kind)s: cannot be taken out; correct its value, or write an addendum") % words)  # fmt: skip
    if not reason.strip():
        raise NotNowError(_("Reason: is empty. Say what was wrong"))
    return _voided(event, f"entered in error: {reason}", by, now)


def _voided(event: InfusionEvent, says: str, by: str, now: datetime) -> InfusionEvent:
    infusion = Infusion.objects.select_for_update().get(pk=event.infusion_id)
    _refuse_twice(infusion, event)
    if event.kind in CLOSING:
        ending.refuse_going_on(infusion, now)
    row = written(infusion, Kind.UNDONE, by, event.at, now, {"says": says[:WORDS], "voids": event})
    if event.kind in CLOSING:
        open_again(infusion, by, now)
    _computed_anew(infusion, row, by, now)
    take_back(event, by, now)
    return row


@transaction.atomic
def correct(*, event: InfusionEvent, by: str, now: datetime, reason: str, **fields: Any) -> InfusionEvent:
    """Replace a recorded step by one that is right, or, with `at` among the fields, at another time; raises NotNowError.

    The old row stays, struck through; the new one says what it replaces and why, and what follows is computed anew.
    """
    infusion = Infusion.objects.select_for_update().get(pk=event.infusion_id)
    _refuse_twice(infusion, event)
    same = {name: getattr(event, name) for name in SAME}
    row = InfusionEvent(
        infusion=infusion, number=InfusionEvent.objects.filter(infusion=infusion).count() + 1, kind=event.kind,
        recorded_at=now, by=by, voids=event, reason=reason, **{**same, **fields},
    )  # fmt: skip
    _refuse_time(infusion, event, row, now)
    row.save()
    why = f"event {event.number} put right: {reason}"
    _computed_anew(infusion, row, by, now, why)
    _follow_anew(infusion, event, row, now)
    audited(infusion, by, now, "corrected", number=event.number, reason=reason, replaced=row.replaced)
    return row


def _refuse_time(infusion: Infusion, event: InfusionEvent, row: InfusionEvent, now: datetime) -> None:
    """Raise NotNowError for a correction that changes nothing, and for a time at which this cannot have been."""
    if all(getattr(row, name) == getattr(event, name) for name in SAME):
        raise NotNowError(
            _("Nothing is changed: type the time or the value as it was. What was recorded stays as it is")
        )
    refuse_before_opening(infusion, row.at)
    if row.at > now:
        raise NotNowError(_("%(at)s is still to come: check the time that was typed") % {"at": clock_time(row.at)})
    if row.kind in CLOSING:
        ending.refuse(infusion, row.at)


def _follow_anew(infusion: Infusion, event: InfusionEvent, row: InfusionEvent, now: datetime) -> None:
    """Do what a step that was put right asks for elsewhere."""
    if row.kind == Kind.STARTED.value:
        baseline_anew(infusion, now)
    if row.kind in CLOSING and row.at != event.at:
        close_anew(infusion, event, row, now)
    if infusion.closed_at is not None:
        ask_about_balance(infusion, now)


def _refuse_twice(infusion: Infusion, event: InfusionEvent) -> None:
    if InfusionEvent.objects.filter(voids=event).exists():
        words = {"number": event.number}
        raise NotNowError(_("Event %(number)s has been corrected already: correct the newer one") % words)
    refuse_locked(infusion)


def _computed_anew(infusion: Infusion, row: InfusionEvent, by: str, now: datetime, why: str = "") -> None:
    """Work out what follows from the record as it stands now; raises NotNowError when its steps cannot follow one another."""
    try:
        queries.course_of(infusion)
    except NotPermittedError as error:
        raise NotNowError(_("This does not fit the rest of the record: %(why)s") % {"why": refusal(error)}) from error
    expect(infusion, now)
    moved = row.voids.kind if row.voids else row.kind
    if moved in MOVES_DRUG:
        post_given(infusion, by, now, why)
        pump.compare_ended(infusion, by=by, at=now)
