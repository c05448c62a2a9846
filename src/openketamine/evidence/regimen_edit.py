"""A clinic's own version of a regimen: the same text with other numbers, each cited to the person who signed it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openketamine.core.citation import Mark
from openketamine.core.monitoring.signal import SEDATION, Signal
from openketamine.core.plan.protocol import Direction, Setting
from openketamine.evidence import load
from openketamine.evidence.regimen import SECOND_CHECKS, Regimen
from openketamine.evidence.regimen_numbers import AFTER_SEDATIVE, FROM_END, RASS_FROM, Number

SOURCED = frozenset({Mark.READ, Mark.TRANSCRIBED, Mark.DERIVED})
HIGHER_IS_TIGHTER = frozenset(
    {
        "regimen.minimum_interval",
        "recovery.observation",
        AFTER_SEDATIVE,
        FROM_END,
        RASS_FROM,
        "course.response",
        "before_start.again",
    }
)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who set a value, and when."""

    by: str
    on: date


def settings(rules: Regimen) -> tuple[Setting, ...]:
    """Return the numbers of a regimen that a clinic may set, with which way each protects."""
    return tuple(_setting(one) for one in rules.numbers)


def _setting(number: Number) -> Setting:
    direction = Direction.HIGHER if number.name in HIGHER_IS_TIGHTER else Direction.LOWER
    sourced = number.cite is not None and number.cite.mark in SOURCED
    return Setting(number.name, number.unit, number.value, direction, sourced)


def with_values(
    text: str, after: Mapping[str, Decimal | None], second_check: str, signed: Signed, *, sedation_scale: str = Signal.MOAAS
) -> str:  # fmt: skip
    """Return the text with other values and their citation, and what was chosen; raises EvidenceError for a table or a choice that is not there."""
    for name, value in after.items():
        text = _replaced(text, name, value, signed)
    text = _chosen(text, "second_check", second_check, SECOND_CHECKS)
    return _chosen(text, "sedation_scale", sedation_scale, SEDATION)


def _chosen(text: str, name: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise load.EvidenceError(f"{name} = {value!r}: is not one of {', '.join(choices)}")
    return re.sub(rf'(?m)^{name} = "\w+"$', f'{name} = "{value}"', text)


def _replaced(text: str, name: str, value: Decimal | None, signed: Signed) -> str:
    block = re.compile(rf"(?ms)^\[{re.escape(name)}\]\n.*?(?=^\[|^#|^$|\Z)")
    found = block.search(text)
    if found is None:
        raise load.EvidenceError(f"{name}: this text has no such table")
    unit = load.parse(found[0], name)
    for part in name.split("."):
        unit = unit[part]
    return text[: found.start()] + _block(name, str(unit["unit"]), value, signed) + text[found.end() :]


def _block(name: str, unit: str, value: Decimal | None, signed: Signed) -> str:
    if value is None:
        absent = "no cap set by your clinic" if name.startswith("caps.") else "not set by your clinic"
        return f'[{name}]\nabsent = "{absent}"\nunit = "{unit}"\n'
    locus = json.dumps(f"set by {signed.by} on {signed.on:%Y-%m-%d}", ensure_ascii=False)
    checked = json.dumps(signed.by, ensure_ascii=False)
    cite = (
        f'source = "clinic-protocol", locus = {locus}, mark = "assumed", grade = "your clinic", checked_by = {checked}'
    )
    return f'[{name}]\nvalue = {value:f}\nunit = "{unit}"\ncite = {{ {cite} }}\n'
