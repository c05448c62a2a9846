"""An observation message (ORU^R01) to readings: each with its value, its time and, where it is not charted, the reason."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from openketamine.core.monitoring.signal import Signal
from openketamine.core.quantity import Quantity
from openketamine.doors.hl7v2 import codes, times
from openketamine.doors.hl7v2.message import Message, Segment

BEHIND = timedelta(hours=24)
NOT_BEHIND = timedelta(0)
KPA_TO_MMHG = 7.500616827
# HL7 table 0085. What cannot be obtained (X), is pending (I, O, N), was deleted (D) or belongs to another person (W) is no reading.
USABLE_STATUS = frozenset({"", "F", "R", "C", "P", "A", "B", "V", "U"})
SIMULATED = frozenset({"DEMO", "TEST", "DEMO-DATA", "TEST-DATA"})
# IHE PCD-01: what a device says of its own value in OBX-8.
NO_DATA = frozenset({"INV", "NAV", "OFF", "INVALID", "NOT-AVAILABLE"})
DOUBTED = frozenset({"QUES", "CAL", "QUESTIONABLE", "CALIBRATION-ONGOING"})
CODED = frozenset({"CE", "CWE", "CNE", "CF", "ID", "IS"})
NO_FLAGS = frozenset[str]()
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
METRIC_DEPTH = 3


class Seen(NamedTuple):
    """One OBX of a known signal. `value` is in the signal's unit; `charted` says whether a clinic takes it, `reason` why not.

    `time` is None where neither the message nor its arrival has one; `own_time` says that the value itself carries it. `behind` is
    how long before its message was sent it was observed, both by the clock of the device.
    """

    obx: int
    code: str
    signal: Signal
    value: float | None
    unit: str
    time: datetime | None
    time_source: str
    charted: bool
    reason: str
    own_time: bool
    behind: timedelta


@dataclass(frozen=True, slots=True)
class Clinic:
    """What a clinic charts: MSH-11 processing ids, its own zone for times without one, and plausible ranges by signal."""

    charts: frozenset[str]
    plausible: Mapping[str, tuple[float, float]]
    zone: tzinfo = UTC


class Around(NamedTuple):
    """What stands around one OBX: the clinic, the message's own purpose and clocks, its order, and the containers above it."""

    clinic: Clinic
    mode: str
    arrived: datetime | None
    sent: datetime | None
    order: Segment
    containers: tuple[Segment, ...]


def readings(message: Message, clinic: Clinic, arrival: datetime | None) -> list[Seen]:
    """Return the readings of a message that arrived at `arrival`; None lets MSH-7 stand in for it."""
    clinic = replace(clinic, zone=times.zone_of(message.header.component(7), clinic.zone))
    sent = times.read(message.header.component(7), clinic.zone)
    found: list[Seen] = []
    order, number, containers = message.first("OBR"), 0, dict[str, Segment]()
    mode = processing(message)
    for segment in message.segments:
        if segment.name == "OBR":
            order, containers = segment, {}
        if segment.name != "OBX":
            continue
        number += 1
        signal = codes.signal_of(segment.components(3))
        if signal is None:
            containers[segment.field(4).strip()] = segment
            continue
        above = _above(segment, containers)
        around = Around(clinic, mode, arrival or sent, sent, order, above)
        found.append(_seen(segment, number, signal, around))
    return found


def disagreements(message: Message) -> list[str]:
    """Say which OBX-3 carry the standard's number of one signal beside the name of another."""
    found = [(number, codes.disagreement(row.components(3))) for number, row in enumerate(message.named("OBX"), 1)]
    return [f"OBX {number}: {words}" for number, words in found if words]


def processing(message: Message) -> str:
    """Return MSH-11; a message that does not say is not for charting."""
    return message.header.component(11).strip().upper()


