"""`replay READINGS.csv`: recorded readings through the alarm rules; one JSON line per event."""

import csv
import io as text_io
import math

from openketamine.core.monitoring.alarm import Event
from openketamine.core.monitoring.replay import replay
from openketamine.core.monitoring.signal import Reading, Signal
from openketamine.evidence import alarm_limits
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.io import BadInput, print_json, read_text

COLUMNS = ["time_s", "signal", "value"]
LONGEST_S = 7 * 24 * 3600


def run(argv: list[str]) -> int:
    """Replay one tape, or list the limit files."""
    parser = Arguments("replay")
    parser.add_argument("readings", nargs="?")
    parser.add_argument("--limits", default="vital_signs")
    parser.add_argument("--list-limits", action="store_true")
    options = parser.parse_args(argv)
    if options.list_limits:
        for name in alarm_limits.limit_ids():
            print_json(name)
        return 0
    if options.limits not in alarm_limits.limit_ids():
        raise BadInput(f"--limits = {options.limits!r}: must be one of {', '.join(alarm_limits.limit_ids())}")
    if options.readings is None:
        raise BadInput("replay: READINGS.csv is missing")
    for event in replay(alarm_limits.alarm_rules(options.limits), tape(read_text(options.readings))):
        print_json(line(event))
    return 0


def line(event: Event) -> dict[str, object]:
    """Return an event as its JSON line."""
    return {
        "time_s": event.at_s, "rule": event.rule, "signal": event.signal.value if event.signal else None, "kind": event.kind.value,
        "priority": event.priority.value, "state": event.state.value, "value": event.value, "reason": event.reason,
    }  # fmt: skip


def tape(text: str) -> list[Reading]:
    """Read a tape; raises BadInput with the line number of the first row that is wrong."""
    rows = csv.reader(text_io.StringIO(text.removeprefix("\ufeff")))
    if [name.strip() for name in next(rows, [])] != COLUMNS:
        raise BadInput(f"line 1: the columns must be {','.join(COLUMNS)}")
    readings: list[Reading] = []
    for row in rows:
        if row:
            readings.append(_reading(row, rows.line_num, readings))
    return readings


def _reading(row: list[str], number: int, before: list[Reading]) -> Reading:
    if len(row) != len(COLUMNS):
        raise BadInput(f"line {number}: {len(row)} values; must be {len(COLUMNS)}")
    at_s = _number(row[0], f"line {number}: time_s")
    if before and at_s < before[-1].at_s:
        raise BadInput(f"line {number}: time_s = {at_s:g}: goes backwards from {before[-1].at_s:g}")
    if before and at_s - before[0].at_s > LONGEST_S:
        raise BadInput(f"line {number}: time_s = {at_s:g}: the tape must not be longer than {LONGEST_S} s")
    name = row[1].strip()
    if name not in [signal.value for signal in Signal]:
        raise BadInput(f"line {number}: signal = {name!r}: must be one of {', '.join(Signal)}")
    value = _number(row[2], f"line {number}: value") if row[2].strip() else None
    return Reading(at_s, Signal(name), value)


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise BadInput(f"{where} = {text!r}: must be a number") from error
    if not math.isfinite(value):
        raise BadInput(f"{where} = {text!r}: must be a finite number")
    return value
