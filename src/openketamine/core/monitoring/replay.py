"""A recorded afternoon through the same machine: time ticks each second from the first row to the last."""

import math
from collections.abc import Iterable, Sequence

from openketamine.core.monitoring.alarm import Event, step
from openketamine.core.monitoring.memory import Watch
from openketamine.core.monitoring.rule import Rule, Rules
from openketamine.core.monitoring.signal import Fact, Input, Reading, Tick


def replay(rules: Sequence[Rule], readings: Sequence[Reading]) -> tuple[Event, ...]:
    """Return every event of a tape whose readings are in ascending time."""
    watch, events, rules = Watch(), list[Event](), Rules(rules)
    for seen in with_ticks(readings):
        watch, caused = step(rules, watch, seen)
        events += caused
    return tuple(events)


def with_ticks(readings: Sequence[Reading]) -> list[Input]:
    """Return the readings with a tick for each whole second after the first; a reading comes before the tick of its instant."""
    if not readings:
        return []
    start = readings[0].at_s
    shifted = between(readings, start, readings[-1].at_s)
    return [*shifted, Tick(readings[-1].at_s)]


def between(seen: Iterable[Reading | Fact], start_s: float, end_s: float) -> list[Input]:
    """Return what was seen, in order, with a tick for each whole second after `start_s`, `end_s` included.

    What is older than a tick that has passed already comes at once: late is not lost.
    """
    inputs: list[Input] = []
    second = 1
    for one in seen:
        due = math.ceil(one.at_s - start_s)
        inputs += [Tick(start_s + passed) for passed in range(second, due)]
        second = max(second, due)
        inputs.append(one)
    return [*inputs, *(Tick(start_s + passed) for passed in range(second, math.floor(end_s - start_s) + 1))]
