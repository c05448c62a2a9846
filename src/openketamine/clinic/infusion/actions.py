"""Opening a session, answering the check before the start, recording what the pump was set to, closing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit.models import arrived
from openketamine.clinic.candidacy import results as dated
from openketamine.clinic.candidacy.models import Examined
from openketamine.clinic.infusion import before, queries, results
from openketamine.clinic.infusion.consequences import ask_about_start, expect, follow
from openketamine.clinic.infusion.models import GateAnswer, Infusion, InfusionEvent, Submission, Wishes
from openketamine.clinic.infusion.names import names
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import limits
from openketamine.clinic.monitoring.models import Chair, DeviceOnChair, Watch
from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.plan.models import Order
from openketamine.core.candidacy.facts import Value
from openketamine.core.infusion.events import BEFORE, Event, Kind, NotPermittedError, Phase, fold
from openketamine.core.infusion.gate import GateItem

ASKED_FIRST = frozenset({Kind.READY, Kind.STARTED})
SAID, WORDS = 200, 300
REFUSALS = (
    gettext_noop("%(step)s cannot be recorded while the infusion is %(phase)s"),
    gettext_noop("%(step)s is timed before the last recorded change of the pump"),
    gettext_noop("%(step)s needs a rate greater than 0 mL/h"),
    gettext_noop("%(step)s needs a volume greater than 0 mL"),
)
"""What the core refuses, for the catalogue of texts; a test holds both lists together."""
STILL_NOTED = frozenset({Kind.OBSERVATION, Kind.SIGNED})
"""What is recorded in a closed session that was frozen: what somebody notes now, and the signature."""


class NotNowError(ValueError):
    """This cannot be recorded now; the message says why and what to do next."""


def open_session(
    *, patient: Patient, order: Order, chair: Chair, by: str, at: datetime, required: Sequence[str] | None = None
) -> Infusion:
    """Seat a person on a chair for an order; raises NotNowError when either is taken already.

    `required` names the signals whose absence is an alarm from the first second on; by default those that the protocol names, where
    a monitor stands.
    """
    try:
        with transaction.atomic():
            return _opened(patient, order, chair, required, by, at)
    except IntegrityError as error:
        raise NotNowError(_taken(patient, chair)) from error


def _opened(
    patient: Patient, order: Order, chair: Chair, required: Sequence[str] | None, by: str, at: datetime
) -> Infusion:
    watch = Watch.objects.create(
        patient=patient, chair=chair, limits=limits.NAME, limits_sha256=limits.keep(at=at), started_at=at,
        required=list(required or ()),
    )  # fmt: skip
    infusion = Infusion.objects.create(patient=patient, order=order, watch=watch, nurse=by, opened_at=at)
    expect(infusion, at)
    if required is None and streams(chair):
        watch.required = list(queries.regimen_in_force(infusion).required)
        watch.save(update_fields=["required"])
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


def wanted_signals(infusion: Infusion) -> list[str]:
    """Return the signals that must be there or that somebody left out with a reason.

    While the session is open, these are all those of the protocol where no device stands, which are then taken by hand, and where
    nobody has confirmed any: a monitor may have come only after the session was opened.
    """
    kept = [*infusion.watch.required, *infusion.left_out]
    if infusion.closed_at is not None or (kept and streams(infusion.watch.chair)):
        return kept
    return list(dict.fromkeys([*queries.regimen_in_force(infusion).required, *kept]))


def streams(chair: Chair) -> bool:
    """Say whether a device stands at this chair and the clinic listens to devices."""
    moves = DeviceOnChair.objects.order_by("device", "-at", "-pk")
    newest: dict[int, int | None] = {}
    for move in moves:
        newest.setdefault(move.device_id, move.chair_id)
    listening = Clinic.objects.filter(device_stream=True).exists()
    return listening and chair.pk in newest.values()


def _taken(patient: Patient, chair: Chair) -> str:
    if Infusion.objects.filter(patient=patient, closed_at=None).exists():
        return _("This person has an open session already: open that one, or close it first")
    return _("%(chair)s is in use: choose another chair, or close the session there first") % {"chair": chair}


@transaction.atomic
def answer_gate(
    *,
    infusion: Infusion,
    item: str,
    answer: str,
    note: str = "",
    said: str = "",
    by: str,
    at: datetime,
    now: datetime | None = None,
) -> GateAnswer:
    """Record one answer of the check before the start, what was said, and a reason; with the last one the person is checked.

    `at` is when it was answered and `now` when that arrives (None: at once).
    """
    row = GateAnswer(
        infusion=infusion, item=item, answer=answer, said=said[:SAID], note=note[:SAID], by=by, at=at, recorded_at=arrived(at, now)
    )  # fmt: skip
    row.save()
    audited(infusion, by, now or at, "check before the start", item=item, answer=answer)
    if queries.course_of(infusion).phase is Phase.ARRIVED and not before.unanswered(infusion):
        record(infusion=infusion, kind=Kind.CHECKED, by=by, at=at, now=now or at)
    return row


@transaction.atomic
def record_result(
    *, infusion: Infusion, item: GateItem, value: Value, by: str, at: datetime, now: datetime | None = None
) -> None:
    """Write down a result of today and the answer that it gives; raises NotNowError once the infusion runs."""
    if infusion.closed_at is not None or queries.course_of(infusion).phase not in BEFORE:
        raise NotNowError(_("The check before the start is over: record the result in the person's intake"))
    where = _("session %(session)s") % {"session": infusion.reference}
    dated.record(patient=infusion.patient, kind=Examined(item.result), value=value, where=where, by=by, at=at)
    found = results.looked_up(infusion, item)
    answer_gate(infusion=infusion, item=item.id, answer=found.answer, said=found.words, by=by, at=at, now=now)


@transaction.atomic
def wish(
    *, infusion: Infusion, touch: str = "", preferences: str = "", helped: str = "", by: str, at: datetime
) -> Wishes | None:
    """Note what the person wishes and what helped; nothing filled in writes nothing."""
    if not (touch or preferences or helped):
        return None
    row = Wishes(infusion=infusion, touch=touch, preferences=preferences, helped=helped, by=by, at=at)
    row.save()
    audited(infusion, by, at, "wishes noted")
    return row


@transaction.atomic
def make_ready(
    *,
    infusion: Infusion,
    required: Sequence[str],
    reason: str,
    by: str,
    at: datetime,
    now: datetime,
    wanted: Sequence[str] = (),
    by_hand: bool = False,
) -> InfusionEvent:
    """Confirm which signals must be there and that nothing stands before the start; leaving one of those `wanted` out needs a reason.

    What is taken `by_hand` is asked for by each check that is due, and no device is waited for.
    """
    says = _watched(infusion, required, reason, wanted, now, by_hand=by_hand)
    return record(infusion=infusion, kind=Kind.READY, by=by, at=at, now=now, says=says[:WORDS])


@transaction.atomic
def watch_signals(
    *, infusion: Infusion, required: Sequence[str], reason: str, by: str, at: datetime, by_hand: bool = False
) -> InfusionEvent | None:
    """Change which signals must be there while the session runs; no change writes nothing, but for what was never confirmed here."""
    wanted, by_device = wanted_signals(infusion), [] if by_hand else sorted(required)
    same = by_device == sorted(infusion.watch.required) and {*wanted} - {*required} == {*infusion.left_out}
    if same and queries.unconfirmed(infusion) is None:
        return None
    says = _watched(infusion, required, reason, wanted, at, by_hand=by_hand)
    return record(infusion=infusion, kind=Kind.SIGNALS, by=by, at=at, now=at, says=says[:WORDS])


def _watched(
    infusion: Infusion, required: Sequence[str], reason: str, asked: Sequence[str], at: datetime, *, by_hand: bool
) -> str:
    """Keep the signals that must be there, and why one of those that the protocol names is left out; return it in words."""
    wanted = {*infusion.watch.required, *infusion.left_out, *asked}
    left_out = {signal: infusion.left_out.get(signal, reason.strip()) for signal in sorted(wanted - {*required})}
    silent = [signal for signal, why in left_out.items() if not why]
    if silent:
        raise NotNowError(_("Reason: is empty. Say why %(signals)s is not monitored") % {"signals": names(silent)})
    there = [] if by_hand else [signal for signal in required if signal in wanted]
    monitoring.require(watch=infusion.watch, signals=there, at=at)
    infusion.left_out = left_out
    infusion.save(update_fields=["left_out"])
    if by_hand and required:
        told = [_("taken by hand: %(signals)s") % {"signals": names(required)}]
    else:
        told = [_("watched: %(signals)s") % {"signals": names(required) if required else _("nothing by device")}]
    told += [
        _("not monitored: %(signal)s (%(why)s)") % {"signal": names([one]), "why": why} for one, why in left_out.items()
    ]
    return "; ".join(told)


@transaction.atomic
def record(
    *, infusion: Infusion, kind: Kind, by: str, at: datetime, now: datetime, kept: bool = False, **fields: Any
) -> InfusionEvent:
    """Record one step at the chair; raises NotNowError when it does not fit what is recorded.

    `at` is when it happened and `now` when it is written down: a late entry takes its place in time and what follows is computed
    anew. A start that a tablet `kept` while the network was away is a fact, and nobody was there to hold it: what stands against it
    is written with it, and a prescriber is asked to look. The row of the infusion is locked, so that two tablets pressing start at once give one start and a clear message.
    """
    infusion = Infusion.objects.select_for_update().get(pk=infusion.pk)
    if infusion.closed_at is not None and (kind not in STILL_NOTED or at < now):
        refuse_frozen(infusion)
    hindered = before.hindrances(infusion, now, at) if kind in ASKED_FIRST else []
    if hindered and not (kept and kind is Kind.STARTED):
        raise NotNowError("; ".join(hindered))
    if kind is Kind.STARTED and queries.course_of(infusion).phase in {Phase.ARRIVED, Phase.CHECKED}:
        raise NotNowError(_("This person is not ready yet: record that first"))
    if kind is Kind.STARTED and queries.unconfirmed(infusion):
        raise NotNowError(_("The chair or a device has changed: confirm the signals and record ready again"))
    known = queries.standing_events(infusion)
    event = Event(
        kind,
        at,
        fields.get("rate_ml_per_h"),
        fields.get("delivered_ml"),
        fields.get("volume_ml"),
        fields.get("fluid", ""),
    )
    _fits(infusion, known, event)
    if hindered:
        fields["although"] = [{"reason": _("started without network"), "open": hindered}]
    row = written(infusion, kind, by, at, now, fields)
    follow(infusion, row, now)
    if hindered:
        ask_about_start(infusion, row, now)
    return row


def refuse_locked(infusion: Infusion) -> None:
    """Raise NotNowError once nothing that is recorded in a session is put right any more: it is signed, or was frozen."""
    refuse_signed(infusion)
    refuse_frozen(infusion)


def refuse_signed(infusion: Infusion) -> None:
    """Raise NotNowError when a record is signed."""
    if any(row.kind == Kind.SIGNED.value for row in queries.standing_events(infusion)):
        raise NotNowError(_("This record is signed and locked: what is missing is written as an addendum"))


def refuse_outside(infusion: Infusion, at: datetime) -> None:
    """Raise NotNowError unless the record still takes what was seen or said `at`: not signed, not frozen and closed, not of later."""
    refuse_signed(infusion)
    if infusion.closed_at is None:
        return
    refuse_frozen(infusion)
    if at >= infusion.closed_at:
        raise NotNowError(
            _("This session was closed at %(at)s: what was seen later is not part of it. Record it as an observation, or write an addendum once the record is signed") % {"at": clock_time(infusion.closed_at)}
        )  # fmt: skip


def refuse_frozen(infusion: Infusion) -> None:
    """Raise NotNowError when a session was frozen after an incident: what is recorded in it does not change any more."""
    incident = queries.incident_of(infusion)
    if incident is not None:
        words = {"at": f"{timezone.localtime(incident.at):%Y-%m-%d %H:%M}", "by": incident.by}
        raise NotNowError(
            _("This session was frozen after an incident, at %(at)s by %(by)s: nothing recorded in it is changed. Write what was wrong or is missing as an addendum") % words
        )  # fmt: skip


def _fits(infusion: Infusion, standing: Sequence[InfusionEvent], event: Event) -> None:
    """Raise NotNowError unless the recorded steps and this one, in the order of time, can follow one another."""
    known = [queries.as_event(row) for row in standing]
    if any(one.kind is Kind.SIGNED for one in known):
        raise NotNowError(
            _told(infusion, _("This record is signed and locked: what is missing is written as an addendum"))
        )
    refuse_before_opening(infusion, event.at)
    try:
        fold(sorted([*known, event], key=lambda one: one.at))
    except NotPermittedError as error:
        raise NotNowError(_told(infusion, refusal(error))) from error


def refuse_before_opening(infusion: Infusion, at: datetime) -> None:
    """Raise NotNowError for a time at which the session was not open yet."""
    if at < infusion.opened_at:
        words = {"at": clock_time(at), "opened": clock_time(infusion.opened_at)}
        raise NotNowError(
            _("%(at)s: this session was opened only at %(opened)s. Check the time that was typed") % words
        )


def clock_time(at: datetime) -> str:
    """Return an instant as the clinic's clock showed it, to the second."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def refusal(error: NotPermittedError) -> str:
    """Return why a step cannot follow, in the reader's language."""
    return _(error.says) % {name: _(value.replace("_", " ")) for name, value in error.values.items()}


