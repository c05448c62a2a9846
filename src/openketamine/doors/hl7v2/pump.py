"""What an infusion pump says of itself (IHE PCD-01, PCD-10), read-only: status, rate, volumes, drug."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from openketamine.doors.hl7v2 import codes, oru
from openketamine.doors.hl7v2.message import Message, Segment

# Units by their UCUM code, by how makers write them, by the name and by the number of ISO/IEEE 11073-10101, where of any unit
# 18 more is its thousandth and 19 more its millionth. What is none of these is not read; nothing is taken off a unit to make it fit.
RATE_FACTORS = {
    "265266": 1.0, "ml/h": 1.0, "ml/hr": 1.0, "mdc_dim_milli_l_per_hr": 1.0, "265248": 1000.0, "l/h": 1000.0, "l/hr": 1000.0, "mdc_dim_l_per_hr": 1000.0,
    "265267": 0.001, "ul/h": 0.001, "ul/hr": 0.001, "mdc_dim_micro_l_per_hr": 0.001, "265234": 60.0, "ml/min": 60.0, "mdc_dim_milli_l_per_min": 60.0,
    "265235": 0.06, "ul/min": 0.06, "mdc_dim_micro_l_per_min": 0.06,
}  # fmt: skip
VOLUME_FACTORS = {
    "263762": 1.0, "ml": 1.0, "mdc_dim_milli_l": 1.0, "263744": 1000.0, "l": 1000.0, "mdc_dim_l": 1000.0, "263763": 0.001, "ul": 0.001, "mdc_dim_micro_l": 0.001,
}  # fmt: skip
MICRO = "\N{GREEK SMALL LETTER MU}"
# ISO/IEEE 11073-10101 names by number, for senders that leave the name out.
NAMES = {
    157784: "MDC_FLOW_FLUID_PUMP", 158014: "MDC_FLOW_FLUID_PUMP_CURRENT", 157884: "MDC_VOL_FLUID_TBI",
    157872: "MDC_VOL_FLUID_TBI_REMAIN", 157993: "MDC_VOL_FLUID_DELIV_TOTAL", 184514: "MDC_DRUG_NAME_TYPE",
    184519: "MDC_PUMP_INFUSING_STATUS", 158005: "MDC_PUMP_CURRENT_DELIVERY_STATUS",
}  # fmt: skip
# The rate that flows now stands before the rate that is set; what this infusion gave before what the pump ever gave.
RATES = ("MDC_FLOW_FLUID_PUMP_CURRENT", "MDC_FLOW_FLUID_PUMP")
VTBI = ("MDC_VOL_FLUID_TBI",)
DELIVERED = ("MDC_VOL_FLUID_DELIV", "MDC_VOL_FLUID_DELIV_TOTAL")  # a segment is one rate of several: no total
REMAINING = ("MDC_VOL_FLUID_TBI_REMAIN", "MDC_VOL_FLUID_TBI_REMAINING")
STATUSES = ("MDC_PUMP_INFUSING_STATUS", "MDC_PUMP_STAT", "MDC_PUMP_CURRENT_DELIVERY_STATUS")
DRUGS = ("MDC_DRUG_NAME_TYPE", "MDC_DRUG_NAME", "MDC_PUMP_DRUG_NAME")
PUMP_NAMES = ("MDC_DEV_PUMP_INFUS", "MDC_PUMP_", "MDC_FLOW_FLUID_PUMP", "MDC_VOL_FLUID", "MDC_EVT_PUMP_")
EVENT = "MDC_EVT_PUMP_"
EVENT_NAMED_IN = ("MDC_ATTR_EVT_COND",)  # the event is the name of an OBX-3, or the value of this one


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
    named = [(name_of(row), row) for row in rows]
    if not any(name.startswith(PUMP_NAMES) for name, _row in named):
        return None
    named = [(name, row) for name, row in named if not oru.no_data(row)]
    return Pump(
        _words(named, STATUSES) or _event(named),
        _first(named, RATES, RATE_FACTORS),
        _first(named, VTBI, VOLUME_FACTORS),
        _first(named, DELIVERED, VOLUME_FACTORS),
        _first(named, REMAINING, VOLUME_FACTORS),
        _words(named, DRUGS),
    )


def name_of(row: Segment) -> str:
    """Return the MDC name of an OBX-3, or the name that its number has in the standard; empty for neither."""
    return _name_of(row.components(3))


@lru_cache(maxsize=1024)
def _name_of(parts: tuple[str, ...]) -> str:
    named = next((part.strip() for part in parts if part.startswith(("MDC_", "MDCX_"))), "")
    number = codes.number_of(parts[0].strip())
    return named or (NAMES.get(number, "") if number is not None else "")


def _first(rows: list[tuple[str, Segment]], names: tuple[str, ...], factors: dict[str, float]) -> float | None:
    values = [_number(row, factors) for wanted in names for name, row in rows if name == wanted]
    return next((value for value in values if value is not None), None)


def _number(row: Segment, factors: dict[str, float]) -> float | None:
    factor = _factor(row.components(6), factors)
    text = row.component(5).strip()
    if factor is None or not re.fullmatch(r"\d+\.?\d*|\.\d+", text, re.ASCII):
        return None
    return float(text) * factor


def _factor(unit: tuple[str, ...], factors: dict[str, float]) -> float | None:
    """Return what turns a number of a unit (OBX-6) into mL or mL/h; None for one that is not known, or that says two things."""
    keys = (unicodedata.normalize("NFKC", part).replace(" ", "").lower().replace(MICRO, "u") for part in unit)
    found = {factors[key] for key in keys if key in factors}
    return found.pop() if len(found) == 1 else None


def _event(rows: list[tuple[str, Segment]]) -> str | None:
    names = (*(name for name, _row in rows), _words(rows, EVENT_NAMED_IN) or "")
    return next((name for name in names if name.startswith(EVENT)), None)


def _words(rows: list[tuple[str, Segment]], names: tuple[str, ...]) -> str | None:
    for wanted in names:
        for name, row in rows:
            words = [part for part in row.components(5) if part.strip()]
            if name == wanted and words:
                return next((word for word in words if not word.isdigit()), words[0])
    return None
