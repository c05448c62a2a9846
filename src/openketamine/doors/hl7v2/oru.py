"""An observation message (ORU^R01) to readings: each with its value, its time and, where it is not charted, the reason."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from openketamine.core.monitoring.signal import Signal
from openketamine.core.quantity import Quantity
from openketamine.doors.hl7v2 import codes, times
from openketamine.doors.hl7v2.message import Message, Segment

AHEAD = timedelta(minutes=2)
BEHIND = timedelta(hours=24)
KPA_TO_MMHG = 7.500616827
USABLE_STATUS = frozenset({"", "F", "R", "C", "P", "A", "B", "V", "U"})
SIMULATED = frozenset({"DEMO", "TEST"})
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seen:
    """One OBX of a known signal. `value` is in the signal's unit; `charted` says whether a clinic takes it, `reason` why not."""

    obx: int
    code: str
    signal: Signal
    value: float | None
    unit: str
    time: datetime
    time_source: str
    charted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Clinic:
    """What a clinic charts: MSH-11 processing ids, its own zone for times without one, and plausible ranges by signal."""

    charts: frozenset[str]
    plausible: Mapping[str, tuple[float, float]]
    zone: tzinfo = UTC


def readings(message: Message, clinic: Clinic, arrival: datetime | None) -> list[Seen]:
    """Return the readings of a message that arrived at `arrival`; None lets MSH-7 stand in for it."""
    clinic = replace(clinic, zone=times.zone_of(message.header.component(7), clinic.zone))
    sent = times.read(message.header.component(7), clinic.zone)
    arrived = arrival or sent
    found: list[Seen] = []
    order, number = message.first("OBR"), 0
    for segment in message.segments:
        if segment.name == "OBR":
            order = segment
        if segment.name == "OBX":
            number += 1
            signal = codes.signal_of(segment.components(3))
            if signal is not None:
                found.append(_seen(segment, number, signal, order, message, clinic, (arrived, sent)))
    return found


def processing(message: Message) -> str:
    """Return MSH-11; a message that does not say is not for charting."""
    return message.header.component(11).strip().upper()


def _seen(
    obx: Segment, number: int, signal: Signal, order: Segment, message: Message, clinic: Clinic, clocks: tuple[datetime | None, datetime | None]
) -> Seen:  # fmt: skip
    value, fault = _value(obx, signal, clinic)
    time, source, time_fault = _time(obx, order, clinic.zone, *clocks)
    reason = fault or _withheld(obx, message, clinic) or time_fault
    return Seen(number, obx.component(3), signal, value, signal.unit, time, source, not reason, reason)


def _value(obx: Segment, signal: Signal, clinic: Clinic) -> tuple[float | None, str]:
    """Return the value in the signal's unit and, when it is no vital sign, why."""
    text = obx.component(5).strip()
    if not text:
        return None, "no value"
    if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        return None, f"{text[:20]!r} is not a number"
    if float(text) == 0:
        return None, "zero: no signal"
    value = _in_unit(float(text), codes.unit_of(obx.components(6)), signal.unit)
    if value is None:
        return None, f"unit {obx.field(6)[:30]!r} does not fit {signal.value}"
    low, high = clinic.plausible[signal.value]
    return (value, "") if low <= value <= high else (None, f"{text[:20]} is no {signal.value}")


def _in_unit(value: float, unit: str | None, wanted: str) -> float | None:
    if unit == wanted:
        return value
    if unit == "[degF]" and wanted == "Cel":
        return round(Quantity(value, unit).to(wanted).value, 2)
    return round(value * KPA_TO_MMHG, 1) if unit == "kPa" and wanted == "mm[Hg]" else None


def _withheld(obx: Segment, message: Message, clinic: Clinic) -> str:
    """Say why a good value is not charted: its status, its flags, or what the whole message is for."""
    status = obx.component(11).strip().upper()
    flags = {flag.split(obx.separators[1])[0].strip().upper() for flag in obx.field(8).split(obx.separators[2])}
    if status not in USABLE_STATUS:
        return f"status {status}"
    if flags & SIMULATED:
        return f"flag {min(flags & SIMULATED)}: simulated"
    if processing(message) not in clinic.charts:
        return f"MSH-11 = {processing(message) or 'empty'}: not for charting here"
    return ""


def _time(
    obx: Segment, order: Segment, zone: tzinfo, arrived: datetime | None, sent: datetime | None
) -> tuple[datetime, str, str]:
    """Return the time of a value, where it comes from, and why a stored value is not live.

    A value far older than the message that brings it was stored. A message whose own clock is far from ours comes from a
    device with a wrong clock: its values are taken at arrival.
    """
    given = [
        times.read(text, zone) for text in (obx.component(14), obx.component(19), order.component(7)) if text.strip()
    ]
    observed = next((time for time in given if time is not None), None)
    if arrived is None:
        return (
            (observed, "observation", "") if observed else (datetime.fromtimestamp(0, UTC), "arrival", "no time at all")
        )
    if observed is not None and sent is not None and observed < sent - BEHIND:
        return observed, "observation", "stored: observed more than 24 hours before it was sent"
    if observed is None or observed > arrived + AHEAD or observed < arrived - BEHIND:
        return arrived, "arrival", ""
    return observed, "observation", ""
