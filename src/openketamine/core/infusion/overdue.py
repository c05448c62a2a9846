"""From when to when a check was overdue: of each kind the last whose time is over counts, and what makes up for it makes up for all before.

Instants are seconds from the start of the session, as on a tape of its readings.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from openketamine.core.monitoring.alarm import Event, Transition
from openketamine.core.monitoring.rule import Kind, Priority

RULE = "check_overdue"
SAYS = "A check is overdue: options are doing it now, or saying why a part of it is not measured"
OVER = f"no longer meets rule {RULE}"


@dataclass(frozen=True, slots=True)
class Check:
    """One check that is due: its parts, from when on a measurement counts for it, and when it is overdue."""

    parts: tuple[str, ...]
    from_s: float
    late_s: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A part was measured, or somebody said why not: when it was so, and when that was told."""

    at_s: float
    told_s: float


def overdue(checks: Sequence[Check], seen: Mapping[str, Sequence[Seen]], until_s: float) -> tuple[Event, ...]:
    """Return when the alarm on an overdue check was raised and when it ended, until a second; checks are in the order in which they are due."""
    told = {part: _first_told(seen.get(part, ())) for part in {part for one in checks for part in one.parts}}
    events = list[Event]()
    for start_s, end_s in _joined(_late(checks, told)):
        if start_s < until_s:
            events.append(_event(start_s, Transition.RAISED, SAYS))
        if end_s <= until_s:
            events.append(_event(end_s, Transition.CLEARED, OVER))
    return tuple(events)


def _event(at_s: float, state: Transition, says: str) -> Event:
    return Event(at_s, RULE, None, Kind.TECHNICAL, Priority.WARNING, state, None, says)


Told = tuple[list[float], list[float]]
"""When something was measured, in order, and for each the first instant at which it or anything measured later was told."""


def _first_told(seen: Sequence[Seen]) -> Told:
    ordered = sorted(seen, key=lambda one: one.at_s)
    first, firsts = inf, list[float]()
    for one in reversed(ordered):
        first = min(first, one.told_s)
        firsts.append(first)
    return [one.at_s for one in ordered], firsts[::-1]


def _late(checks: Sequence[Check], told: Mapping[str, Told]) -> Iterable[tuple[float, float]]:
    """Yield from when to when each check was overdue, until the next of its kind is."""
    kinds: dict[tuple[str, ...], list[Check]] = {}
    for one in checks:
        kinds.setdefault(one.parts, []).append(one)
    for same in kinds.values():
        ends = [later.late_s for later in same[1:]] + [inf]
        for one, end_s in zip(same, ends, strict=True):
            made_up_s = min(max(_told_since(told[part], one.from_s) for part in one.parts), end_s)
            if made_up_s > one.late_s:
                yield one.late_s, made_up_s


def _told_since(told: Told, from_s: float) -> float:
    times, firsts = told
    place = bisect_left(times, from_s)
    return firsts[place] if place < len(times) else inf


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return spans of time with those that touch made one."""
    found = list[tuple[float, float]]()
    for start_s, end_s in sorted(spans):
        if found and start_s <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end_s)
        else:
            found.append((start_s, end_s))
    return found
