"""`replay READINGS.csv`, or the folder that `tape` wrote: recorded readings through the alarm rules; one JSON line per event."""

import csv
import io as text_io
import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from openketamine.core.monitoring.alarm import Event
from openketamine.core.monitoring.replay import Asked, Told, replay, replay_session
from openketamine.core.monitoring.signal import OXYGEN, ROOM_AIR, Acknowledged, Fact, Reading, Signal
from openketamine.evidence import alarm_limits, limits_check, load
from openketamine.site.commands import replay_checks
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.io import BadInput, only_keys, print_json, read_json, read_text

COLUMNS = ["time_s", "signal", "value"]
WITH_SOURCE = [*COLUMNS, "source"]
DEVICE, TYPED, ACKNOWLEDGED = "device", "typed", "acknowledged"
LONGEST_S = 7 * 24 * 3600
SHIPPED = "vital_signs"
READINGS, LIMITS, SESSION = "readings.csv", "limits.toml", "session.json"
"""The files that `tape` writes of a session: what its alarms were given, the limits that were in force, what was asked of it."""


def run(argv: list[str]) -> int:
    """Replay one tape, or list the limit files."""
    parser = Arguments("replay")
    parser.add_argument("readings", nargs="?")
    parser.add_argument("--limits", default="", metavar="ID|FILE.toml")
    parser.add_argument("--session", default="", metavar="FILE.json")
    parser.add_argument("--list-limits", action="store_true")
    options = parser.parse_args(argv)
    if options.list_limits:
        for name in alarm_limits.limit_ids():
            print_json(name)
        return 0
    if options.readings is None:
        raise BadInput("replay: READINGS.csv is missing")
    readings, session, named = _files(options.readings, options.session, options.limits)
    limits = _limits(named)
    for event in _events(limits, tape(read_text(readings)), session):
        print_json(line(event))
    return 0


def _files(readings: str, session: str, limits: str) -> tuple[str, str, str]:
    """Return which readings, session and limits to take: of a folder its three files; the limits beside a session go before those that ship."""
    if Path(readings).is_dir():
        readings, session = str(Path(readings) / READINGS), session or str(Path(readings) / SESSION)
    beside = Path(session).with_name(LIMITS) if session else None
    in_force = str(beside) if beside is not None and beside.is_file() else SHIPPED
    return readings, session, limits or in_force


def _limits(name: str) -> alarm_limits.Limits:
    """Return the rules of a name that ships, or of a file as the page of a clinic's alarm rules gives it."""
    if name in alarm_limits.limit_ids():
        return alarm_limits.limits_of(load.text("limits", name), f"limits/{name}.toml")
    try:
        text = read_text(name)
    except BadInput as error:
        ids = ", ".join(alarm_limits.limit_ids())
        raise BadInput(f"--limits = {name!r}: must be one of {ids}, or a file: {error}") from error
    try:
        return limits_check.checked(text, name)
    except load.EvidenceError as error:
        raise BadInput(f"--limits = {' '.join(str(error).split())}") from error


def _events(limits: alarm_limits.Limits, rows: list[Told], session: str) -> tuple[Event, ...]:
    if session:
        row = read_json(session)
        asked = about(row)
        told = replay_session(limits.rules, limits.rises, rows, asked)
        checks = replay_checks.events(row, rows, asked[-1].until_s)
        return tuple(sorted([*told, *checks], key=lambda one: one.at_s))
    return replay(limits.rules, [one for one in rows if isinstance(one, Reading)])


WHAT = {"required", "baseline", "due_s", "until_s"}


def about(row: dict[str, Any]) -> list[Asked]:
    """Read what was asked of a session, one after the other until its end; raises BadInput naming the field."""
    only_keys(row, {*WHAT, "baseline_from_s", "before", "checks"})
    before = row.get("before", [])
    if not isinstance(before, list) or not all(isinstance(one, dict) for one in before):
        raise BadInput("before: must be a list of objects")
    for one in before:
        only_keys(one, WHAT)
    from_s, last = _seconds(row, "baseline_from_s"), _asked(row)
    asked = [*map(_asked, before), *([replace(last, until_s=from_s, baseline={})] if from_s > 0 else []), last]
    if any(later.until_s < one.until_s for one, later in pairwise(asked)):
        raise BadInput("until_s: must not go backwards")
    return asked


