"""From what devices said to rows, many messages at once: one question to the database for a batch, not one for each value."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openketamine.clinic.audit import bulk
from openketamine.clinic.monitoring import queries
from openketamine.clinic.monitoring.models import Device, Reading, Source, Watch

SENT_AGAIN = timedelta(seconds=30)  # a cuff needs longer than this for a new measurement
REMEMBERED = 100_000
CUFF = frozenset({"nibp_systolic", "nibp_diastolic", "nibp_mean"})
Key = tuple[int, str, datetime, float | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one OBX of a stored message says: a value with its UCUM unit, or None with the reason why it is not charted.

    `own_time` says whether the device gave the value a time of its own.
    """

    obx: int
    signal: str
    value: float | None
    unit: str
    reason: str
    observed_at: datetime
    own_time: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """One stored message of one device: its number in the inbox, when it came, and what it says."""

    identity: str
    seq: int
    received_at: datetime
    seen: Sequence[Seen]


@dataclass(slots=True)
class Memory:
    """What was charted lately, so that the database need not be asked again. Good only for inbox numbers up to `upto`."""

    upto: int = 0
    newest: dict[tuple[int, str], datetime] = field(default_factory=dict)
    charted: set[Key] = field(default_factory=set)
    cuffs: dict[int, tuple[tuple[tuple[str, float | None], ...], datetime]] = field(default_factory=dict)

    told: set[tuple[str, str, int]] = field(default_factory=set)

    def note(self, row: Reading) -> None:
        """Remember a row."""
        if len(self.charted) > REMEMBERED:
            self.charted.clear()
        key = (row.device_id or 0, row.signal)
        self.charted.add((*key, row.observed_at, row.value))
        self.newest[key] = max(row.observed_at, self.newest.get(key, row.observed_at))


def devices_of(messages: Iterable[Said]) -> tuple[dict[str, Device], list[Device]]:
    """Return the devices of messages by identity, and those that nobody had seen before."""
    first = {message.identity: message.received_at for message in reversed(list(messages))}
    known = {device.identity: device for device in Device.objects.filter(identity__in=list(first))}
    fresh = [
        Device.objects.create(identity=identity, first_seen_at=at)
        for identity, at in first.items()
        if identity not in known
    ]
    return {**known, **{device.identity: device for device in fresh}}, fresh


def chart(
    messages: Sequence[Said],
    devices: dict[str, Device],
    whose: Callable[[int, datetime], Watch | None],
    memory: Memory,
) -> list[Reading]:
    """Write the readings of stored messages; what is charted already is not charted again.

    A value of an instant that is charted already is left out, and so is a cuff pressure without a time of its own that is sent
    again and again: devices repeat what they think was lost, and what they last measured.
    """
    done = set(Reading.objects.filter(seq__in=[one.seq for one in messages]).values_list("seq", flat=True))
    rows: list[Reading] = []
    for message in messages:
        device = devices[message.identity]
        said = [] if message.seq in done else _not_repeated(device, message, memory)
        if not all(_newer(device, one, memory) for one in said):
            _recall(device, said, memory)
        for one in said:
            if _newer(device, one, memory) or (device.pk, one.signal, one.observed_at, one.value) not in memory.charted:
                rows.append(_reading(device, message, one, whose(device.pk, one.observed_at)))
                memory.note(rows[-1])
    bulk.insert(rows)
    return rows


def belonging(messages: Sequence[Said], devices: dict[str, Device]) -> Callable[[int, datetime], Watch | None]:
    """Return the function that says whose the readings of these messages are; it asks the database once."""
    times = [one.observed_at for message in messages for one in message.seen]
    since = min([*times, *(message.received_at for message in messages)])
    return queries.belonging([device.pk for device in devices.values()], since=since)


def _not_repeated(device: Device, message: Said, memory: Memory) -> list[Seen]:
    """Leave out a cuff pressure that the device sends again without saying when it measured it."""
    untimed = [one for one in message.seen if one.signal in CUFF and one.value is not None and not one.own_time]
    cuff = tuple((one.signal, one.value) for one in untimed)
    last, sent_at = memory.cuffs.get(device.pk, ((), message.received_at))
    if cuff:
        memory.cuffs[device.pk] = (cuff, message.received_at)
    again = bool(cuff) and cuff == last and message.received_at - sent_at <= SENT_AGAIN
    return [one for one in message.seen if not again or one not in untimed]


def _newer(device: Device, one: Seen, memory: Memory) -> bool:
    """Say whether a value is later than every charted value of its signal: then it cannot be charted already."""
    newest = memory.newest.get((device.pk, one.signal))
    return newest is not None and one.observed_at > newest


def _recall(device: Device, said: Sequence[Seen], memory: Memory) -> None:
    """Ask the database what is charted of the instants of one message, unless that is remembered."""
    if all((device.pk, one.signal, one.observed_at, one.value) in memory.charted for one in said):
        return
    rows = Reading.objects.filter(device=device, observed_at__in={one.observed_at for one in said})
    memory.charted |= {
        (device.pk, signal, at, value) for signal, at, value in rows.values_list("signal", "observed_at", "value")
    }


def _reading(device: Device, message: Said, one: Seen, watch: Watch | None) -> Reading:
    return Reading(
        watch=watch, device=device, signal=one.signal, value=one.value, unit=one.unit, reason=one.reason[:200],
        observed_at=one.observed_at, received_at=message.received_at, source=Source.DEVICE, seq=message.seq, obx=one.obx,
    )  # fmt: skip
