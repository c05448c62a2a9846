"""A recorded afternoon through the same machine: time ticks each second from the first row to the last."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from openketamine.core.monitoring.alarm import Event, Transition, step
from openketamine.core.monitoring.memory import FRESH, RuleState, Watch
from openketamine.core.monitoring.rule import RiseRule, Rule, Rules, SourceRule, against
from openketamine.core.monitoring.signal import Acknowledged, Fact, Input, Reading, Signal, Tick

Told = Reading | Fact | Acknowledged


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a session until a second of it, and with that second; seconds count from its start.

    `required` are the signals that have to be there, `baseline` the values before the infusion, `due_s` the intervals at which
    checks are due.
    """

    until_s: float
    required: Collection[Signal]
    baseline: Mapping[Signal, float] = field(default_factory=dict)
    due_s: Mapping[Signal, float] = field(default_factory=dict)


class Span(NamedTuple):
    """The rules of a session until a second of it."""

    until_s: float
    rules: Rules


def rules_for(
    rules: Iterable[Rule], rises: Iterable[RiseRule], required: Collection[Signal], baseline: Mapping[Signal, float]
) -> Rules:
    """Return the rules of one session: a rise turned into a limit by the own baseline, a missing source only of what is required."""
    kept = (one for one in rules if not isinstance(one, SourceRule) or one.signal in required)
    return Rules((*kept, *against(rises, baseline)))


def at_first(rules: Iterable[Rule]) -> Watch:
    """Return the memory with which a session begins: a required signal is missing from the first second on."""
    return Watch({one.id: RuleState(last_read_s=0.0) for one in rules if isinstance(one, SourceRule)})


def through(spans: Sequence[Span], watch: Watch, inputs: Iterable[Input]) -> tuple[Watch, list[Event], Sequence[Span]]:
    """Take a memory through inputs by the rules of their time; return it, the events, and the spans that are not over."""
    events = list[Event]()
    for one in inputs:
        while one.at_s > spans[0].until_s:
            watch, caused = _turned(watch, spans[0], spans[1].rules)
            events, spans = [*events, *caused], spans[1:]
        watch, told = step(spans[0].rules, watch, one)
        events += told
    return watch, events, spans


def _turned(watch: Watch, before: Span, after: Rules) -> tuple[Watch, list[Event]]:
    """Forget the sources that are required no longer, which clears their alarms; one that is named anew is missing until it is read."""
    now, then = _sources(before.rules), _sources(after)
    gone, anew = now.keys() - then.keys(), then.keys() - now.keys()
    events = [
        Event(before.until_s, one.id, one.signal, one.kind, one.priority, Transition.CLEARED, None, f"{one.signal.value} is not monitored any longer")
        for one in now.values()
        if one.id in gone and watch.states.get(one.id, FRESH).raised
    ]  # fmt: skip
    states = {name: state for name, state in watch.states.items() if name not in gone}
    return replace(watch, states={**states, **{name: RuleState(last_read_s=before.until_s) for name in anew}}), events


def _sources(rules: Iterable[Rule]) -> dict[str, SourceRule]:
    return {one.id: one for one in rules if isinstance(one, SourceRule)}


def replay_session(
    rules: Sequence[Rule], rises: Sequence[RiseRule], seen: Sequence[Told], asked: Sequence[Asked]
) -> tuple[Event, ...]:
    """Return every event of a session as its own alarms told them, with what was asked of it, one after the other until its end."""
    spans = [Span(one.until_s, _rules_of(rules, rises, one)) for one in asked]
    inputs = between(seen, 0.0, asked[-1].until_s)
    last = spans[-1]._replace(until_s=math.inf)
    return tuple(through([*spans[:-1], last], at_first(spans[0].rules), inputs)[1])


def _rules_of(rules: Sequence[Rule], rises: Sequence[RiseRule], asked: Asked) -> Rules:
    due = [one.due_every(asked.due_s) if isinstance(one, SourceRule) else one for one in rules]
    return rules_for(due, rises, asked.required, asked.baseline)


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
