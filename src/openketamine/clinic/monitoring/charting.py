"""From what devices said to rows, many messages at once: one question to the database for a batch, not one for each value."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Max

from openketamine.clinic.audit import bulk
from openketamine.clinic.audit.models import Entry
from openketamine.clinic.monitoring import queries
from openketamine.clinic.monitoring.every_reading import MASK, STREAMED, places
from openketamine.clinic.monitoring.models import Device, Reading, Source, StoredReading, StreamReading, Watch
from openketamine.core.monitoring.device_clock import SAME_S, Clock

SENT_AGAIN = timedelta(seconds=30)  # a cuff needs longer than this for a new measurement
SAME_INSTANT = timedelta(seconds=SAME_S)  # a clock measured anew moves the time of one value by no more
KEPT_EVERY = timedelta(seconds=10)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
COLUMNS = frozenset(STREAMED)
REMEMBERED = 100_000
CALLS_ONLY = ("task opened", "task done")  # many at once where nobody answers: they move no device and no person
CUFF = frozenset({"nibp_systolic", "nibp_diastolic", "nibp_mean"})
Key = tuple[int, str, datetime, float | None]
Whose = Callable[[int, datetime], Watch | None]
Row = StoredReading | StreamReading
Cuff = list[list[str | float]]


class Seen(NamedTuple):
    """What one OBX of a stored message says: a value with its UCUM unit, or None with the reason why it is not charted.

    `own_time` says whether the device gave the value a time of its own; `said_at` is its time by the clock of the device, where that
    is another than ours.
    """

    obx: int
    signal: str
    value: float | None
    unit: str
    reason: str
    observed_at: datetime
    own_time: bool = True
    said_at: datetime | None = None

    @property
    def by_device(self) -> datetime:
        """The time of the value by the clock of its device: what is the same when it is sent again, whatever is known of that clock."""
        return self.said_at or self.observed_at


@dataclass(frozen=True, slots=True)
class Said:
    """One stored message of one device: its number in the inbox, when it came, and what it says.

    Where it says when it was sent, by the clock of the device, its values have the times of that clock until they are `corrected`,
    and so has `told_at`: since when it is so what it says of a pump, or of an alarm of the device's own.
    """

    identity: str
    seq: int
    received_at: datetime
    seen: Sequence[Seen]
    sent_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(slots=True)
class Memory:
    """What was charted lately, so that the database need not be asked again. Good only for inbox numbers up to `upto`."""

    upto: int = 0
    newest: dict[tuple[int, str], datetime] = field(default_factory=dict)
    charted: dict[Key, datetime] = field(default_factory=dict)
    cuff_sent_at: dict[int, datetime] = field(default_factory=dict)
    told_cuff: dict[int, Device] = field(default_factory=dict)
    told: set[tuple[str, str, int]] = field(default_factory=set)
    clocks: dict[str, Clock] = field(default_factory=dict)
    told_clock: set[str] = field(default_factory=set)
    places: "Places | None" = None

    def note(self, device: Device, one: Seen) -> None:
        """Remember what was charted."""
        if len(self.charted) > REMEMBERED:
            self.charted.clear()
        key = (device.pk, one.signal)
        self.charted[(*key, one.by_device, one.value)] = one.observed_at
        self.newest[key] = max(one.by_device, self.newest.get(key, one.by_device))

    def knows(self, device: Device, one: Seen) -> bool:
        """Say whether a value is remembered as charted.

        A clock that is set back says the same times again, of other values: they are of other instants of ours.
        """
        at = self.charted.get((device.pk, one.signal, one.by_device, one.value))
        return at is not None and abs(one.observed_at - at) <= SAME_INSTANT


@dataclass(frozen=True, slots=True)
class Places:
    """Which devices are known and whose their readings are, for instants from `since` on, as it was at an audit row.

    Good until anybody has done anything but call a person: every action leaves an audit row, and audit rows are written one at a time.
    """

    audit_row: int
    since: datetime
    devices: dict[str, Device]
    whose: Whose


def places_of(messages: Sequence[Said], memory: Memory) -> tuple[Places, list[Device]]:
    """Return the places of the devices that speak in messages, and the devices that nobody had seen before."""
    audit_row = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
    since = min(
        [
            *(one.observed_at for message in messages for one in message.seen),
            *(one.told_at or one.received_at for one in messages),
        ]
    )
    speaking = {message.identity: message.received_at for message in reversed(messages)}
    kept = memory.places
    if (
        kept
        and kept.since <= since
        and speaking.keys() <= kept.devices.keys()
        and not _arranged(kept.audit_row, audit_row)
    ):
        memory.places = replace(kept, audit_row=audit_row)
        return memory.places, []
    devices, fresh = _devices({**dict.fromkeys(kept.devices if kept else (), since), **speaking})
    whose = queries.belonging([device.pk for device in devices.values()], since=since)
    memory.places = Places(audit_row, since, devices, whose)
    return memory.places, fresh


def _arranged(before: int, now: int) -> bool:
    """Say whether anybody has done anything, between two audit rows, that may change whose readings are."""
    return before != now and Entry.objects.filter(pk__gt=before).exclude(action__in=CALLS_ONLY).exists()


def _devices(first: dict[str, datetime]) -> tuple[dict[str, Device], list[Device]]:
    """Return devices by identity, and those that nobody had seen before, each first heard at an instant."""
    known = {device.identity: device for device in Device.objects.filter(identity__in=list(first))}
    fresh = [
        Device.objects.create(identity=identity, first_seen_at=at)
        for identity, at in first.items()
        if identity not in known
    ]
    return {**known, **{device.identity: device for device in fresh}}, fresh


def chart(messages: Sequence[Said], places: Places, memory: Memory) -> list[Row]:
    """Write the readings of stored messages that have not been charted, in their order.

    A value of an instant of its device that is charted already is left out, and so is a cuff pressure without a time of its own that is sent
    again and again: devices repeat what they think was lost, and what they last measured. The continuous signals of a message are
    one row where they are of one instant.
    """
    devices, whose = places.devices, places.whose
    _recall([(devices[message.identity], one) for message in messages for one in message.seen], whose, memory)
    rows: list[Row] = []
    for message in messages:
        device, fresh = devices[message.identity], list[Seen]()
        for one in _not_repeated(device, message, memory):
            if _newer(device, one, memory) or not memory.knows(device, one):
                fresh.append(one)
                memory.note(device, one)
        rows += _rows(device, message, fresh, whose)
    bulk.insert([row for row in rows if isinstance(row, StreamReading)])
    alone = [row for row in rows if isinstance(row, StoredReading)]
    _lock({row.watch_id for row in alone if row.watch_id is not None})
    bulk.insert(alone)
    bulk.update(list(memory.told_cuff.values()), ["cuff", "cuff_sent_at"])
    memory.told_cuff.clear()
    _keep_clocks(devices, memory)
    return rows


def _keep_clocks(devices: dict[str, Device], memory: Memory) -> None:
    """Keep what is newly known of the clocks of devices with them, for the worker that goes on."""
    for identity in memory.told_clock:
        devices[identity].clock = list(memory.clocks[identity])
    bulk.update([devices[identity] for identity in memory.told_clock], ["clock"])
    memory.told_clock.clear()


def _lock(watches: set[int]) -> None:
    """Lock watches before their readings get numbers, so that the numbers rise in the order in which alarms can see the readings."""
    if watches and connection.features.has_select_for_update:
        list(Watch.objects.select_for_update().filter(pk__in=watches).order_by("pk").values_list("pk"))


def is_charted(seq: int) -> bool:
    """Say whether a message has been charted."""
    return any(table.objects.filter(seq=seq).exists() for table in (StreamReading, StoredReading))


def _not_repeated(device: Device, message: Said, memory: Memory) -> Sequence[Seen]:
    """Leave out a cuff pressure that the device sends again without saying when it measured it.

    What was sent last is kept with the device too, so that a worker that has just begun charts nothing once more.
    """
    untimed = [one for one in message.seen if one.signal in CUFF and one.value is not None and not one.own_time]
    if not untimed:
        return message.seen
    cuff: Cuff = sorted([one.signal, float(one.value or 0)] for one in untimed)
    again = cuff == device.cuff and message.received_at - _cuff_sent_at(device, memory) <= SENT_AGAIN
    memory.cuff_sent_at[device.pk] = message.received_at
    if not again or message.received_at - _kept_at(device) >= KEPT_EVERY:
        device.cuff, device.cuff_sent_at = cuff, message.received_at
        memory.told_cuff[device.pk] = device
    return [one for one in message.seen if one not in untimed] if again else message.seen


def _cuff_sent_at(device: Device, memory: Memory) -> datetime:
    return max(memory.cuff_sent_at.get(device.pk, LONG_AGO), _kept_at(device))


def _kept_at(device: Device) -> datetime:
    return device.cuff_sent_at or LONG_AGO


def _newer(device: Device, one: Seen, memory: Memory) -> bool:
    """Say whether a value is later than every charted value of its signal: then it cannot be charted already."""
    newest = memory.newest.get((device.pk, one.signal))
    return newest is not None and one.by_device > newest


def _recall(said: Iterable[tuple[Device, Seen]], whose: Whose, memory: Memory) -> None:
    """Ask the database once what is charted of the instants of values that may be repeated, unless that is remembered."""
    asked = [
        (device.pk, one.by_device, whose(device.pk, one.observed_at))
        for device, one in said
        if not _newer(device, one, memory) and not memory.knows(device, one)
    ]
    rows, instants = Reading.objects.filter(device__in={device for device, _, _ in asked}), {at for _, at, _ in asked}
    ours = rows.filter(observed_at__in=instants, said_at=None)
    watches = {watch.pk for _, _, watch in asked if watch}
    there = (ours.filter(watch__in=watches), ours.filter(watch=None), rows.filter(said_at__in=instants))
    for found in there if asked else ():
        for row in found.order_by().values_list("device_id", "signal", "value", "observed_at", "said_at"):
            device, signal, value, observed_at, said_at = row
            memory.charted[device, signal, said_at or observed_at, value] = observed_at


def _rows(device: Device, message: Said, fresh: Sequence[Seen], whose: Whose) -> list[Row]:
    """Return the rows of one message: one for what streams together, one for each other value."""
    together = _together(fresh)
    rows: list[Row] = [_stream(device, message, list(together.values()), whose)] if together else []
    alone = (one for one in fresh if together.get(one.signal) is not one)
    return [*rows, *(_reading(device, message, one, whose(device.pk, one.observed_at)) for one in alone)]


def _together(fresh: Sequence[Seen]) -> dict[str, Seen]:
    """Return the values that one row can hold: of continuous signals, each once, all of the instant of the first."""
    found: dict[str, Seen] = {}
    for one in fresh:
        fits = one.signal in COLUMNS and one.value is not None and not one.reason and one.obx <= MASK
        if fits and one.signal not in found and all(one.observed_at == other.observed_at for other in found.values()):
            found[one.signal] = one
    return found


def _stream(device: Device, message: Said, together: Sequence[Seen], whose: Whose) -> StreamReading:
    at = together[0].observed_at
    return StreamReading(
        seq=message.seq, watch=whose(device.pk, at), device=device, observed_at=at, received_at=message.received_at,
        places=places({one.signal: one.obx for one in together}), said_at=together[0].said_at, **{one.signal: one.value for one in together},
    )  # fmt: skip


def _reading(device: Device, message: Said, one: Seen, watch: Watch | None) -> StoredReading:
    return StoredReading(
        watch=watch, device=device, signal=one.signal, value=one.value, unit=one.unit, reason=one.reason[:200],
        observed_at=one.observed_at, received_at=message.received_at, source=Source.DEVICE, seq=message.seq, obx=one.obx,
        said_at=one.said_at,
    )  # fmt: skip
