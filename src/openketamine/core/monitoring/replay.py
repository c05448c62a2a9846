"""A recorded afternoon through the same machine: time ticks each second from the first row to the last."""

import math
from collections.abc import Sequence

from openketamine.core.monitoring.alarm import Event, Watch, step
from openketamine.core.monitoring.rule import Rule
from openketamine.core.monitoring.signal import Input, Reading, Tick


def replay(rules: Sequence[Rule], readings: Sequence[Reading]) -> tuple[Event, ...]:
    """Return every event of a tape whose readings are in ascending time."""
    watch, events = Watch(), list[Event]()
    for seen in with_ticks(readings):
        watch, caused = step(rules, watch, seen)
        events += caused
    return tuple(events)


def with_ticks(readings: Sequence[Reading]) -> list[Input]:
    """Return the readings with a tick for each whole second after the first; a reading comes before the tick of its instant."""
    if not readings:
        return []
    start, second = readings[0].at_s, 1
    inputs: list[Input] = []
    for reading in readings:
        due = math.ceil(reading.at_s - start)
        inputs += [Tick(start + passed) for passed in range(second, due)]
        second = max(second, due)
        inputs.append(reading)
    return [*inputs, Tick(readings[-1].at_s)]
