"""A recorded afternoon through the same machine: time ticks each second from the first row to the last."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openketamine.core.monitoring.alarm import Event, step
from openketamine.core.monitoring.memory import RuleState, Watch
from openketamine.core.monitoring.rule import RiseRule, Rule, Rules, SourceRule, against
from openketamine.core.monitoring.signal import Acknowledged, Fact, Input, Reading, Signal, Tick

Told = Reading | Fact | Acknowledged


@dataclass(frozen=True, slots=True)
class Session:
    """What the alarms of a session knew beside its readings; seconds count from its start.

    `required` are the signals that had to be there from the first second on, `baseline` the values before the infusion, which
    count from `baseline_from_s` on; `until_s` is its end; `due_s` are the intervals at which checks were due at its end.
    """

    required: Collection[Signal]
    baseline: Mapping[Signal, float]
    baseline_from_s: float
    until_s: float
    due_s: Mapping[Signal, float] = field(default_factory=dict)


def rules_for(
    rules: Iterable[Rule], rises: Iterable[RiseRule], required: Collection[Signal], baseline: Mapping[Signal, float]
) -> Rules:
    """Return the rules of one session: a rise turned into a limit by the own baseline, a missing source only of what is required."""
    kept = (one for one in rules if not isinstance(one, SourceRule) or one.signal in required)
    return Rules((*kept, *against(rises, baseline)))


def at_first(rules: Iterable[Rule]) -> Watch:
    """Return the memory with which a session begins: a required signal is missing from the first second on."""
    return Watch({one.id: RuleState(last_read_s=0.0) for one in rules if isinstance(one, SourceRule)})


def replay_session(
    rules: Sequence[Rule], rises: Sequence[RiseRule], seen: Sequence[Told], about: Session
) -> tuple[Event, ...]:
    """Return every event of a session as its own alarms told them."""
    due = [one.due_every(about.due_s) if isinstance(one, SourceRule) else one for one in rules]
    before, after = (rules_for(due, rises, about.required, values) for values in ({}, about.baseline))
    watch, events = at_first(before), list[Event]()
    for one in between(seen, 0.0, about.until_s):
        watch, caused = step(after if one.at_s >= about.baseline_from_s else before, watch, one)
        events += caused
    return tuple(events)


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


def between(seen: Iterable[Told], start_s: float, end_s: float) -> list[Input]:
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