def withheld(message: Message, clinic: Clinic) -> str:
    """Say why nothing that a message says of a pump or of a device's own alarms is taken: what it is for, or a flag in it; empty: it is.

    A device that tests or demonstrates flags what it sends: one such flag is enough.
    """
    flagged = frozenset().union(*(_flags(row, ()) for row in message.named("OBX")))
    return _not_real(flagged, processing(message), clinic)


def no_data(obx: Segment) -> str:
    """Say why what an OBX carries counts for nothing: it was deleted, is another person's or pending, or the device itself doubts it."""
    flags = _flags(obx, ())
    none = _none(obx.component(11).strip().upper(), flags)
    return none or (f"flag {min(flags & DOUBTED)}: the device doubts it" if flags & DOUBTED else "")


def behind(message: Message, clinic: Clinic) -> timedelta:
    """Return how long before it was sent the newest of what a message says was so, both by the clock of its device.

    Its values say so, else its orders; zero where neither does, or where it does not say when it was sent.
    """
    zone = times.zone_of(message.header.component(7), clinic.zone)
    sent = times.read(message.header.component(7), zone)
    for name, field in (("OBX", 14), ("OBX", 19), ("OBR", 7)):
        found = [at for row in message.named(name) if (at := times.read(row.component(field), zone)) is not None]
        if found and sent is not None:
            return max(sent - max(found), NOT_BEHIND)
    return NOT_BEHIND


def _above(metric: Segment, containers: Mapping[str, Segment]) -> tuple[Segment, ...]:
    """Return the channel, the VMD and the MDS that hold a metric (OBX-4 = MDS.VMD.channel.metric), nearest first."""
    if not containers:
        return ()
    parts = metric.field(4).strip().split(".")
    depths = range(min(METRIC_DEPTH, len(parts) - 1), 0, -1)
    keys = [".".join([*parts[:depth], *["0"] * (len(parts) - depth)]) for depth in depths]
    return tuple(containers[key] for key in keys if key in containers)


def _seen(obx: Segment, number: int, signal: Signal, around: Around) -> Seen:
    status, flags = obx.component(11).strip().upper(), _flags(obx, around.containers)
    none = _none(status, flags)
    value, fault = _value(obx, signal, around.clinic)
    (time, source), behind, time_fault = _time(obx, around)
    reason = none or fault or _withheld(flags, around) or time_fault
    code = obx.component(3) or obx.component(3, 2)
    timed = source == "observation" and any(row.component(14) for row in (obx, *around.containers))
    return Seen(
        number, code, signal, None if none else value, signal.unit, time, source, not reason, reason, timed, behind
    )


def _value(obx: Segment, signal: Signal, clinic: Clinic) -> tuple[float | None, str]:
    """Return the value in the signal's unit and, when it is no vital sign, why."""
    value, text = _measured(obx.field(2), obx.field(5), obx.field(6), obx.separators, signal)
    if value is None:
        return None, text
    low, high = clinic.plausible[signal.value]
    return (value, "") if low <= value <= high else (None, f"{text[:20]} is no {signal.value}")


@lru_cache(maxsize=8192)
def _measured(kind: str, said: str, unit: str, separators: str, signal: Signal) -> tuple[float | None, str]:
    """Return the number that OBX-2, OBX-5 and OBX-6 give in the signal's unit, and its text; or None and why there is none.

    Monitors say the same values all day: remembered.
    """
    obx = Segment("OBX", ("", kind, "", "", said, unit), separators)
    text, fault = _said(obx)
    if fault:
        return None, fault
    if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        return None, f"{text[:20]!r} is not a number"
    if float(text) == 0:
        return None, "zero: no signal"
    value = _in_unit(float(text), codes.unit_of(obx.components(6)), signal.unit)
    return value, text if value is not None else f"unit {unit[:30]!r} does not fit {signal.value}"


def _said(obx: Segment) -> tuple[str, str]:
    """Return the one number that OBX-5 holds, as text, or why it holds none."""
    repeated, kind = obx.repetitions(5), obx.component(2).strip().upper()
    parts = tuple(part.strip() for part in obx.components(5))
    if not any(parts):
        return "", "no value"
    if kind in CODED:
        return "", "a code, not a measurement"
    if kind == "SN" and len(parts) > 1:
        return _structured(parts)
    if len(repeated) > 1 or len([part for part in parts if part]) > 1:
        return "", "more than one value"
    return next(part for part in parts if part), ""


