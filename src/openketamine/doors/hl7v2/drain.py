"""From the inbox to the chart: each stored message becomes readings, pump statements and device alarms, exactly once.

The inbox cursor moves in the same transaction as the rows it stands for. Messages are charted together; when that fails they
are charted one by one, so that a message that cannot be charted becomes a notice and never stops the next.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from openketamine.clinic.monitoring import actions, charting, clocks
from openketamine.clinic.monitoring.charting import Memory, Row, Said
from openketamine.clinic.monitoring.models import Device, DeviceAlarm, Pulse, PumpStatement, Watch
from openketamine.clinic.people.models import Clinic as ClinicRow
from openketamine.doors.hl7v2 import times
from openketamine.doors.hl7v2.inbox import Inbox, Stored
from openketamine.doors.hl7v2.oru import Clinic
from openketamine.doors.hl7v2.oru import Seen as SeenObx
from openketamine.doors.hl7v2.read import Read, read
from openketamine.evidence.plausible import ranges

AT_ONCE = 500
SWITCHED_OFF = "the live device stream is switched off"
ToClinicTime = Callable[[datetime], datetime]
Whose = Callable[[int, datetime], Watch | None]


@dataclass(frozen=True, slots=True)
class Taken:
    """A stored message as it was read, and when it arrived by the clinic's clock."""

    stored: Stored
    found: Read
    arrival: datetime
    said: Said


@dataclass(frozen=True, slots=True)
class Unread:
    """A stored message with nothing to chart in it that people have to know of: not accepted, not readable (`error`), or let go of."""

    stored: Stored
    arrival: datetime
    error: Exception | None = None

    def tell(self) -> None:
        """Open the notice."""
        arrived = self.stored.arrived
        if self.error is not None:
            _unreadable(self.stored, self.arrival, self.error)
        elif arrived.raw is None:
            _notice(self.stored, self.arrival, "let go", f"message {self.stored.seq}: {self.stored.bytes_say}")
        else:
            _notice(self.stored, self.arrival, arrived.outcome, f"a message was not taken: {arrived.reason}")


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was read of the inbox behind a message, before anything is locked: `upto` is the last message."""

    since: int
    upto: int
    count: int
    found: Sequence[Taken | Unread]


def drain(inbox: Inbox, row: ClinicRow, to_clinic_time: ToClinicTime) -> int:
    """Chart what has arrived since the cursor, at most `AT_ONCE` messages; return how many."""
    return Drain(inbox).take(row, to_clinic_time)


class Drain:
    """One worker's way from the inbox to the chart. What it remembers is dropped as soon as another worker has gone ahead."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._memory = Memory()
        self._ahead: Ahead | None = None
        self.touched: set[int] = set()  # the watches that the last readings belong to
        self.pumped: set[int] = set()  # the watches whose pump has spoken in the last messages

    def waits(self) -> bool:
        """Say whether there is something to take; asks the inbox only."""
        return next(self._inbox.since(self._memory.upto, 1), None) is not None

    def look_ahead(self, row: ClinicRow, to_clinic_time: ToClinicTime) -> None:
        """Read what has arrived while nobody has to wait for it; `take` charts it, unless another worker has."""
        if not self._memory.upto:
            self._memory = Memory(Pulse.objects.values_list("inbox_seq", flat=True).first() or 0)
        self._ahead = self._behind(self._memory.upto, row, to_clinic_time)

    @transaction.atomic
    def take(self, row: ClinicRow, to_clinic_time: ToClinicTime) -> int:
        """Chart what has arrived since the cursor, at most `AT_ONCE` messages; return how many."""
        pulse, _made = Pulse.objects.select_for_update().get_or_create(pk=1)
        if self._memory.upto != pulse.inbox_seq:
            self._memory = Memory(pulse.inbox_seq)
        ahead, self._ahead, self.touched, self.pumped = self._ahead, None, set(), set()
        if ahead is None or ahead.since != pulse.inbox_seq:
            ahead = self._behind(pulse.inbox_seq, row, to_clinic_time)
        if ahead.count:
            for one in ahead.found:
                if isinstance(one, Unread):
                    one.tell()
            self._chart([one for one in ahead.found if isinstance(one, Taken)])
            pulse.inbox_seq = self._memory.upto = ahead.upto
            pulse.save()
        return ahead.count

    def _behind(self, since: int, row: ClinicRow, to_clinic_time: ToClinicTime) -> Ahead:
        """Read the messages behind one, at most `AT_ONCE`."""
        arrived = list(self._inbox.since(since, AT_ONCE))
        clinic = Clinic(row.charts, ranges(), ZoneInfo(row.time_zone))
        found = (self._read(one, clinic, row, to_clinic_time(one.arrived.received_at)) for one in arrived)
        upto = arrived[-1].seq if arrived else since
        return Ahead(since, upto, len(arrived), [one for one in found if one is not None])

    def _read(self, stored: Stored, clinic: Clinic, row: ClinicRow, arrival: datetime) -> Taken | Unread | None:
        """Read one stored message; None for one that was sent before."""
        raw = stored.arrived.raw
        if raw is None or stored.arrived.outcome != "accept":
            return Unread(stored, arrival)
        try:
            found = read(raw, clinic, arrival)
        except Exception as error:  # noqa: BLE001 - one bad message never stops the next; the notice names it
            return Unread(stored, arrival, error)
        if self._sent_before(stored, found):
            return None
        if found.withheld or not row.device_stream:
            found = replace(found, pump=None, device_alarms=())
        identity = (stored.arrived.device or found.device)[:200]
        sent = _sent(found, clinic)
        seen = [_seen(one, arrival, sent, on=row.device_stream) for one in found.readings]
        told_at = (sent or arrival) - found.behind if found.pump or found.device_alarms else None
        return Taken(stored, found, arrival, Said(identity, stored.seq, arrival, seen, sent, told_at))

    def _sent_before(self, stored: Stored, found: Read) -> bool:
        """The very same bytes again are the same message, when they carry the sender's time."""
        timed = found.message is not None and bool(found.message.header.component(7))
        return timed and self._inbox.first_like(stored) is not None

    def _chart(self, taken: Sequence[Taken]) -> None:
        """Chart messages together, or one by one when one of them cannot be charted."""
        try:
            with transaction.atomic():
                self._write(taken)
        except Exception:  # noqa: BLE001 - one of them is at fault: each on its own says which
            self._memory = Memory()
            for one in taken:
                self._alone(one)

    def _alone(self, one: Taken) -> None:
        try:
            with transaction.atomic():
                self._write([one])
        except Exception as fault:  # noqa: BLE001 - the notice names it
            self._memory = Memory()
            _unreadable(one.stored, one.arrival, fault)

    def _write(self, taken: Sequence[Taken]) -> None:
        touched, pumped = _written(taken, self._memory)
        self.touched |= touched
        self.pumped |= pumped


