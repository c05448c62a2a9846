"""What an infusion pump says of itself (IHE PCD-01), read-only: status, rate, volumes, drug. Also device alarms (PCD-04)."""

import re
from dataclasses import dataclass

from openketamine.doors.hl7v2.message import Message, Segment

RATE_FACTORS = {"265266": 1.0, "ml/h": 1.0, "mdcdimmillilperhr": 1.0, "265234": 1000.0, "l/h": 1000.0, "ml/min": 60.0}
VOLUME_FACTORS = {"263762": 1.0, "ml": 1.0, "mdcdimmillil": 1.0, "l": 1000.0, "263744": 1000.0}
NUMBERS = {
    "MDC_FLOW_FLUID_PUMP_CURRENT": ("rate_ml_per_h", RATE_FACTORS), "MDC_FLOW_FLUID_PUMP": ("rate_ml_per_h", RATE_FACTORS),
    "MDC_VOL_FLUID_TBI": ("vtbi_ml", VOLUME_FACTORS), "MDC_VOL_FLUID_DELIV": ("delivered_ml", VOLUME_FACTORS),
    "MDC_VOL_FLUID_DELIV_TOTAL": ("delivered_ml", VOLUME_FACTORS), "MDC_VOL_FLUID_TBI_REMAIN": ("remaining_ml", VOLUME_FACTORS),
}  # fmt: skip
STATUSES = ("MDC_PUMP_INFUSING_STATUS", "MDC_PUMP_STAT", "MDC_PUMP_CURRENT_DELIVERY_STATUS")
DRUGS = ("MDC_DRUG_NAME_TYPE", "MDC_DRUG_NAME", "MDC_PUMP_DRUG_NAME")
ALARM_PARTS = {
    "MDC_ATTR_EVENT_PHASE": "phase", "MDC_ATTR_ALARM_STATE": "state", "MDC_ATTR_ALARM_PRIORITY": "priority", "MDC_ATTR_ALERT_TYPE": "type",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pump:
    """A pump's own words; None where it did not say."""

    status: str | None
    rate_ml_per_h: float | None
    vtbi_ml: float | None
    delivered_ml: float | None
    remaining_ml: float | None
    drug: str | None


def pump_of(message: Message) -> Pump | None:
    """Return what a pump says, or None when the message is not from a pump."""
    rows = message.named("OBX") if message.type[1] != "R40" else ()
    if not any(
        _name(row).startswith(("MDC_DEV_PUMP_INFUS", "MDC_PUMP_", "MDC_FLOW_FLUID_PUMP", "MDC_VOL_FLUID"))
        for row in rows
    ):
        return None
    numbers: dict[str, float | None] = dict.fromkeys(("rate_ml_per_h", "vtbi_ml", "delivered_ml", "remaining_ml"))
    for row in rows:
        target = NUMBERS.get(_name(row))
        if target and numbers[target[0]] is None:
            numbers[target[0]] = _number(row, target[1])
    return Pump(
        _words(rows, STATUSES),
        numbers["rate_ml_per_h"],
        numbers["vtbi_ml"],
        numbers["delivered_ml"],
        numbers["remaining_ml"],
        _words(rows, DRUGS),
    )


def device_alarms(message: Message) -> list[dict[str, str | None]]:
    """Return the alarms a device reports (ORU^R40), one for each alarm event in the message."""
    alarms: list[dict[str, str | None]] = []
    for row in message.named("OBX") if message.type == ("ORU", "R40") else ():
        if _name(row).startswith("MDC_EVT_"):
            alarms.append({"phase": None, "state": None, "priority": None, "type": None, "text": _alarm_text(row)})
        part = ALARM_PARTS.get(_name(row))
        if part and alarms:
            alarms[-1][part] = row.component(5) or row.component(5, 2) or None
    return alarms


def _name(row: Segment) -> str:
    return next((part for part in row.components(3) if part.startswith("MDC")), "")


def _number(row: Segment, factors: dict[str, float]) -> float | None:
    keys = [re.sub(r"[^a-z0-9/]", "", part.lower()) for part in row.components(6)]
    factor = next((factors[key] for key in keys if key in factors), None)
    text = row.component(5).strip()
    if factor is None or not re.fullmatch(r"\d+\.?\d*|\.\d+", text) or row.component(11) == "X":
        return None
    return float(text) * factor


def _words(rows: tuple[Segment, ...], names: tuple[str, ...]) -> str | None:
    for name in names:
        for row in rows:
            words = [part for part in row.components(5) if part.strip()]
            if _name(row) == name and words:
                return next((word for word in words if not word.isdigit()), words[0])
    return None


def _alarm_text(row: Segment) -> str | None:
    words = [part for part in row.components(5) if part.strip() and part != "MDC"]
    return words[-1] if words else None
