"""What stands now and what people have answered: acknowledged for a while, snoozed in one direction, or calling further people.

An answer never lasts: an acknowledged alarm sounds again when its time is up, when the value gets worse, or when another
alarm is raised. Urgent alarms are never muted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.audit.models import arrived
from openketamine.clinic.monitoring import evaluation, limits
from openketamine.clinic.monitoring.evaluation import (
    anew,
    evaluate,
    plain,
    rechecks,
    rechecks_as_of,
    rules_of,
    sources_of,
    take_over,
    tick_all,
    unset,
)
from openketamine.clinic.monitoring.models import AlarmAnswer, AlarmEvent, Reading, Watch
from openketamine.core.monitoring import alarm, rule
from openketamine.core.monitoring.signal import Signal
from openketamine.evidence import alarm_limits

__all__ = (
    "anew",
    "evaluate",
    "plain",
    "rechecks",
    "rechecks_as_of",
    "rules_of",
    "sources_of",
    "take_over",
    "tick_all",
    "unset",
)  # one door to all of a watch's alarms
URGENT = rule.Priority.URGENT.value


class NotAnsweredError(ValueError):
    """This alarm cannot be answered so; the message says why and what to do."""


class UrgentIsNeverMutedError(NotAnsweredError):
    """Somebody tried to snooze an urgent alarm; it can be acknowledged."""


class Answer:
    """What somebody may answer."""

    ACKNOWLEDGED = evaluation.ACKNOWLEDGED
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that is raised now: its event, who acknowledged it, and until when it is snoozed or quiet.

    `acknowledged_by` is empty once the acknowledgement no longer holds; `again` then says why it sounds again, and
    `loud_since` since when; `basis` is the source of its rule and who set it. An answer that a tablet had kept says when it was entered.
    """

    event: AlarmEvent
    acknowledged_by: str
    snoozed_until: datetime | None
    quiet_until: datetime | None
    again: str
    loud_since: datetime
    basis: str = ""

    @property
    def loud(self) -> bool:
        """Whether it still asks for an answer."""
        return not self.acknowledged_by and self.snoozed_until is None


@dataclass(frozen=True, slots=True)
class Call:
    """An urgent alarm that nobody has answered: since when, and whom it calls by now (1 a second person, 2 also the owner)."""

    event_pk: int
    rule: str
    loud_since: datetime
    level: int


@dataclass(frozen=True, slots=True)
class _Scene:
    """What decides about the alarms of one watch: its rules, what is raised, what was answered, and the readings since."""

    rules: Mapping[str, rule.Rule]
    raised: Sequence[AlarmEvent]
    answers: Sequence[AlarmAnswer]
    readings: Sequence[Reading]
    quiet: timedelta
    at: datetime


def standing(watch: Watch, *, at: datetime) -> list[Standing]:
    """Return what is raised now, urgent first."""
    last: dict[str, AlarmEvent] = {}
    for event in AlarmEvent.objects.filter(watch=watch, at__lte=at).order_by("number"):
        last[event.rule] = event
    raised = [event for event in last.values() if event.state == alarm.Transition.RAISED.value]
    if not raised:
        return []
    scene = _scene(watch, raised, at)
    order = [priority.value for priority in reversed(rule.Priority)]
    found = [replace(_standing(event, scene), basis=_basis(event, scene)) for event in raised]
    return sorted(found, key=lambda one: (order.index(one.event.priority), one.event.at))


def _basis(event: AlarmEvent, scene: _Scene) -> str:
    found = scene.rules.get(event.rule)
    return limits.basis(found) if found else ""


def _scene(watch: Watch, raised: list[AlarmEvent], at: datetime, answers: list[AlarmAnswer] | None = None) -> _Scene:
    rules = {one.id: one for one in evaluation.rules_of(watch)}
    if answers is None:
        known = AlarmAnswer.objects.filter(event__watch=watch, at__lte=at).exclude(recorded_at__gt=at)
        answers = list(known.select_related("event").order_by("at", "pk"))
    readings: list[Reading] = []
    if answers:
        signals = {signal for answer in answers for signal in _signals(answer.event, rules)}
        since = min(event.at for event in raised)
        rows = Reading.objects.filter(watch=watch, signal__in=signals, observed_at__gte=since, observed_at__lte=at)
        readings = list(rows.exclude(value=None).only("signal", "value", "observed_at").order_by("observed_at", "pk"))
    quiet = timedelta(seconds=alarm_limits.quiet_s(texts.kept(watch.limits_sha256), watch.limits))
    return _Scene(rules, raised, answers, readings, quiet, at)


def _signals(event: AlarmEvent, rules: Mapping[str, rule.Rule]) -> list[str]:
    """Return the signals whose readings say whether an alarm gets worse: of a cuff both numbers."""
    found = rules.get(event.rule)
    return [one.value for one in found.signals] if isinstance(found, rule.RecheckRule) else [event.signal]


