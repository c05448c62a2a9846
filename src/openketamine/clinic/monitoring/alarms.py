"""Alarms of one watch: the machine of `core.monitoring` over stored readings, its memory kept in the watch's row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.monitoring.models import AlarmAnswer, AlarmEvent, Reading, Source, Watch
from openketamine.core.monitoring import alarm, rule
from openketamine.core.monitoring.signal import Reading as Seen
from openketamine.core.monitoring.signal import Signal, Tick
from openketamine.evidence import alarm_limits

LEASE = timedelta(seconds=5)
SIGNALS = frozenset(signal.value for signal in Signal)
SNOOZE = timedelta(minutes=10)


class UrgentIsNeverMutedError(ValueError):
    """Somebody tried to snooze an urgent alarm; it can be acknowledged."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that is raised now: its event, who acknowledged it, and until when it is snoozed or quieted."""

    event: AlarmEvent
    acknowledged_by: str
    snoozed_until: datetime | None

    @property
    def loud(self) -> bool:
        """Whether it still asks for an answer."""
        return not self.acknowledged_by and self.snoozed_until is None


def rules_of(watch: Watch) -> tuple[rule.Rule, ...]:
    """Return the rules that were in force when this watch began."""
    return alarm_limits.rules_of(texts.kept(watch.limits_sha256), watch.limits)


@transaction.atomic
def tick(watch_pk: int, *, at: datetime, worker: str, wall: datetime) -> list[AlarmEvent]:
    """Evaluate one watch if this worker holds or can take its lease; another worker's lease is left alone."""
    watch = Watch.objects.select_for_update().get(pk=watch_pk)
    if watch.lease_holder not in {"", worker} and watch.lease_until is not None and watch.lease_until > wall:
        return []
    watch.lease_holder, watch.lease_until = worker, wall + LEASE
    return _evaluated(watch, at)


@transaction.atomic
def evaluate(watch_pk: int, *, at: datetime) -> list[AlarmEvent]:
    """Evaluate one watch now, whoever holds the lease: a typed check is answered in its own transaction."""
    return _evaluated(Watch.objects.select_for_update().get(pk=watch_pk), at)


def _evaluated(watch: Watch, at: datetime) -> list[AlarmEvent]:
    kept, rules = watch.alarm_state, rules_of(watch)
    memory = alarm.from_plain(kept["rules"]) if "rules" in kept else _first(watch, rules)
    fresh = list(Reading.objects.filter(watch=watch, pk__gt=kept.get("reading", 0)).order_by("observed_at", "pk"))
    newest, events = dict(kept.get("newest", {})), list[alarm.Event]()
    for reading in fresh:
        memory, caused = _one(watch, rules, memory, reading, newest)
        events += caused
    memory, caused = alarm.step(rules, memory, Tick((at - watch.started_at).total_seconds()))
    rows = _written(watch, [*events, *caused], kept.get("numbers", {}))
    last = max((reading.pk for reading in fresh), default=kept.get("reading", 0))
    numbers = {**kept.get("numbers", {}), **{row.rule: row.number for row in rows}}
    watch.alarm_state = {"rules": alarm.to_plain(memory), "reading": last, "newest": newest, "numbers": numbers}
    watch.alarm_tick_at = at
    watch.save()
    return rows


def _first(watch: Watch, rules: Iterable[rule.Rule]) -> alarm.Watch:
    """A required signal is missing from the first second on; another only after it has been read once."""
    sources = [one for one in rules if isinstance(one, rule.SourceRule) and one.signal.value in watch.required]
    return alarm.Watch({one.id: alarm.RuleState(last_read_s=0.0) for one in sources})


def _one(
    watch: Watch, rules: Sequence[rule.Rule], memory: alarm.Watch, reading: Reading, newest: dict[str, float]
) -> tuple[alarm.Watch, tuple[alarm.Event, ...]]:
    """Take one reading, unless it is older than one already taken. A typed check is no stream that could be lost."""
    at_s = (reading.observed_at - watch.started_at).total_seconds()
    if reading.signal not in SIGNALS or at_s < newest.get(reading.signal, at_s):
        return memory, ()
    newest[reading.signal] = at_s
    limits = [one for one in rules if isinstance(one, rule.LimitRule)]
    seen = Seen(at_s, Signal(reading.signal), reading.value)
    return alarm.step(limits if reading.source == Source.TYPED else rules, memory, seen)