def _written(taken: Sequence[Taken], memory: Memory) -> tuple[set[int], set[int]]:
    """Write everything that messages say; return the watches that readings belong to, and those whose pump has spoken."""
    if not taken:
        return set(), set()
    messages = clocks.corrected([one.said for one in taken], memory)
    places, fresh = charting.places_of(messages, memory)
    devices, whose = places.devices, places.whose
    for device in fresh:
        actions.notice(code="unknown", device=device.identity, at=device.first_seen_at)
    rows = charting.chart(messages, places, memory)
    told = [
        (one, said.told_at, devices[said.identity]) for one, said in zip(taken, messages, strict=True) if said.told_at
    ]
    pumps = [row for one, at, device in told for row in _pump(one, at, device, whose)]
    PumpStatement.objects.bulk_create(pumps)
    DeviceAlarm.objects.bulk_create([row for one, at, device in told for row in _alarms(one, at, device, whose)])
    for one in taken:
        watch = whose(devices[one.said.identity].pk, one.arrival)
        if watch is not None:
            _names(one, watch, memory)
            _clock(one, watch, memory)
    return _watches(rows), _watches(pumps)


def _watches(rows: Iterable[Row | PumpStatement]) -> set[int]:
    return {row.watch_id for row in rows if row.watch_id is not None}


def _sent(found: Read, clinic: Clinic) -> datetime | None:
    """Return when a message says that it was sent, by the clock of its device."""
    return times.read(found.message.header.component(7), clinic.zone) if found.message else None


def _seen(one: SeenObx, arrival: datetime, sent: datetime | None, *, on: bool) -> actions.Seen:
    """Return a value as it is charted; its time is by the clock of its device where the message says when it was sent."""
    reason = one.reason or ("" if on else SWITCHED_OFF)
    value = one.value if not reason else None
    observed = sent - one.behind if sent else one.time or arrival
    return actions.Seen(one.obx, one.signal.value, value, one.unit, reason, observed, one.own_time)


def _pump(one: Taken, at: datetime, device: Device, whose: Whose) -> list[PumpStatement]:
    said = one.found.pump
    if said is None:
        return []
    return [PumpStatement(
        watch=whose(device.pk, at), device=device, status=(said.status or "")[:60], rate_ml_per_h=said.rate_ml_per_h,
        delivered_ml=said.delivered_ml, remaining_ml=said.remaining_ml, drug=(said.drug or "")[:120], at=at, seq=one.stored.seq,
    )]  # fmt: skip


def _alarms(one: Taken, at: datetime, device: Device, whose: Whose) -> list[DeviceAlarm]:
    return [
        DeviceAlarm(
            watch=whose(device.pk, at), device=device, at=at, seq=one.stored.seq,
            phase=(said["phase"] or "")[:40], state=(said["state"] or "")[:40],
            priority=(said["priority"] or "")[:40], text=(said["text"] or "")[:200],
        )
        for said in one.found.device_alarms
    ]  # fmt: skip


def _names(one: Taken, watch: Watch, memory: Memory) -> None:
    """A name in a message never binds a reading; one that is not this person's is shown to a nurse."""
    message = one.found.message
    family = message.first("PID").component(5).strip().casefold() if message else ""
    if family and family != watch.patient.family_name.casefold():
        _tell("name", one, watch, memory)


def _clock(one: Taken, watch: Watch, memory: Memory) -> None:
    """A device whose clock is not ours prints and shows other times than the chart: a nurse can set it."""
    if memory.clocks[one.said.identity].wrong:
        _tell("clock", one, watch, memory)


def _tell(code: str, one: Taken, watch: Watch, memory: Memory) -> None:
    """Tell people once; what this worker has told already need not be looked up."""
    key = (code, one.said.identity, watch.pk)
    if key not in memory.told:
        actions.notice(code=code, device=one.said.identity, at=one.arrival, watch=watch)
        memory.told.add(key)


def _notice(stored: Stored, at: datetime, code: str, says: str) -> None:
    actions.notice(code=code, device=stored.arrived.device[:200], says=says, at=at, seq=stored.seq)


def _unreadable(stored: Stored, at: datetime, error: Exception) -> None:
    actions.not_charted(stored.seq)
    _notice(stored, at, "unreadable", f"message {stored.seq} could not be charted ({type(error).__name__})")
