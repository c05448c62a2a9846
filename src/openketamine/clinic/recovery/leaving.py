"""What is urgent at a chair when somebody wants to leave, beside the criteria: it is shown, and let be in words of its own."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring import alarms
from openketamine.core.monitoring.rule import Priority


def still_urgent(infusion: Infusion, *, at: datetime) -> list[str]:
    """Return a running emergency and each urgent alarm that stands, in words; an answered one stands until its cause is over."""
    since = queries.course_at(infusion, at).emergency_since
    emergency = [] if since is None else [_("an emergency since %(at)s") % {"at": _clock(since)}]
    events = [one.event for one in alarms.standing(infusion.watch, at=at)]
    return emergency + [
        _("urgent alarm since %(at)s: %(says)s") % {"at": _clock(event.at), "says": _(event.reason)}
        for event in events
        if event.priority == Priority.URGENT.value
    ]


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
