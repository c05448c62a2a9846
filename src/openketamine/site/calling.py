"""Further people: whoever is called by name when nobody answers at a chair."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from openketamine.clinic.audit import texts
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import AlarmEvent, Watch
from openketamine.clinic.people.models import Role, Staff
from openketamine.clinic.tasks import actions as tasks
from openketamine.clinic.tasks.models import Task
from openketamine.evidence import alarm_limits

SECOND, OWNER = "second", "owner"
IN_ORDER = (Role.NURSE, Role.PRESCRIBER, Role.OWNER)
"""Of whom a second person is the first there is."""


@dataclass(frozen=True, slots=True)
class _Unanswered:
    """Something at a chair that nobody has answered: how it is known, whom it calls by now, and how its chair and its words are found."""

    key: str
    level: int
    told: Callable[[], tuple[int, str]]


def further_people(at: datetime) -> None:
    """What nobody answers calls a second person by name, and later the owner too; again whenever it sounds again."""
    called = {
        f"{who} called {one.key}": (who, one)
        for one in (*_alarms(at), *_asked_for(at))
        for who in (SECOND, OWNER)[: one.level]
    }
    for key in tasks.unopened(called):
        who, one = called[key]
        place, says = one.told()
        watch = Watch.objects.select_related("chair", "patient").get(pk=place)
        role, name = second_person(watch) if who == SECOND else owner()
        tasks.open_task(
            key=key, says=f"{watch.chair}: {name} is called. {says}"[:300], owner=role, due_at=at, at=at, patient=watch.patient,
            urgent=True,
        )  # fmt: skip


def _alarms(at: datetime) -> Iterator[_Unanswered]:
    for call in alarms.calls(at=at):
        yield _Unanswered(f"{call.event_pk} {call.loud_since:%H%M%S}", call.level, partial(_of_alarm, call))


def _of_alarm(call: alarms.Call) -> tuple[int, str]:
    event = AlarmEvent.objects.get(pk=call.event_pk)
    return event.watch_id, call.says or event.reason


def _asked_for(at: datetime) -> Iterator[_Unanswered]:
    """Yield the emergencies, the calls of the people at the chairs, and the loss of what they call with, that nobody has come to in time."""
    waiting = [*tasks.urgent_calls(), *tasks.lost_controls()]
    open_now = Infusion.objects.filter(closed_at=None, patient__in={task.patient_id for task in waiting})
    seats = {one.patient_id: one for one in open_now.select_related("watch")}
    for task in waiting:
        seat = seats.get(task.patient_id)
        level = int((at - task.opened_at) / _patience(seat.watch)) if seat else 0
        if seat and level and (task.urgent or _under_the_drug(seat)):
            yield _Unanswered(f"task {task.pk}", min(level, 2), partial(_of_task, seat.watch, task))


def _of_task(watch: Watch, task: Task) -> tuple[int, str]:
    return watch.pk, task.says


def _under_the_drug(seat: Infusion) -> bool:
    """Say whether the infusion has begun: until then whoever makes this person ready stands beside them, and the device is only tried out."""
    return queries.course_of(seat).started_at is not None


def _patience(watch: Watch) -> timedelta:
    return timedelta(seconds=alarm_limits.escalate_after_s(texts.kept(watch.limits_sha256), watch.limits))


def second_person(watch: Watch) -> tuple[Role, str]:
    """Return the next person there is who does not look after this chair now, nurses first, and what their role is."""
    infusion = Infusion.objects.filter(watch=watch).first()
    here = "" if infusion is None else queries.nurse_of(infusion)
    order = Case(*(When(role=role, then=Value(place)) for place, role in enumerate(IN_ORDER)))
    others = Staff.objects.filter(role__in=IN_ORDER, is_active=True).exclude(username=here)
    other = others.order_by(order, "pk").first()
    if other is None:
        return Role.NURSE, _("a second nurse")
    role = Role(other.role)
    return role, f"{other} ({_('a second nurse') if role is Role.NURSE else role.label})"


def owner() -> tuple[Role, str]:
    """Return the owner, by name where there is one."""
    found = Staff.objects.filter(role=Role.OWNER, is_active=True).order_by("pk").first()
    return Role.OWNER, f"{found} ({_('the owner')})" if found else _("the owner")