def written(
    infusion: Infusion, kind: Kind, by: str, at: datetime, now: datetime, fields: dict[str, Any]
) -> InfusionEvent:
    """Write one step with the next number, and its audit row."""
    number = InfusionEvent.objects.filter(infusion=infusion).count() + 1
    row = InfusionEvent(infusion=infusion, number=number, kind=kind.value, at=at, recorded_at=now, by=by, **fields)
    row.save()
    more = {"although": row.although} if row.although else {}
    audited(infusion, by, now, f"recorded: {kind.value}", number=number, rate=row.rate_ml_per_h, dose=row.dose, **more)
    return row


def arrived_before(key: str) -> bool:
    """Say whether a form was taken already; one without a key is always new."""
    return bool(key) and Submission.objects.filter(key=key[:40]).exists()


def remember(*, infusion: Infusion, key: str, by: str, at: datetime) -> None:
    """Remember that a form was taken; of two that arrive at the same instant the second is undone as a whole."""
    if key:
        Submission(key=key[:40], infusion=infusion, at=at, by=by).save()


def _told(infusion: Infusion, why: str) -> str:
    last = InfusionEvent.objects.filter(infusion=infusion).order_by("-number").first()
    if last is None:
        return why
    words = {"why": why, "kind": last.kind, "at": f"{timezone.localtime(last.at):%H:%M:%S}", "by": last.by}
    return _("%(why)s (last recorded: %(kind)s at %(at)s by %(by)s)") % words


def audited(infusion: Infusion, by: str, at: datetime, action: str, **detail: Any) -> None:
    """Write the audit row of something done at the chair."""
    audit.record(
        by=by,
        at=at,
        action=action[:60],
        patient=infusion.patient.reference,
        about=f"session {infusion.reference}",
        **detail,
    )
