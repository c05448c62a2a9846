"""What a session file of `replay` says of checks: which were due and when overdue, and what was seen of their parts beside the readings."""

import math
from collections.abc import Sequence
from typing import Any

from openketamine.core.infusion.overdue import Check, Seen, overdue
from openketamine.core.monitoring.alarm import Event
from openketamine.core.monitoring.replay import Told
from openketamine.core.monitoring.signal import Reading
from openketamine.site.commands.io import BadInput, only_keys

CUFF = "nibp"


def events(row: dict[str, Any], readings: Sequence[Told], until_s: float) -> tuple[Event, ...]:
    """Return when the alarm on an overdue check was raised and when it ended; raises BadInput naming the field.

    What a device streams is on the tape; what was typed, read by a cuff or said not to be measured stands in `seen`.
    """
    asked = row.get("checks", {})
    if not isinstance(asked, dict):
        raise BadInput("checks: must be an object of due and seen")
    only_keys(asked, {"due", "seen"})
    due, told = asked.get("due", []), asked.get("seen", {})
    if not isinstance(due, list) or not isinstance(told, dict):
        raise BadInput("checks: due must be a list, and seen an object of lists by part")
    seen = {part: [_seen(one, part) for one in _listed(times, f"checks: seen: {part}")] for part, times in told.items()}
    for one in readings:
        if isinstance(one, Reading) and not one.by_hand and one.value is not None and not one.signal.startswith(CUFF):
            seen.setdefault(one.signal.value, []).append(Seen(one.at_s, one.at_s))
    return overdue([_check(one) for one in due], seen, until_s)


def _check(row: object) -> Check:
    if not isinstance(row, dict):
        raise BadInput("checks: due: must be a list of objects")
    only_keys(row, {"parts", "from_s", "late_s"})
    parts = row.get("parts")
    if not isinstance(parts, list) or not parts or not all(isinstance(part, str) for part in parts):
        raise BadInput(f"checks: due: parts = {parts!r}: must be a list of names")
    return Check(tuple(parts), _second(row.get("from_s"), "due: from_s"), _second(row.get("late_s"), "due: late_s"))


def _seen(pair: object, part: str) -> Seen:
    if not isinstance(pair, list) or len(pair) != len(("seen", "told")):
        raise BadInput(f"checks: seen: {part}: must be a list of pairs, when it was seen and when that was told")
    return Seen(*(_second(one, f"seen: {part}") for one in pair))


def _listed(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise BadInput(f"{where}: must be a list")
    return value


def _second(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"checks: {where} = {value!r}: must be a finite number")
    return float(value)