def _asked(row: dict[str, Any]) -> Asked:
    required, baseline, due = row.get("required", []), row.get("baseline", {}), row.get("due_s", {})
    if not isinstance(required, list) or not isinstance(baseline, dict) or not isinstance(due, dict):
        raise BadInput("required: must be a list of signals, and baseline an object of numbers by signal, as due_s is")
    values = {_signal(name, "baseline"): _seconds(baseline, name) for name in baseline}
    until_s = _seconds(row, "until_s")
    if not 0 <= until_s <= LONGEST_S:
        raise BadInput(f"until_s = {until_s:g}: must be from 0 to {LONGEST_S}")
    due_s = {_signal(name, "due_s"): _seconds(due, name) for name in due}
    return Asked(until_s, frozenset(_signal(name, "required") for name in required), values, due_s)


def _seconds(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"{name} = {value!r}: must be a finite number")
    return float(value)


def _signal(name: object, where: str) -> Signal:
    if name not in [signal.value for signal in Signal]:
        raise BadInput(f"{where}: signal = {name!r}: must be one of {', '.join(Signal)}")
    return Signal(str(name))


def line(event: Event) -> dict[str, object]:
    """Return an event as its JSON line."""
    return {
        "time_s": event.at_s, "rule": event.rule, "signal": event.signal.value if event.signal else None, "kind": event.kind.value,
        "priority": event.priority.value, "state": event.state.value, "value": event.value, "reason": event.reason,
    }  # fmt: skip


def tape(text: str) -> list[Told]:
    """Read a tape; raises BadInput with the line number of the first row that is wrong."""
    rows = csv.reader(text_io.StringIO(text.removeprefix("\ufeff")))
    columns = [name.strip() for name in next(rows, [])]
    if columns not in (COLUMNS, WITH_SOURCE):
        raise BadInput(f"line 1: the columns must be {','.join(COLUMNS)}, or these and source")
    found: list[Told] = []
    for row in rows:
        if row:
            found.append(_row(row, rows.line_num, found, len(columns)))
    return found


def _row(row: list[str], number: int, before: list[Told], columns: int) -> Told:
    if len(row) != columns:
        raise BadInput(f"line {number}: {len(row)} values; must be {columns}")
    at_s, source = _number(row[0], f"line {number}: time_s"), row[3].strip() if columns > len(COLUMNS) else DEVICE
    if before and at_s < before[-1].at_s:
        raise BadInput(f"line {number}: time_s = {at_s:g}: goes backwards from {before[-1].at_s:g}")
    if before and at_s - before[0].at_s > LONGEST_S:
        raise BadInput(f"line {number}: time_s = {at_s:g}: the tape must not be longer than {LONGEST_S} s")
    if source not in {DEVICE, TYPED}:
        raise BadInput(f"line {number}: source = {source!r}: must be {DEVICE} or {TYPED}")
    return _what(at_s, row[1].strip(), row[2].strip(), number, by_hand=source == TYPED)


def _what(at_s: float, name: str, value: str, number: int, *, by_hand: bool) -> Told:
    """Return a reading, which alarm was acknowledged, or what is known of oxygen: `air` is none, other words are some."""
    if name == ACKNOWLEDGED:
        return Acknowledged(at_s, value)
    if name == OXYGEN:
        return Fact(at_s, OXYGEN, value != ROOM_AIR if value else None)
    signal = _signal(name, f"line {number}")
    return Reading(at_s, signal, _number(value, f"line {number}: value") if value else None, by_hand=by_hand)


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise BadInput(f"{where} = {text!r}: must be a number") from error
    if not math.isfinite(value):
        raise BadInput(f"{where} = {text!r}: must be a finite number")
    return value