def _structured(parts: tuple[str, ...]) -> tuple[str, str]:
    """Read a structured numeric (SN): comparator, number, separator, number. Only "equal to one number" is a measurement."""
    comparator, first, mark, second = (*parts, "", "", "")[:4]
    if comparator not in {"", "="} or mark or second:
        return "", f"{' '.join(part for part in parts if part)[:20]!r} is a range, not a measurement"
    return first, "" if first else "no value"


def _in_unit(value: float, unit: str | None, wanted: str) -> float | None:
    if unit == wanted:
        return value
    if unit == "[degF]" and wanted == "Cel":
        return round(Quantity(value, unit).to(wanted).value, 2)
    return round(value * KPA_TO_MMHG, 1) if unit == "kPa" and wanted == "mm[Hg]" else None


def _flags(obx: Segment, containers: tuple[Segment, ...]) -> frozenset[str]:
    """Return what OBX-8 says, of the value or of the device that holds it."""
    said = [part for row in (obx, *containers) for part in row.repetitions(8)]
    if not said:
        return NO_FLAGS
    return frozenset(word.strip().upper() for part in said for word in part.split(obx.separators[1]) if word.strip())


def _none(status: str, flags: frozenset[str]) -> str:
    """Say why an OBX carries no data at all: its status or the device's own word."""
    if status not in USABLE_STATUS:
        return f"status {status}"
    return f"flag {min(flags & NO_DATA)}: no data" if flags & NO_DATA else ""


def _withheld(flags: frozenset[str], around: Around) -> str:
    """Say why a good value is not charted: its flags, or what the whole message is for."""
    if flags & DOUBTED and not flags & SIMULATED:
        return f"flag {min(flags & DOUBTED)}: the device doubts it"
    return _not_real(flags, around.mode, around.clinic)


def _not_real(flags: frozenset[str], mode: str, clinic: Clinic) -> str:
    if flags & SIMULATED:
        return f"flag {min(flags & SIMULATED)}: simulated"
    return "" if mode in clinic.charts else f"MSH-11 = {mode or 'empty'}: not for charting here"


def _observed(obx: Segment, around: Around) -> datetime | None:
    """Return the time nearest to the value: its own, its containers', or the order's."""
    own = obx.component(14)
    found = times.read(own, around.clinic.zone) if own else None
    if found is not None:
        return found
    places = ((obx, 19), *((row, 14) for row in around.containers), (around.order, 7))
    given = (times.read(text, around.clinic.zone) for row, field in places if (text := row.component(field)).strip())
    return next((time for time in given if time is not None), None)


def _time(obx: Segment, around: Around) -> tuple[tuple[datetime | None, str], timedelta, str]:
    """Return the time of a value and where it comes from, how long before its message it was observed, and why a stored one is not live.

    No value is observed after the message that brings it was sent, nor after it came. A value far older than its message was
    stored. A message whose own clock is far from ours comes from a device with a wrong clock: it was sent as it came.
    """
    observed, arrived, sent = _observed(obx, around), around.arrived, around.sent
    behind = max(sent - observed, NOT_BEHIND) if observed is not None and sent is not None else NOT_BEHIND
    if arrived is None:
        return (observed, "observation" if observed else "arrival"), behind, ""
    if observed is None:
        return (arrived, "arrival"), behind, ""
    if behind > BEHIND:
        return (observed, "observation"), behind, "stored: observed more than 24 hours before it was sent"
    late = arrived - (observed + behind if sent is None else sent)
    if NOT_BEHIND <= late <= BEHIND:
        return (arrived - late - behind, "observation"), behind, ""
    return (arrived - behind, "observation" if behind else "arrival"), behind, ""