def _written(watch: Watch, events: Iterable[alarm.Event], numbers: dict[str, int]) -> list[AlarmEvent]:
    rows, counted = list[AlarmEvent](), dict(numbers)
    for event in events:
        counted[event.rule] = counted.get(event.rule, 0) + 1
        row = AlarmEvent(
            watch=watch, rule=event.rule, number=counted[event.rule], signal=event.signal.value, kind=event.kind.value,
            priority=event.priority.value, state=event.state.value, value=event.value, reason=event.reason,
            at=watch.started_at + timedelta(seconds=event.at_s),
        )  # fmt: skip
        row.save()
        rows.append(row)
    return rows


def standing(watch: Watch, *, at: datetime) -> list[Standing]:
    """Return what is raised now, urgent first. An acknowledged urgent alarm quiets the warnings of its signal."""
    last: dict[str, AlarmEvent] = {}
    for event in AlarmEvent.objects.filter(watch=watch, at__lte=at).order_by("number"):
        last[event.rule] = event
    raised = [event for event in last.values() if event.state == alarm.Transition.RAISED.value]
    answers = list(AlarmAnswer.objects.filter(event__watch=watch, at__lte=at).select_related("event"))
    found = [_standing(event, answers, raised, at) for event in raised]
    order = [priority.value for priority in reversed(rule.Priority)]
    return sorted(found, key=lambda one: (order.index(one.event.priority), one.event.at))


def _standing(
    event: AlarmEvent, answers: Sequence[AlarmAnswer], raised: Sequence[AlarmEvent], at: datetime
) -> Standing:
    louder = {one.pk for one in raised if one.signal == event.signal and one.priority == rule.Priority.URGENT.value} | {
        event.pk
    }
    said = [answer for answer in answers if answer.kind == Answer.ACKNOWLEDGED and answer.event_id in louder]
    until = [
        answer.until for answer in answers
        if answer.kind == Answer.SNOOZED and answer.event.rule == event.rule and answer.until is not None and answer.until > at
    ]  # fmt: skip
    return Standing(event, said[-1].by if said else "", max(until) if until else None)


class Answer:
    """What somebody may answer."""

    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"


@transaction.atomic
def acknowledge(event: AlarmEvent, *, by: str, at: datetime) -> AlarmAnswer:
    """Record that somebody has seen an alarm."""
    return _answer(event, Answer.ACKNOWLEDGED, None, by, at)


@transaction.atomic
def snooze(event: AlarmEvent, *, by: str, at: datetime) -> AlarmAnswer:
    """Quiet one rule, that is one direction of one signal, for ten minutes; raises UrgentIsNeverMutedError."""
    if event.priority == rule.Priority.URGENT.value:
        raise UrgentIsNeverMutedError(f"{event.rule} is urgent: it can be acknowledged, never muted")
    return _answer(event, Answer.SNOOZED, at + SNOOZE, by, at)


def _answer(event: AlarmEvent, kind: str, until: datetime | None, by: str, at: datetime) -> AlarmAnswer:
    answer = AlarmAnswer(event=event, kind=kind, until=until, by=by, at=at)
    answer.save()
    patient = event.watch.patient.reference
    audit.record(by=by, at=at, action=f"alarm {kind}", patient=patient, about=f"alarm {event.pk}", rule=event.rule)
    return answer


def unanswered_urgent(*, at: datetime) -> list[AlarmEvent]:
    """Return urgent alarms of open watches that nobody has answered within the time their limits allow."""
    found: list[AlarmEvent] = []
    for watch in Watch.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at)).select_related("patient", "chair"):
        patience = timedelta(seconds=alarm_limits.escalate_after_s(texts.kept(watch.limits_sha256), watch.limits))
        found += [
            one.event for one in standing(watch, at=at)
            if one.loud and one.event.priority == rule.Priority.URGENT.value and at - one.event.at >= patience
        ]  # fmt: skip
    return found


def plain(event: AlarmEvent) -> dict[str, Any]:
    """Return an alarm event as values for a record."""
    return {
        "at": event.at.isoformat(),
        "rule": event.rule,
        "priority": event.priority,
        "state": event.state,
        "value": event.value,
    }
