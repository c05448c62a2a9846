"""One stored message, read whole: what we answer, what a clinic charts of it, and what it says of pumps and alarms."""

from dataclasses import dataclass
from datetime import datetime

from openketamine.doors.hl7v2 import ack, oru
from openketamine.doors.hl7v2.ack import Verdict
from openketamine.doors.hl7v2.message import MalformedError, Message, parse
from openketamine.doors.hl7v2.pump import Pump, device_alarms, pump_of


@dataclass(frozen=True, slots=True)
class Read:
    """A message as read. `message` is None when the bytes are none."""

    message: Message | None
    verdict: Verdict
    device: str
    processing: str
    readings: tuple[oru.Seen, ...] = ()
    pump: Pump | None = None
    device_alarms: tuple[dict[str, str | None], ...] = ()
    findings: tuple[str, ...] = ()


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
    seen = oru.readings(parsed, clinic, arrival) if parsed.type[1] in {"R01", ""} else []
    return Read(parsed, decided, identity, mode, tuple(seen), pump_of(parsed), tuple(device_alarms(parsed)))


def device_of(parsed: Message) -> str:
    """Return which device speaks: the pump or monitor named in OBX-18 when there is one, else sender and facility."""
    named = next((row.field(18) for row in parsed.named("OBX") if row.field(18).strip("^~& ")), "")
    if named and pump_of(parsed) is not None:
        return named.strip("~").split(parsed.header.separators[2])[0]
    sender = [part for part in (*parsed.header.components(3), *parsed.header.components(4)) if part.strip()]
    return "/".join(sender) or named or "unnamed"
