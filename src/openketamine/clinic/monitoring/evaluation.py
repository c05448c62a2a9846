"""Alarms of the watches: the machine of `core.monitoring` over stored readings, its memory kept in each watch's row."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from openketamine.clinic.audit import bulk, texts
from openketamine.clinic.monitoring.every_reading import STREAMED, key, obx_of
from openketamine.clinic.monitoring.models import (
    AlarmAnswer,
    AlarmEvent,
    Reading,
    Source,
    StoredReading,
    StreamReading,
    Watch,
)
from openketamine.clinic.monitoring.technical import apart
from openketamine.core.monitoring import alarm, memory, replay, rule
from openketamine.core.monitoring.signal import OXYGEN, ROOM_AIR, Acknowledged, Fact, Signal
from openketamine.core.monitoring.signal import Reading as Seen
from openketamine.evidence import alarm_limits

SIGNALS = frozenset(signal.value for signal in Signal)
ACKNOWLEDGED = "acknowledged"
LONGEST_CATCH_UP_S = 7200.0  # a worker that was away for longer ticks the last two hours second by second
RAISED = alarm.Transition.RAISED.value
BY_HAND = " by hand"
FIELDS = ["alarm_state", "alarm_tick_at"]
NOT_EVALUATED = "alarms_not_evaluated"
NOT_EVALUATED_SAYS = gettext_noop(
    "The alarms of this chair cannot be evaluated: watch the person and the bedside monitor, and tell whoever looks after this system"
)


class Row(NamedTuple):
    """What the machine asks of a reading; thousands a second are too many for whole rows."""

    pk: int
    watch_id: int
    signal: str
    value: float | None
    text: str
    observed_at: datetime
    source: str


class Answered(NamedTuple):
    """An alarm of a watch that somebody has acknowledged."""

    pk: int
    watch_id: int
    rule: str
    at: datetime


class Upto(NamedTuple):
    """The last row of each table of readings that an evaluation has seen."""

    stored: int
    streamed: int


@dataclass(frozen=True, slots=True)
class Recheck:
    """A high pressure that has to be read again: what was read and when, when the next reading is due, and when overdue."""

    signal: str
    value: float | None
    read_at: datetime
    due_at: datetime
    overdue_at: datetime
    overdue: bool


def limits_of(watch: Watch) -> alarm_limits.Limits:
    """Return the limits that were in force when this watch began."""
    return alarm_limits.limits_of(texts.kept(watch.limits_sha256), watch.limits)


def rules_of(watch: Watch) -> rule.Rules:
    """Return the rules of this watch: a rise turned into a limit by the own baseline, a missing source only of what is required."""
    return _rules_by(watch, watch.required, watch.baseline, watch.due_every_s or {})


def _rules_by(
    watch: Watch, required: Iterable[str], baseline: Mapping[str, float], due_s: Mapping[str, float]
) -> rule.Rules:
    numbers = tuple(sorted(baseline.items())), tuple(sorted(required)), tuple(sorted(due_s.items()))
    return _rules(watch.limits_sha256, watch.limits, *numbers)


def _spans(watch: Watch, asked: Iterable[Mapping[str, Any]]) -> list[replay.Span]:
    """Return the rules of what was asked of a watch since it was evaluated last, and those of now."""
    before = [
        replay.Span(one["until_s"], _rules_by(watch, one["required"], one["baseline"], one["due_s"])) for one in asked
    ]
    return [*before, replay.Span(math.inf, rules_of(watch))]


def sources_of(watch: Watch, due_s: Mapping[str, float] | None = None) -> tuple[rule.SourceRule, ...]:
    """Return the rules on a missing source, also of signals that are not required here: a value is stale for everybody.

    `due_s` are the intervals of the checks, by default those in force now.
    """
    due = (watch.due_every_s or {}) if due_s is None else due_s
    return _sources(watch.limits_sha256, watch.limits, tuple(sorted(due.items())))


def unset(watch: Watch) -> tuple[rule.NoRule, ...]:
    """Return the dangers for which this clinic has set no number."""
    return limits_of(watch).unset


def rechecks(watch: Watch, *, at: datetime) -> list[Recheck]:
    """Return the pressures that wait for a second reading, soonest first."""
    return _waiting(watch, memory.from_plain(watch.alarm_state.get("rules", {})), at)


def rechecks_as_of(watch: Watch, *, at: datetime) -> list[Recheck]:
    """Return the pressures that waited for a second reading at an earlier instant.

    What had been received by then goes through the same machine, in the order in which it came; the memory of now is not asked.
    """
    waits, newest, remembered = rule.Rules(_waits(watch)), dict[str, float](), memory.NOTHING_YET
    signals = {signal.value for one in waits for signal in one.signals}
    received = Reading.objects.filter(watch=watch.pk, signal__in=signals, received_at__lte=at)
    for row in received.order_by("received_at", "observed_at", "pk").values_list(*Row._fields):
        seen = _input(watch, Row(*row), newest)
        if seen is not None:
            remembered, _events = alarm.step(waits, remembered, seen)
    return _waiting(watch, remembered, at)


def _waits(watch: Watch) -> list[rule.RecheckRule]:
    return [one for one in rules_of(watch) if isinstance(one, rule.RecheckRule) and one.after_s > 0]


def _waiting(watch: Watch, remembered: memory.Watch, at: datetime) -> list[Recheck]:
    states = remembered.states
    found = [_recheck(watch, one, states[one.id], at) for one in _waits(watch) if one.id in states]
    return sorted((one for one in found if one is not None), key=lambda one: one.due_at)


def _recheck(watch: Watch, wait: rule.RecheckRule, state: memory.RuleState, at: datetime) -> Recheck | None:
    if state.since_s is None:
        return None
    read_at = watch.started_at + timedelta(seconds=state.since_s)
    due_at, overdue_at = (read_at + timedelta(seconds=seconds) for seconds in (wait.due_s, wait.after_s))
    return Recheck(state.signal or "", state.last_value, read_at, due_at, overdue_at, at >= overdue_at)


Numbers = tuple[tuple[str, float], ...]


@lru_cache(maxsize=1024)
def _rules(sha256: str, name: str, baseline: Numbers, required: tuple[str, ...], due_s: Numbers) -> rule.Rules:
    limits = alarm_limits.limits_of(texts.kept(sha256), name)
    rules = (*(one for one in limits.rules if not isinstance(one, rule.SourceRule)), *_sources(sha256, name, due_s))
    own = {Signal(signal): value for signal, value in baseline if signal in SIGNALS}
    return replay.rules_for(rules, limits.rises, {Signal(one) for one in required if one in SIGNALS}, own)


@lru_cache(maxsize=1024)
def _sources(sha256: str, name: str, due_s: Numbers) -> tuple[rule.SourceRule, ...]:
    """Return the rules on a missing source; a text kept before a signal had one is read with that of the file as it stands now."""
    own = [one for one in alarm_limits.limits_of(texts.kept(sha256), name).rules if isinstance(one, rule.SourceRule)]
    watched = {one.signal for one in own}
    missing = (one for one in alarm_limits.shipped_sources() if one.signal not in watched)
    due = {Signal(signal): seconds for signal, seconds in due_s if signal in SIGNALS}
    return tuple(one.due_every(due) for one in (*own, *missing))


@transaction.atomic(savepoint=False)
def tick_all(*, at: datetime, only: Collection[int] | None = None, idle: timedelta | None = None) -> list[AlarmEvent]:
    """Evaluate the open watches, each under the lock of its own row: of several workers one does it, and a killed one holds nothing.

    `only` names the watches to look at: those that have just been charted. `idle` leaves out those evaluated so lately. One that
    cannot be evaluated stops no other: then each is on its own, and a technical alarm at its chair says so.
    """
    watches = Watch.objects.select_for_update().filter(ended_at=None).order_by("pk")
    if only is not None:
        watches = watches.filter(pk__in=only)
    if idle is not None:
        watches = watches.exclude(alarm_tick_at__gt=at - idle, alarm_tick_at__lte=at)
    found = list(watches)
    try:
        with transaction.atomic():
            return _evaluated(found, at)
    except Exception:  # noqa: BLE001 - one of them is at fault: each on its own says which
        return [event for watch in found for event in _alone(watch.pk, at)]


def _alone(watch_pk: int, at: datetime) -> list[AlarmEvent]:
    found = apart(watch_pk, lambda: evaluate(watch_pk, at=at), rule_id=NOT_EVALUATED, says=NOT_EVALUATED_SAYS, at=at)
    return found or []


@transaction.atomic
def evaluate(watch_pk: int, *, at: datetime) -> list[AlarmEvent]:
    """Evaluate one watch now: a typed check is answered in its own transaction."""
    return _evaluated([Watch.objects.select_for_update().get(pk=watch_pk)], at)


def _evaluated(watches: list[Watch], at: datetime) -> list[AlarmEvent]:
    """Take watches to an instant: one question for all new readings, one write for all events, one for all memories."""
    if not watches:
        return []
    upto = Upto(_last(StoredReading), _last(StreamReading))
    fresh = _fresh(watches)
    answers = _acknowledged(watches)
    rows = [
        row for watch in watches for row in _one(watch, fresh.get(watch.pk, []), answers.get(watch.pk, []), upto, at)
    ]
    AlarmEvent.objects.bulk_create(rows)
    bulk.update(watches, FIELDS)
    return rows


@transaction.atomic
def anew(watch_pk: int, *, at: datetime, why: str) -> list[AlarmEvent]:
    """Evaluate a watch from its first reading on, after some of its readings changed; what stands no longer is cleared and says why.

    What was raised and what was cleared before stays in the record: only what stands otherwise now is written.
    """
    watch = Watch.objects.select_for_update().get(pk=watch_pk)
    kept, watch.alarm_state = watch.alarm_state, {}
    upto = Upto(_last(StoredReading), _last(StreamReading))
    fresh, answers = _fresh([watch]).get(watch_pk, []), _acknowledged([watch]).get(watch_pk, [])
    rises = {row.rule: row for row in _one(watch, fresh, answers, upto, at) if row.state == RAISED}
    before, now = _raised(kept), _raised(watch.alarm_state)
    rows = [*_cleared(watch, before - now, why), *(rises[one] for one in sorted(now - before) if one in rises)]
    numbers = dict(kept.get("numbers", {}))
    for row in rows:
        numbers[row.rule] = row.number = numbers.get(row.rule, 0) + 1
        row.at = at
    watch.alarm_state["numbers"] = numbers
    AlarmEvent.objects.bulk_create(rows)
    bulk.update([watch], FIELDS)
    return rows


def _raised(state: Mapping[str, Any]) -> set[str]:
    states = memory.from_plain(state.get("rules", {})).states
    return {name for name, one in states.items() if one.raised}


def _cleared(watch: Watch, rules: Iterable[str], why: str) -> Iterable[AlarmEvent]:
    for name in sorted(rules):
        last = AlarmEvent.objects.filter(watch=watch, rule=name).order_by("number").last()
        if last is not None:
            yield AlarmEvent(
                watch=watch, rule=name, signal=last.signal, kind=last.kind, priority=last.priority,
                state=alarm.Transition.CLEARED.value, reason=why[:300],
            )  # fmt: skip


def take_over(old: Watch, new: Watch) -> None:
    """Let a watch that was given the readings and the alarm events of another go on where that one stood."""
    upto = {"reading": _last(StoredReading), "stream": _last(StreamReading)}
    new.alarm_state, new.alarm_tick_at = {**old.alarm_state, **upto}, old.alarm_tick_at
    bulk.update([new], FIELDS)


def everything_seen(watch: Watch) -> list[replay.Told]:
    """Return all that the machine was ever given of a watch, in the order of observation."""
    blank, newest = copy(watch), dict[str, float]()
    blank.alarm_state = {}
    rows, answers = _fresh([blank]).get(watch.pk, []), _acknowledged([blank]).get(watch.pk, [])
    taken = [one for row in rows if (one := _input(watch, row, newest)) is not None]
    return _in_order(taken, _answers(watch, answers))


def _last(table: type[StoredReading | StreamReading]) -> int:
    return int(table.objects.aggregate(last=Max("pk"))["last"] or 0)


def _fresh(watches: Sequence[Watch]) -> dict[int, list[Row]]:
    """Return the readings that each watch has not seen yet, in the order of their observation; of one instant, facts first."""
    fresh: dict[int, list[Row]] = {}
    for row in sorted(
        [*_stored(watches), *_streamed(watches)], key=lambda row: (row.observed_at, row.signal != OXYGEN, row.pk)
    ):
        fresh.setdefault(row.watch_id, []).append(row)
    return fresh


def _stored(watches: Sequence[Watch]) -> Iterable[Row]:
    seen = {watch.pk: watch.alarm_state.get("reading", 0) for watch in watches}
    rows = StoredReading.objects.filter(watch__in=list(seen), pk__gt=min(seen.values()), rebound=None).order_by()
    names = ("pk", "seq", "obx", *Row._fields[1:])
    for pk, seq, obx, *values in rows.values_list(*names):
        if pk > seen[values[0]]:
            yield Row(pk if seq is None else key(seq, obx or 0), *values)


def _streamed(watches: Sequence[Watch]) -> Iterable[Row]:
    """Return what is new of the streams. It is found by its key: by the index of the watches it would be each session from its start."""
    seen = {watch.pk: watch.alarm_state.get("stream", 0) for watch in watches}
    new = StreamReading.objects.filter(pk__gt=min(seen.values()), rebound=None).order_by()
    rows = new.annotate(of=F("watch_id") + 0).filter(of__in=list(seen))
    for seq, places, watch, at, *values in rows.values_list("seq", "places", "watch_id", "observed_at", *STREAMED):
        if seq > seen[watch]:
            for signal, value in zip(STREAMED, values, strict=True):
                if value is not None:
                    yield Row(key(seq, obx_of(places, signal)), watch, signal, value, "", at, Source.DEVICE.value)


def _acknowledged(watches: Sequence[Watch]) -> dict[int, list[Answered]]:
    """Return what was acknowledged of each watch since it was evaluated last, when it was known; asked only where a rule latches."""
    seen = {watch.pk: watch.alarm_state.get("answer", 0) for watch in watches if rules_of(watch).latching}
    if not seen:
        return {}
    rows = AlarmAnswer.objects.filter(event__watch__in=list(seen), kind=ACKNOWLEDGED, pk__gt=min(seen.values()))
    found: dict[int, list[Answered]] = {}
    for row in rows.order_by("pk").values_list("pk", "event__watch", "event__rule", Coalesce("recorded_at", "at")):
        if row[0] > seen[row[1]]:
            found.setdefault(row[1], []).append(Answered(*row))
    return found


def _one(watch: Watch, fresh: Sequence[Row], answers: Sequence[Answered], upto: Upto, at: datetime) -> list[AlarmEvent]:
    """Take one watch through its new readings and the seconds until now; return its events, not yet written."""
    kept = watch.alarm_state
    asked = kept.get("asked", [])
    spans = _spans(watch, asked)
    remembered = memory.from_plain(kept["rules"]) if "rules" in kept else replay.at_first(spans[0].rules)
    newest, now_s = dict(kept.get("newest", {})), (at - watch.started_at).total_seconds()
    start_s = max(float(kept.get("tick_s", 0.0)), float(int(now_s - LONGEST_CATCH_UP_S)))
    taken = [one for row in fresh if (one := _input(watch, row, newest)) is not None]
    inputs = replay.between(_in_order(taken, _answers(watch, answers)), start_s, now_s)
    remembered, events, still = replay.through(spans, remembered, inputs)
    rows = _written(watch, events, kept.get("numbers", {}))
    watch.alarm_state = {
        "rules": memory.to_plain(remembered), "reading": upto.stored, "stream": upto.streamed, "newest": newest, "answer": answers[-1].pk if answers else kept.get("answer", 0), "tick_s": max(start_s, float(int(now_s))),
        "numbers": {**kept.get("numbers", {}), **{row.rule: row.number for row in rows}}, "asked": asked[len(spans) - len(still):],
    }  # fmt: skip
    watch.alarm_tick_at = at
    return rows


def _answers(watch: Watch, answers: Sequence[Answered]) -> list[Acknowledged]:
    return [Acknowledged((one.at - watch.started_at).total_seconds(), one.rule) for one in answers]


def _in_order(taken: Sequence[Seen | Fact], answers: Sequence[Acknowledged]) -> list[replay.Told]:
    return sorted([*taken, *answers], key=lambda one: one.at_s) if answers else list(taken)


def _input(watch: Watch, row: Row, newest: dict[str, float]) -> Seen | Fact | None:
    """Return a reading as the machine takes it, unless it is older than one already taken that was typed, or sent, as it was.

    Devices and people do not silence each other: what is older than the last word of the other comes late, and is heard.
    """
    by_hand, at_s = row.source == Source.TYPED, (row.observed_at - watch.started_at).total_seconds()
    typed = row.signal + BY_HAND
    own, other = (typed, row.signal) if by_hand else (row.signal, typed)
    if at_s < newest.get(own, at_s):
        return None
    if row.signal == OXYGEN and row.text:
        newest[own] = at_s
        return Fact(at_s, OXYGEN, row.text != ROOM_AIR)
    if row.signal not in SIGNALS:
        return None
    newest[own] = at_s
    return Seen(at_s, Signal(row.signal), row.value, by_hand=by_hand, late=at_s < newest.get(other, at_s))


def _written(watch: Watch, events: Iterable[alarm.Event], numbers: Mapping[str, int]) -> list[AlarmEvent]:
    rows, counted = list[AlarmEvent](), dict(numbers)
    for event in events:
        counted[event.rule] = counted.get(event.rule, 0) + 1
        rows.append(AlarmEvent(
            watch=watch, rule=event.rule, number=counted[event.rule], signal=event.signal.value if event.signal else "",
            kind=event.kind.value, priority=event.priority.value, state=event.state.value, value=event.value, reason=event.reason[:300],
            at=watch.started_at + timedelta(seconds=event.at_s),
        ))  # fmt: skip
    return rows


def plain(event: AlarmEvent) -> dict[str, Any]:
    """Return an alarm event as values for a record."""
    return {
        "at": event.at.isoformat(),
        "rule": event.rule,
        "priority": event.priority,
        "state": event.state,
        "value": event.value,
    }
