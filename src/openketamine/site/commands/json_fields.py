"""Checks of single JSON fields. Each raises BadInput naming the field, the value and the limit."""

import math
from typing import Any

from openketamine.site.commands.io import BadInput

SHOWN = 60


def number(
    value: Any, field: str, *, low: float | None = None, high: float | None = None, above: float | None = None
) -> float:
    """Return a finite number within limits (`low` and `high` inclusive, `above` exclusive)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"{field} = {_shown(value)}: must be a number")
    found = _finite(value, field)
    if above is not None and found <= above:
        raise BadInput(f"{field} = {_shown(value)}: must be greater than {above:g}")
    if low is not None and found < low:
        raise BadInput(f"{field} = {_shown(value)}: must be at least {low:g}")
    if high is not None and found > high:
        raise BadInput(f"{field} = {_shown(value)}: must be at most {high:g}")
    return found


def whole(value: Any, field: str, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(f"{field} = {_shown(value)}: must be a whole number")
    if not low <= value <= high:
        raise BadInput(f"{field} = {_shown(value)}: must be from {low} to {high}")
    return value


def choice(value: Any, field: str, known: list[str]) -> str:
    """Return one of the known words."""
    if not isinstance(value, str) or value not in known:
        raise BadInput(f"{field} = {_shown(value)}: must be one of {', '.join(known)}")
    return value


def text(body: dict[str, Any], field: str) -> str:
    """Return a required word."""
    if field not in body:
        raise BadInput(f"{field}: missing")
    if not isinstance(body[field], str):
        raise BadInput(f"{field} = {_shown(body[field])}: must be text")
    return str(body[field])


def listed(body: dict[str, Any], field: str, most: int, *, required: bool = True) -> list[Any]:
    """Return a list of at most `most` rows; a missing one is bad input when required, else empty."""
    if field not in body and required:
        raise BadInput(f"{field}: missing")
    rows = body.get(field, [])
    if not isinstance(rows, list):
        raise BadInput(f"{field} = {_shown(rows)}: must be a list")
    if len(rows) > most:
        raise BadInput(f"{field}: {len(rows)} rows; at most {most}")
    return rows


def _finite(value: float, field: str) -> float:
    try:
        found = float(value)
    except OverflowError as error:
        raise BadInput(f"{field} = {_shown(value)}: is too large") from error
    if not math.isfinite(found):
        raise BadInput(f"{field} = {_shown(value)}: must be a finite number")
    return found


def _shown(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 3]}..."
