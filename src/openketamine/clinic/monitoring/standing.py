"""What stands now, and what people have answered: acknowledged for a while, or snoozed in one direction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from openketamine.clinic.audit import texts
from openketamine.clinic.monitoring import evaluation, limits
from openketamine.clinic.monitoring.models import AlarmAnswer, AlarmEvent, Reading, Watch
from openketamine.core.monitoring import alarm, rule
from openketamine.core.monitoring.signal import Signal
from openketamine.evidence import alarm_limits

URGENT, RAISED = rule.Priority.URGENT.value, alarm.Transition.RAISED.value
TECHNICAL = rule.Kind.TECHNICAL.value


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
class _Scene:
    """What decides about the alarms of one watch: its rules, what is raised, what was answered, and the readings since."""

    rules: Mapping[str, rule.Rule]
    raised: Sequence[AlarmEvent]
    answers: Sequence[AlarmAnswer]
    readings: Sequence[Reading]
    quiet: timedelta
    at: datetime


def standing(watch: Watch, *, at: datetime) -> list[Standing]:
    """Return what is raised now: urgent first, then what is about the person before what is about the means of watching, then the oldest."""
    last: dict[str, AlarmEvent] = {}
    for event in AlarmEvent.objects.filter(watch=watch, at__lte=at).order_by("number"):
        last[event.rule] = event
    raised = [event for event in last.values() if event.state == RAISED]
    if not raised:
        return []
    scene = scene_of(watch, raised, at)
    order = [priority.value for priority in reversed(rule.Priority)]
    found = [replace(_standing(event, scene), basis=_basis(event, scene)) for event in raised]
    return sorted(found, key=lambda one: (order.index(one.event.priority), one.event.kind == TECHNICAL, one.event.at))


def _basis(event: AlarmEvent, scene: _Scene) -> str:
    found = scene.rules.get(event.rule)
    return limits.basis(found) if found else ""


def scene_of(watch: Watch, raised: list[AlarmEvent], at: datetime, answers: list[AlarmAnswer] | None = None) -> _Scene:
    """Return what decides about the alarms of a watch at an instant; by default with all that people have answered."""
    rules = {one.id: one for one in evaluation.rules_of(watch)}
    if answers is None:
        known = AlarmAnswer.objects.filter(event__watch=watch, at__lte=at).exclude(recorded_at__gt=at)
        answers = list(known.select_related("event").order_by("at", "pk"))
    readings: list[Reading] = []
    if answers:
        signals = {signal for answer in answers for signal in _signals(answer.event, rules)}
        since = min([*(event.at for event in raised), *(one.event.at for one in answers if _holds(one, at))])
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
        return _after_a_snooze(event, scene) if snoozed is None else Standing(event, "", snoozed, None, "", event.at)
    answer = said[-1]
    until, worse = answer.until or answer.at + scene.quiet, worse_at(answer, event, scene)
    if worse is not None:
        return Standing(
            event, "", snoozed, None, _("worse than when %(by)s acknowledged it") % {"by": answer.who}, worse
        )
    if until <= scene.at:
        return Standing(
            event, "", snoozed, None, _("still there after %(by)s acknowledged it") % {"by": answer.who}, until
        )
    return Standing(event, answer.who, snoozed, until, "", event.at)


def _after_a_snooze(event: AlarmEvent, scene: _Scene) -> Standing:
    """Return an alarm that sounds, and who had snoozed it before it got worse."""
    own = [
        one
        for one in scene.answers
        if one.kind == Answer.SNOOZED and one.event_id == event.pk and _holds(one, scene.at)
    ]
    worse = worse_at(own[-1], event, scene) if own else None
    if worse is None:
        return Standing(event, "", None, None, "", event.at)
    return Standing(event, "", None, None, _("worse than when %(by)s snoozed it") % {"by": own[-1].who}, worse)


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
    """Return until when an answer snoozes an event: a warning of its own rule, or one raised before it of the same signal and direction.

    A value that gets worse ends the snooze. Only a snooze of its own silences that a pressure has to be read again, and one that a
    tablet had kept snoozes its own event alone.
    """
    if answer.kind != Answer.SNOOZED or not _holds(answer, scene.at) or event.priority == URGENT:
        return None
    covers = answer.event_id == event.pk if answer.recorded_at is not None else _snoozed_with(answer, event, scene)
    return answer.until if covers and worse_at(answer, event, scene) is None else None


def _snoozed_with(answer: AlarmAnswer, event: AlarmEvent, scene: _Scene) -> bool:
    if answer.event.rule == event.rule:
        return True
    same = answer.event.signal == event.signal and _side(answer.event, scene) == _side(event, scene)
    return same and event.at <= answer.at and not isinstance(scene.rules.get(event.rule), rule.RecheckRule)


def _holds(answer: AlarmAnswer, at: datetime) -> bool:
    return answer.until is not None and answer.until > at


def _side(event: AlarmEvent, scene: _Scene) -> str:
    """Return the direction of the rule behind an event; a missing signal is a direction of its own."""
    found = scene.rules.get(event.rule)
    if isinstance(found, rule.LimitRule):
        return found.direction.value
    if isinstance(found, rule.RecheckRule):
        return found.bounds[0].direction.value
    return event.rule


def worse_at(answer: AlarmAnswer, event: AlarmEvent, scene: _Scene) -> datetime | None:
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
