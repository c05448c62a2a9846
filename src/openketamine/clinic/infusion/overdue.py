"""An overdue check is a technical alarm, at a chair with a monitor and at one without; it ends when the check is done, late or not.

The alarm machine knows signals and not what a session asks of a person, so this alarm is told from here, beside those of the machine.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_noop

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.people.models import Clinic

RULE = "check_overdue"
SAYS = gettext_noop("A check is overdue: options are doing it now, or saying why a part of it is not measured")


def tell_all(*, at: datetime) -> None:
    """Raise or end the alarm at every chair; of several thousand questions a day most change nothing and write nothing."""
    _tell(queries.to_look_at().filter(closed_at=None), at)


def tell(infusion: Infusion, *, at: datetime) -> None:
    """Raise or end the alarm at one chair, in the same breath as a check."""
    _tell(queries.to_look_at().filter(pk=infusion.pk, closed_at=None), at)


def _tell(infusions: Iterable[Infusion], at: datetime) -> None:
    """Where the clinic has switched its session alarms off none is raised, and one that stands still ends."""
    switched_on = Clinic.objects.filter(session_alarms=True).exists()
    for infusion in infusions:
        late = bool(queries.overdue(infusion, queries.course_of(infusion), at))
        if switched_on or not late:
            alarms.tell_technical(infusion.watch, rule_id=RULE, holds=late, says=SAYS, at=at)
