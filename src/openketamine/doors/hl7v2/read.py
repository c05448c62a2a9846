"""One stored message, read whole: what we answer, what a clinic charts of it, and what it says of pumps and alarms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from openketamine.doors.hl7v2 import ack, oru
from openketamine.doors.hl7v2.ack import Verdict
from openketamine.doors.hl7v2.alarms import Alarm, device_alarms
from openketamine.doors.hl7v2.message import MalformedError, Message, Segment, parse
from openketamine.doors.hl7v2.pump import Pump, pump_of

OBSERVATIONS = frozenset({"R01", "R30", "R31", "R32", ""})
DEVICE_ID = "EUI-64"
EQUIPMENT = 18  # OBX-18: which piece of equipment measured
NOTHING = "no OBX segment: nothing to chart"


@dataclass(frozen=True, slots=True)
class Read:
    """A message as read. `message` is None when the bytes are none; `withheld` says why no clinic takes its pump and device alarms.

    `behind` is how long before it was sent these were so, by the clock of the device.
    """

    message: Message | None
    verdict: Verdict
    device: str
    processing: str
    readings: tuple[oru.Seen, ...] = ()
    pump: Pump | None = None
    device_alarms: tuple[Alarm, ...] = ()
    findings: tuple[str, ...] = ()
    withheld: str = ""
    behind: timedelta = oru.NOT_BEHIND


def read(raw: bytes, clinic: oru.Clinic, arrival: datetime | None = None) -> Read:
    """Read one message; bytes that are no message give a verdict and a finding, never an exception."""
    try:
        parsed = parse(raw)
    except MalformedError as error:
        return Read(None, ack.malformed(str(error)), "", "", findings=(str(error),))
    decided = ack.verdict(parsed)
    identity, mode = device_of(parsed), oru.processing(parsed)
    if not decided.accepted:
        return Read(parsed, decided, identity, mode, findings=(decided.reason,))
    seen = oru.readings(parsed, clinic, arrival) if parsed.type[1] in OBSERVATIONS else []
    findings = (*([NOTHING] if not parsed.named("OBX") else []), *oru.disagreements(parsed))
    pump, alarms = pump_of(parsed), tuple(device_alarms(parsed))
    told = (parsed, clinic) if pump or alarms else None
    withheld, behind = (oru.withheld(*told), oru.behind(*told)) if told else ("", oru.NOT_BEHIND)
    return Read(parsed, decided, identity, mode, tuple(seen), pump, alarms, tuple(findings), withheld, behind)


def device_of(parsed: Message, peer: str = "") -> str:
    """Return which device speaks.

    A pump is what OBX-18 names: its station is shared. A monitor is its sender (MSH-3, MSH-4) together with what tells it from
    others of its kind behind the same sender: the equipment in OBX-18, the entering device in ORC-18, or the bed in PV1-3, and
    where none of these is given and the sender has no identifier of its own, the address it speaks from (`peer`).
    """
    named = _equipment(parsed)
    if named and pump_of(parsed) is not None:
        return named
    sender = "/".join(part for part in (*parsed.header.components(3), *parsed.header.components(4)) if part.strip())
    instance = named.split(parsed.header.separators[1])[0] or parsed.first("ORC").component(18).strip()
    if not instance and DEVICE_ID not in sender:
        instance = _bed(parsed) or peer
    return "/".join(part for part in (sender, instance if instance not in sender else "") if part) or "unnamed"


def _equipment(parsed: Message) -> str:
    """Return OBX-18 where the whole message agrees on it, or where the device itself (the MDS) carries it."""
    rows = parsed.named("OBX")
    if not any(row.field(EQUIPMENT) for row in rows):
        return ""
    whole = [row for row in rows if "_MDS" in row.component(3, 2)]
    said = [next(iter(row.repetitions(EQUIPMENT)), "") for row in (*whole, *rows)]
    said = [text.strip() for text in said if text.strip("^& ")]
    first = said[0] if said else ""
    return (
        first
        if first and (len(set(said)) == 1 or any(row.field(EQUIPMENT) for row in whole))
        else _only_pump(parsed, first)
    )


def _only_pump(parsed: Message, first: str) -> str:
    return first if first and pump_of(parsed) is not None else ""


def _bed(parsed: Message) -> str:
    visit: Segment = parsed.first("PV1")
    parts = [part for whole in visit.components(3) for part in whole.split(visit.separators[4])]
    return "-".join(part.strip() for part in parts if part.strip())
