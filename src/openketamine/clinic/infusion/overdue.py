"""An overdue check is a technical alarm, at a chair with a monitor and at one without; it ends when the check is done, late or not.

The alarm machine knows signals and not what a session asks of a person, so this alarm is told from here, beside those of the machine.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_noop

from openketamine.clinic.infusion import faults, queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.people.models import Clinic

RULE = "check_overdue"
SAYS = gettext_noop("A check is overdue: options are doing it now, or saying why a part of it is not measured")


def open_sessions() -> list[int]:
    """Return the sessions that are not closed, by their keys."""
    return list(Infusion.objects.filter(closed_at=None).order_by("pk").values_list("pk", flat=True))


def tell(sessions: Sequence[int], *, at: datetime) -> None:
    """Raise or end the alarm at the chairs of sessions, by their keys; most change nothing and write nothing.

    Where the clinic has switched its session alarms off none is raised, and one that stands still ends.
    """
    if not sessions:
        return
    switched_on = Clinic.objects.filter(session_alarms=True).exists()

    def told(infusion: Infusion, at: datetime) -> None:
        holds = late(infusion, at)
        if switched_on or not holds:
            alarms.tell_technical(infusion.watch, rule_id=RULE, holds=holds, says=SAYS, at=at)

    faults.each(list(queries.to_look_at().filter(pk__in=sessions, closed_at=None)), told, at=at)


def late(infusion: Infusion, at: datetime) -> bool:
    """Say whether a check of a session is overdue."""
    return bool(queries.overdue(infusion, queries.course_of(infusion), at))
