"""Technical alarms that are not the machine's: told at a chair from outside it, also that something cannot be done there at all."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from openketamine.clinic.monitoring.models import AlarmEvent, Watch
from openketamine.core.monitoring import alarm, rule

LOG = logging.getLogger(__name__)
RAISED = alarm.Transition.RAISED.value
T = TypeVar("T")


def tell_technical(
    watch: Watch, *, rule_id: str, holds: bool, says: str, at: datetime, happened: Callable[[], datetime] | None = None
) -> bool:
    """Raise or end a technical warning that is not the machine's; nothing is written while it stands as it stood. Say whether it changed.

    It carries the instant at which it `happened` (None: `at`), unless that lies before what was told of it last: then it carries `at`.
    Of an instant before that nothing is told any more.
    """
    events = AlarmEvent.objects.filter(watch=watch, rule=rule_id).order_by("number")
    if holds == is_raised(events.last()):
        return False
    Watch.objects.select_for_update().get(pk=watch.pk)
    last = events.last()
    changes = holds != is_raised(last) and (last is None or at >= last.at)
    if changes:
        when = min(happened(), at) if happened else at
        when = at if last is not None and when < last.at else when
        AlarmEvent(
            watch=watch, rule=rule_id, number=last.number + 1 if last else 1, kind=rule.Kind.TECHNICAL.value, priority=rule.Priority.WARNING.value,
            state=RAISED if holds else alarm.Transition.CLEARED.value, reason=says if holds else f"no longer meets rule {rule_id}", at=when,
        ).save()  # fmt: skip
    return changes


def is_raised(event: AlarmEvent | None) -> bool:
    """Say whether an event, the last of its rule, stands."""
    return event is not None and event.state == RAISED


def apart(watch: int, work: Callable[[], T], *, rule_id: str, says: str, at: datetime) -> T | None:
    """Do something for one watch, by its key; what fails is undone and told at its chair, and stops nobody else: then None."""
    try:
        with transaction.atomic():
            return work()
    except Exception:  # whatever it is, it is of this chair alone
        if tell_technical(Watch.objects.get(pk=watch), rule_id=rule_id, holds=True, says=says, at=at):
            LOG.exception("what was to be done for one chair failed")
        return None