def _standing(event: AlarmEvent, scene: _Scene) -> Standing:
    snoozed = max((until for answer in scene.answers if (until := _snoozes(answer, event, scene))), default=None)
    said = [answer for answer in scene.answers if answer.at >= event.at and _covers(answer, event, scene)]
    if not said:
        return Standing(event, "", snoozed, None, "", event.at)
    answer = said[-1]
    until, worse = answer.until or answer.at + scene.quiet, _worse_at(answer, event, scene)
    if worse is not None:
        return Standing(
            event, "", snoozed, None, _("worse than when %(by)s acknowledged it") % {"by": answer.who}, worse
        )
    if until <= scene.at:
        return Standing(
            event, "", snoozed, None, _("still there after %(by)s acknowledged it") % {"by": answer.who}, until
        )
    return Standing(event, answer.who, snoozed, until, "", event.at)


def _covers(answer: AlarmAnswer, event: AlarmEvent, scene: _Scene) -> bool:
    """An acknowledgement is for its own event; that of an urgent alarm quiets the warnings of its vital sign and direction too.

    One that a tablet had kept quiets its own event alone: who gave it could not see what else was raised.
    """
    if answer.kind != Answer.ACKNOWLEDGED:
        return False
    if answer.event_id == event.pk or answer.recorded_at is not None:
        return answer.event_id == event.pk
    louder = answer.event.priority == URGENT and event.priority != URGENT
    return louder and _sign(answer.event) == _sign(event) and _side(answer.event, scene) == _side(event, scene)


def _sign(event: AlarmEvent) -> str:
    return Signal(event.signal).sign if event.signal else ""


def _snoozes(answer: AlarmAnswer, event: AlarmEvent, scene: _Scene) -> datetime | None:
    """Return until when an answer snoozes an event: every warning of the same signal in the same direction; a kept one its own."""
    until = answer.until
    if answer.kind != Answer.SNOOZED or until is None or until <= scene.at or event.priority == URGENT:
        return None
    if answer.recorded_at is not None:
        return until if answer.event_id == event.pk else None
    same = answer.event.signal == event.signal and _side(answer.event, scene) == _side(event, scene)
    return until if same else None


def _side(event: AlarmEvent, scene: _Scene) -> str:
    """Return the direction of the rule behind an event; a missing signal is a direction of its own."""
    found = scene.rules.get(event.rule)
    if isinstance(found, rule.LimitRule):
        return found.direction.value
    if isinstance(found, rule.RecheckRule):
        return found.bounds[0].direction.value
    return event.rule


def _worse_at(answer: AlarmAnswer, event: AlarmEvent, scene: _Scene) -> datetime | None:
    """Return when a value got worse than it was at the answer, by more than the rule's own hysteresis."""
    found = scene.rules.get(event.rule)
    if isinstance(found, rule.LimitRule):
        return _worsened(answer, scene, event.signal, rule.Bound(found.signal, found.direction, found.limit, found.inclusive, found.clear), event.value)  # fmt: skip
    bounds = found.bounds if isinstance(found, rule.RecheckRule) else ()
    times = [
        _worsened(answer, scene, bound.signal.value, bound, event.value if bound.signal == event.signal else None)
        for bound in bounds
    ]
    return min((at for at in times if at is not None), default=None)


def _worsened(
    answer: AlarmAnswer, scene: _Scene, signal: str, bound: rule.Bound, raised_by: float | None
) -> datetime | None:
    of_signal = [row for row in scene.readings if row.signal == signal]
    then = next((row.value for row in reversed(of_signal) if row.observed_at <= answer.at), raised_by)
    if then is None or bound.clear is None:
        return None
    margin = abs(bound.limit - bound.clear)
    level = then + margin if bound.direction is rule.Direction.ABOVE else then - margin
    beyond = (row.observed_at for row in of_signal if row.observed_at > answer.at and _beyond(bound, row, level))
    return next(beyond, None)


