"""`read-hl7 FILE|-`: what device messages would chart, one JSON line per message, as a real clinic would."""

import sys
from dataclasses import asdict
from datetime import UTC

from openketamine.doors.hl7v2.message import split_file
from openketamine.doors.hl7v2.oru import Clinic, Seen
from openketamine.doors.hl7v2.read import Read, read
from openketamine.evidence.plausible import ranges
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.io import BadInput, print_json, read_bytes


def run(argv: list[str]) -> int:
    """Read every message of a file; one that is no message never stops the next."""
    parser = Arguments("read-hl7")
    parser.add_argument("file", metavar="FILE|-")
    name = parser.parse_args(argv).file
    messages = split_file(read_bytes(name))
    if not messages:
        raise BadInput(f"{name}: holds no message")
    clinic = Clinic(frozenset({"P"}), ranges())
    found = [read(raw, clinic) for raw in messages]
    for number, one in enumerate(found, 1):
        print_json(line(one))
        if one.message is None:
            print(f"openketamine: {name}: message {number}: {one.verdict.reason}", file=sys.stderr)
    return 1 if any(one.message is None for one in found) else 0


def line(one: Read) -> dict[str, object]:
    """Return a message as its JSON line."""
    return {
        "ack": one.verdict.code,
        "reason": one.verdict.reason,
        "control_id": one.message.control_id if one.message else "",
        "device": one.device,
        "processing": one.processing,
        "readings": [_reading(seen) for seen in one.readings],
        "pump": asdict(one.pump) if one.pump else None,
        "device_alarms": list(one.device_alarms),
        "withheld": one.withheld,
        "findings": list(one.findings),
    }


def _reading(seen: Seen) -> dict[str, object]:
    time = seen.time.astimezone(UTC).isoformat().replace("+00:00", "Z") if seen.time else None
    return {
        "obx": seen.obx, "code": seen.code, "signal": seen.signal.value, "value": seen.value, "unit": seen.unit,
        "time": time, "time_source": seen.time_source, "charted": seen.charted, "reason": seen.reason,
    }  # fmt: skip
