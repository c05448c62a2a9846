"""The numbers of a regimen text that a clinic may set: each with its citation, or with why it is absent."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openketamine.core.citation import Citation
from openketamine.evidence import load
from openketamine.evidence.load import cited

AFTER_SEDATIVE = "recovery.observation_after_sedative"
FROM_END = "recovery.observation_from_end"
RASS_FROM, RASS_TO = "recovery.rass_from", "recovery.rass_to"
RASS_UNSET = {"absent": "which levels of RASS count as fully awake: not set by your clinic", "unit": "{score}"}
UNSET = {
    AFTER_SEDATIVE: {"absent": "no minimum observation after a sedative set by your clinic", "unit": "min"},
    FROM_END: {
        "absent": "no minimum from the end of the infusion set by your clinic for a later session",
        "unit": "min",
    },
    RASS_FROM: RASS_UNSET,
    RASS_TO: RASS_UNSET,
}
"""What a text kept before these were asked for says of them."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a regimen as it stands in its text: value or why it is absent, unit, citation."""

    name: str
    unit: str
    value: Decimal | None
    absent: str
    cite: Citation | None


def asked_later(name: str, row: dict[str, Any], where: str) -> Number:
    """Return a number of recovery that a text kept before it was asked for has not set."""
    return number_of(name, row.get(name.partition(".")[2], UNSET[name]), where)


def number_of(name: str, row: dict[str, Any], where: str) -> Number:
    """Return one number from its table."""
    if "absent" in row:
        return Number(name, row["unit"], None, row["absent"], None)
    value = Decimal(f"{Decimal(repr(cited(row, row['unit'], f'{where} {name}'))).normalize():f}")
    return Number(name, row["unit"], value, "", load.citation(row["cite"], f"{where} {name}"))


def value_of(number: Number, where: str) -> Decimal:
    """Return the value of a number; raises EvidenceError for one that has none."""
    if number.value is None:
        raise load.EvidenceError(f"{where} {number.name}: {number.absent}")
    return number.value
