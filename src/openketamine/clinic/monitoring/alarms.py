"""What stands now and what people have answered: acknowledged for a while, snoozed in one direction, or calling further people.

An answer never lasts: an acknowledged alarm sounds again when its time is up, when the value gets worse, or when another
alarm is raised. Urgent alarms are never muted.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.audit.models import arrived
from openketamine.clinic.monitoring import evaluation
from openketamine.clinic.monitoring.evaluation import (
    NOT_EVALUATED,
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
from openketamine.clinic.monitoring.models import AlarmAnswer, AlarmEvent, Watch
from openketamine.clinic.monitoring.standing import RAISED, URGENT, Answer, Standing, scene_of, standing, worse_at
from openketamine.clinic.monitoring.technical import apart, tell_technical
from openketamine.core.monitoring import rule
from openketamine.evidence import alarm_limits

__all__ = (
    "NOT_EVALUATED",
    "Answer",
    "Standing",
    "anew",
    "apart",
    "evaluate",
    "plain",
    "rechecks",
    "rechecks_as_of",
    "rules_of",
    "sources_of",
    "standing",
    "take_over",
    "tell_technical",
    "tick_all",
    "unset",
)  # one door to all of a watch's alarms


class NotAnsweredError(ValueError):
    """This alarm cannot be answered so; the message says why and what to do."""


class UrgentIsNeverMutedError(NotAnsweredError):
    """Somebody tried to snooze an urgent alarm; it can be acknowledged."""


@dataclass(frozen=True, slots=True)
class Call:
    """What nobody has answered: since when, whom it calls by now (1 a second person, 2 also the owner), and what it says beyond its event."""

    event_pk: int
    rule: str
    loud_since: datetime
    level: int
    says: str = ""


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
    if event.rule in _must_be_there(event.watch) and _blind(event.watch, _rules_raised(event.watch, at)):
        raise UrgentIsNeverMutedError(
            _("Nothing of what must be there is measured: this can be acknowledged, never muted")
        )
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
    if event.watch.ended_at is not None or last is None or last.state != RAISED:
        raise NotAnsweredError(
            _("%(alarm)s (%(at)s): this alarm is over, nothing is left to answer. If it matters that you saw it, record it as an observation with its time") % words
        )  # fmt: skip
    if last.pk != event.pk:
        raise NotAnsweredError(
            _("%(alarm)s (%(at)s): it was over meanwhile and has been raised again since. Look at the person, and answer the one that stands now") % words
        )  # fmt: skip
    shown = AlarmAnswer(event=event, kind=Answer.ACKNOWLEDGED, at=kept.shown_at)
    if worse_at(shown, event, scene_of(event.watch, [event], kept.now, [shown])) is not None:
        raise NotAnsweredError(
            _("%(alarm)s (%(at)s): it has got worse since this page last heard of it. Look at the person, and answer it as it stands now") % words
        )  # fmt: skip


def calls(*, at: datetime) -> list[Call]:
    """Return what nobody has answered for longest in each open watch, once its patience is over."""
    oldest: dict[int, tuple[Raised, datetime, str]] = {}
    for one, since, says in (*_unanswered(at), *_unmeasured(at)):
        if one.watch not in oldest or since < oldest[one.watch][1]:
            oldest[one.watch] = one, since, says
    found = (_call(one, since, says, at) for one, since, says in oldest.values())
    return [one for one in found if one is not None]


class Raised(NamedTuple):
    """An alarm that is raised now: what is asked of hundreds of them, twice a second."""

    pk: int
    watch: int
    rule: str
    at: datetime
    limits: str
    limits_sha256: str


def raised(rules: Collection[str], *, at: datetime) -> list[Raised]:
    """Return the alarms of some rules that are raised in open watches; one question for all of them."""
    return _raised_now(Q(rule__in=rules), at)


def urgent_now(*, at: datetime) -> list[Raised]:
    """Return the urgent alarms that are raised in open watches, answered or not; one question for all of them."""
    return _raised_now(Q(priority=URGENT), at)


def _raised_now(which: Q, at: datetime) -> list[Raised]:
    open_now = Watch.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at)).order_by().values("pk")
    later = AlarmEvent.objects.filter(
        watch=OuterRef("watch"), rule=OuterRef("rule"), number__gt=OuterRef("number"), at__lte=at
    )
    raised = AlarmEvent.objects.filter(which, watch__in=open_now, state=RAISED, at__lte=at)
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


def _unanswered(at: datetime) -> Iterator[tuple[Raised, datetime, str]]:
    """Yield the urgent alarms that ask for an answer, each as the first of its rule that nobody has answered."""
    loud = list(_loud(urgent_now(at=at), at))
    earlier = _told_before([one for one, since in loud if since == one.at], at)
    for one, since in loud:
        first = _first_unanswered(one, earlier.get((one.watch, one.rule), ())) if since == one.at else one
        yield first, first.at if since == one.at else since, ""


class Told(NamedTuple):
    """What was told of a rule, and whether somebody has since answered an alarm of its signal."""

    watch: int
    rule: str
    pk: int
    state: str
    at: datetime
    answered: bool


def _told_before(raised: Sequence[Raised], at: datetime) -> dict[tuple[int, str], list[Told]]:
    """Return all that was told of the rules of some alarms before them, the newest first; one question for all of them."""
    if not raised:
        return {}
    same = {"event__watch": OuterRef("watch"), "event__signal": OuterRef("signal")}
    answered = Exists(AlarmAnswer.objects.filter(**same, kind=Answer.ACKNOWLEDGED, at__gte=OuterRef("at"), at__lte=at))
    rows = AlarmEvent.objects.filter(
        watch__in={one.watch for one in raised}, rule__in={one.rule for one in raised}, at__lte=at
    )
    found: dict[tuple[int, str], list[Told]] = {}
    for row in rows.annotate(answered=answered).order_by("-number").values_list(*Told._fields):
        found.setdefault((row[0], row[1]), []).append(Told(*row))
    return found


def _first_unanswered(now: Raised, told: Sequence[Told]) -> Raised:
    """Return the first alarm of a row of the same rule: none was answered, and none was clear for long before the next."""
    clear_for = timedelta(seconds=alarm_limits.over_after_s(texts.kept(now.limits_sha256), now.limits))
    first, cleared_at = now, now.at
    for one in told:
        if one.state != RAISED:
            cleared_at = one.at
        elif one.pk != now.pk:
            if one.answered or first.at - cleared_at >= clear_for:
                break
            first = first._replace(pk=one.pk, at=one.at)
    return first


def _unmeasured(at: datetime) -> Iterator[tuple[Raised, datetime, str]]:
    """Yield the watches in which nothing of what must be there is measured, and nobody has acknowledged that."""
    lost: dict[int, list[Raised]] = {}
    for one in _raised_now(Q(kind=rule.Kind.TECHNICAL.value), at):
        lost.setdefault(one.watch, []).append(one)
    for watch in Watch.objects.filter(pk__in=lost):
        raised = {one.rule: one for one in lost[watch.pk]}
        if not _blind(watch, raised):
            continue
        said = [one for one in standing(watch, at=at) if one.event.rule in _must_be_there(watch)]
        if not any(one.acknowledged_by for one in said):
            last = max(said, key=lambda one: one.loud_since)
            yield raised[last.event.rule], last.loud_since, _("nothing of what must be there is measured")


def _must_be_there(watch: Watch) -> set[str]:
    """Return the rules on the signals that are required here."""
    return {one.id for one in evaluation.sources_of(watch) if one.signal.value in watch.required}


def _blind(watch: Watch, raised: Collection[str]) -> bool:
    needed = _must_be_there(watch)
    return bool(needed) and needed <= {*raised}


def _rules_raised(watch: Watch, at: datetime) -> set[str]:
    return {one.event.rule for one in standing(watch, at=at)}


def _call(one: Raised, since: datetime, says: str, at: datetime) -> Call | None:
    patience = timedelta(seconds=alarm_limits.escalate_after_s(texts.kept(one.limits_sha256), one.limits))
    if at - since < patience:
        return None
    return Call(one.pk, one.rule, since, 2 if at - since >= 2 * patience else 1, says)