def _beyond(bound: rule.Bound, row: Reading, level: float) -> bool:
    return row.value is not None and bound.direction.beyond(row.value, level, inclusive=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that a tablet had kept: when it arrives, and when the page on which it was given last heard from the server."""

    now: datetime
    shown_at: datetime


@transaction.atomic
def acknowledge(event: AlarmEvent, *, by: str, at: datetime, kept: Kept | None = None) -> AlarmAnswer:
    """Record that somebody has seen an alarm `at`: it is quiet for the time that the clinic's limits name.

    Raises NotAnsweredError for an answer that was `kept` and no longer fits.
    """
    seconds = alarm_limits.quiet_s(texts.kept(event.watch.limits_sha256), event.watch.limits)
    return _answer(event, Answer.ACKNOWLEDGED, at + timedelta(seconds=seconds), by, at, kept)


@transaction.atomic
def snooze(event: AlarmEvent, *, by: str, at: datetime, kept: Kept | None = None) -> AlarmAnswer:
    """Quiet the warnings of one signal in one direction for a while; raises NotAnsweredError as `acknowledge`, and for an urgent one."""
    if event.priority == URGENT:
        says = _("%(rule)s is urgent: it can be acknowledged, never muted") % {"rule": event.rule}
        raise UrgentIsNeverMutedError(says)
    seconds = alarm_limits.snooze_s(texts.kept(event.watch.limits_sha256), event.watch.limits)
    return _answer(event, Answer.SNOOZED, at + timedelta(seconds=seconds), by, at, kept)


def _answer(event: AlarmEvent, kind: str, until: datetime, by: str, at: datetime, kept: Kept | None) -> AlarmAnswer:
    """Write an answer; the watch is locked first, so that answers are numbered in the order in which alarms can see them."""
    Watch.objects.select_for_update().get(pk=event.watch_id)
    now = kept.now if kept else at
    if kept:
        _refuse_outdated(event, kept)
    answer = AlarmAnswer(event=event, kind=kind, until=until, by=by, at=at, recorded_at=arrived(at, now))
    answer.save()
    patient = event.watch.patient.reference
    audit.record(by=by, at=now, action=f"alarm {kind}", patient=patient, about=f"alarm {event.pk}", rule=event.rule)
    return answer


def _refuse_outdated(event: AlarmEvent, kept: Kept) -> None:
    """Raise NotAnsweredError unless the alarm is the one that was seen, still raised and no worse than the page showed it."""
    last = AlarmEvent.objects.filter(watch=event.watch_id, rule=event.rule).order_by("number").last()
    words = {"alarm": _(event.reason), "at": f"{timezone.localtime(event.at):%H:%M:%S}"}
    if event.watch.ended_at is not None or last is None or last.state != alarm.Transition.RAISED.value:
        raise NotAnsweredError(
            _("%(alarm)s (%(at)s): this alarm is over, nothing is left to answer. If it matters that you saw it, record it as an observation with its time") % words
        )  # fmt: skip
    if last.pk != event.pk:
        raise NotAnsweredError(
            _("%(alarm)s (%(at)s): it was over meanwhile and has been raised again since. Look at the person, and answer the one that stands now") % words
        )  # fmt: skip
    shown = AlarmAnswer(event=event, kind=Answer.ACKNOWLEDGED, at=kept.shown_at)
    if _worse_at(shown, event, _scene(event.watch, [event], kept.now, [shown])) is not None:
        raise NotAnsweredError(
            _("%(alarm)s (%(at)s): it has got worse since this page last heard of it. Look at the person, and answer it as it stands now") % words
        )  # fmt: skip


def calls(*, at: datetime) -> list[Call]:
    """Return the oldest unanswered urgent alarm of each open watch, once its patience is over."""
    oldest: dict[int, tuple[Raised, datetime]] = {}
    for one, since in _loud(urgent_now(at=at), at):
        if one.watch not in oldest or since < oldest[one.watch][1]:
            oldest[one.watch] = one, since
    found = (_call(one, since, at) for one, since in oldest.values())
    return [one for one in found if one is not None]


class Raised(NamedTuple):
    """An urgent alarm that is raised now: what is asked of hundreds of them, twice a second."""

    pk: int
    watch: int
    rule: str
    at: datetime
    limits: str
    limits_sha256: str


def urgent_now(*, at: datetime) -> list[Raised]:
    """Return the urgent alarms that are raised in open watches, answered or not; one question for all of them."""
    open_now = Watch.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at)).order_by().values("pk")
    later = AlarmEvent.objects.filter(
        watch=OuterRef("watch"), rule=OuterRef("rule"), number__gt=OuterRef("number"), at__lte=at
    )
    raised = AlarmEvent.objects.filter(
        watch__in=open_now, priority=URGENT, state=alarm.Transition.RAISED.value, at__lte=at
    )
    names = ("pk", "watch", "rule", "at", "watch__limits", "watch__limits_sha256")
    return [Raised(*row) for row in raised.filter(~Exists(later)).order_by("pk").values_list(*names)]


def anybody_waits(*, at: datetime) -> bool:
    """Say whether an urgent alarm of an open watch asks for an answer."""
    return any(True for _one in _loud(urgent_now(at=at), at))


def _loud(raised: Sequence[Raised], at: datetime) -> Iterator[tuple[Raised, datetime]]:
    """Yield what asks for an answer, and since when; only watches in which somebody has answered are looked at one by one."""
    watches = {one.watch for one in raised}
    answered = AlarmAnswer.objects.filter(event__watch__in=watches, at__lte=at).exclude(recorded_at__gt=at)
    looked_at = set(answered.values_list("event__watch", flat=True)) if raised else set()
    yield from ((one, one.at) for one in raised if one.watch not in looked_at)
    since = {
        one.event.pk: one.loud_since
        for watch in Watch.objects.filter(pk__in=looked_at)
        for one in standing(watch, at=at)
        if one.loud
    }
    yield from ((one, since[one.pk]) for one in raised if one.pk in since)


def _call(one: Raised, since: datetime, at: datetime) -> Call | None:
    patience = timedelta(seconds=alarm_limits.escalate_after_s(texts.kept(one.limits_sha256), one.limits))
    if at - since < patience:
        return None
    return Call(one.pk, one.rule, since, 2 if at - since >= 2 * patience else 1)
