"""A session that cannot be computed stops no other: a technical alarm at its chair says so until it can be again."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_noop

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import Watch

RULE = "session_not_computed"
SAYS = gettext_noop(
    "This session cannot be computed: checks that are due and a pump that differs may not be told. Watch the person, and tell whoever looks after this system"
)
Work = Callable[[Infusion, datetime], object]


def each(sessions: Sequence[Infusion], work: Work, *, at: datetime) -> None:
    """Do something for each of several sessions: together while all goes well, else each on its own."""
    if not sessions:
        return
    try:
        with transaction.atomic():
            for infusion in sessions:
                work(infusion, at)
    except Exception:  # noqa: BLE001 - one of them is at fault: each on its own says which
        for infusion in sessions:
            alarms.apart(infusion.watch_id, partial(work, infusion, at), rule_id=RULE, says=SAYS, at=at)


def end(works: Sequence[Work], *, at: datetime) -> None:
    """End what was told of sessions for which everything can be done again."""
    for raised in alarms.raised({RULE, alarms.NOT_EVALUATED}, at=at):
        watch = Watch.objects.get(pk=raised.watch)
        again = _computed(watch, works, at) if raised.rule == RULE else _evaluated_since(watch, raised.at)
        if again:
            alarms.tell_technical(watch, rule_id=raised.rule, holds=False, says="", at=at)


def _evaluated_since(watch: Watch, at: datetime) -> bool:
    return watch.alarm_tick_at is not None and watch.alarm_tick_at > at


def _computed(watch: Watch, works: Sequence[Work], at: datetime) -> bool:
    infusion = queries.to_look_at().get(watch=watch)
    try:
        with transaction.atomic():
            for work in works:
                work(infusion, at)
    except Exception:  # noqa: BLE001 - it still cannot be done, and is told already
        return False
    return True
