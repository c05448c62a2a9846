"""An overdue check is a technical alarm, at a chair with a monitor and at one without; it ends when the check is done, late or not.

The alarm machine knows signals and not what a session asks of a person, so this alarm is told from here, beside those of the machine.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.utils.translation import gettext_noop

from openketamine.clinic.infusion import faults, queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.queries import Asked
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.people.models import Clinic
from openketamine.core.infusion.overdue import RULE, SAYS

WORDS = gettext_noop("A check is overdue: options are doing it now, or saying why a part of it is not measured")
"""What the core says, for the catalogue of texts; a test holds both together."""
Found = Sequence[tuple[Asked, tuple[str, ...]]]
"""The last check of each kind whose time is over, and what it still lacks."""


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
        found = queries.overdue(infusion, queries.course_of(infusion), at)
        holds = _lacking(found)
        if switched_on or not holds:
            happened = partial(_happened, infusion, found, at)
            alarms.tell_technical(infusion.watch, rule_id=RULE, holds=holds, says=SAYS, at=at, happened=happened)

    faults.each(list(queries.to_look_at().filter(pk__in=sessions, closed_at=None)), told, at=at)


def late(infusion: Infusion, at: datetime) -> bool:
    """Say whether a check of a session is overdue."""
    return _lacking(queries.overdue(infusion, queries.course_of(infusion), at))


def _lacking(found: Found) -> bool:
    return any(missing for _one, missing in found)


def _happened(infusion: Infusion, found: Found, at: datetime) -> datetime:
    """Return when the first of some checks became overdue; or, where nothing is missing any more, when what was last made up for was told.

    A chair is looked at now and then: the alarm carries the instant itself, so that a replay finds the same one.
    """
    over = [one.overdue_at for one, missing in found if missing]
    made_up = (queries.told_since(infusion, part, one.due - one.early) for one, _missing in found for part in one.parts)
    return min(over) if over else max((when for when in made_up if when is not None), default=at)
