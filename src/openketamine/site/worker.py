"""One round of work, and the list of sweeps."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.infusion import faults, overdue, pump
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import Pulse
from openketamine.clinic.people.models import Clinic, Role
from openketamine.clinic.portal import actions as portal
from openketamine.clinic.recovery.models import Signature
from openketamine.clinic.tasks import actions as tasks
from openketamine.doors.hl7v2.drain import AT_ONCE, Drain
from openketamine.doors.hl7v2.inbox import Inbox
from openketamine.site import clock, demo_show
from openketamine.site.calling import further_people

DAY_AFTER = gettext_noop("asking after the day")
LOG = logging.getLogger(__name__)
TICK_EVERY = timedelta(seconds=0.5)
SWEEP_EVERY = timedelta(seconds=1)
ROUND_OF_CHECKS = 20  # in so many ticks every chair is looked at once for an overdue check
SILENT_FOR = timedelta(seconds=1.2)  # a monitor that speaks once a second is evaluated with each message


class Worker:
    """Drains the inbox, ticks the alarms, sweeps what is due."""

    def __init__(self) -> None:
        self.inbox = Inbox(settings.INBOX_PATH)
        self._drain = Drain(self.inbox)
        self._ticked: datetime | None = None
        self._swept: datetime | None = None
        self._unchecked: list[int] = []
        self._at_once = 0

    def round(self) -> None:
        """Do what there is to do, once; with nothing in the inbox and no tick due, that is nothing."""
        if not self._due(clock.wall()) and not self._drain.waits():
            return
        clinic = Clinic.objects.first()
        if clinic is None:
            return
        with timezone.override(clinic.time_zone):
            taken = self._charted(clinic, tick=True)
            while taken == AT_ONCE:
                taken = self._charted(clinic, tick=False)

    def _charted(self, clinic: Clinic, *, tick: bool) -> int:
        """Read what has arrived, then write what follows from it: while it reads, nobody who writes waits for it."""
        self._drain.look_ahead(clinic, clock.converter(clinic))
        with transaction.atomic():
            taken = self._take(clinic)
            if tick:
                self._tick(clinic)
        return taken

    def _due(self, wall: datetime) -> bool:
        return self._ticked is None or wall - self._ticked >= TICK_EVERY

    def _take(self, clinic: Clinic) -> int:
        """Chart what has arrived, evaluate at once the watches that it belongs to, hold pumps against what was recorded."""
        taken = self._drain.take(clinic, clock.converter(clinic))
        if clinic.session_alarms and self._drain.touched:
            alarms.tick_all(at=clock.clinic_time(), only=self._drain.touched)
        if self._drain.pumped:
            pump.compare_running(self._drain.pumped, at=clock.clinic_time())
        return taken

    def _tick(self, clinic: Clinic) -> None:
        """Evaluate every watch that has been silent, then say when: the heartbeat that every page shows."""
        wall = clock.wall()
        if not self._due(wall):
            return
        at, self._ticked = clock.clinic_time(), wall
        if clinic.session_alarms:
            alarms.tick_all(at=at, idle=SILENT_FOR)
            self._overdue_checks(at)
        if self._swept is None or not timedelta(0) <= wall - self._swept < SWEEP_EVERY:
            self._swept = wall
            for part, sweep in SWEEPS:
                apart(part, partial(sweep, at), at=at)
        pulse, _made = Pulse.objects.get_or_create(pk=1)
        pulse.tick_at = wall
        pulse.save()

    def _overdue_checks(self, at: datetime) -> None:
        """A check is due by the minute: a few chairs are looked at in each tick, so that no reading waits for all of them."""
        if not self._unchecked:
            self._unchecked = overdue.open_sessions()
            self._at_once = -(-len(self._unchecked) // ROUND_OF_CHECKS)
        now, self._unchecked = self._unchecked[: self._at_once], self._unchecked[self._at_once :]
        overdue.tell(now, at=at)


def apart(part: str, work: Callable[[], object], *, at: datetime) -> None:
    """Do a part of a sweep; what fails is undone, called out once a day, and stops neither alarms nor what is charted."""
    try:
        with transaction.atomic():
            work()
    except Exception:  # whatever it is, a nurse is told that this part does not run
        key = f"fault {part} {at:%Y-%m-%d}"
        if tasks.unopened([key]):
            LOG.exception("a part of a sweep failed")
            says = _(
                "A part of this system does not run (%(part)s): do not rely on it, and tell whoever looks after this system"
            ) % {"part": _(part)}
            tasks.open_task(key=key, says=says, owner=Role.NURSE, due_at=at, at=at, urgent=True)  # fmt: skip


def computed_again(at: datetime) -> None:
    """What was told of a session that could not be computed ends when it can be again."""
    faults.end((overdue.late, pump.compare_last), at=at)


def lost_devices(at: datetime) -> None:
    """A patient's device that is not heard any more calls somebody to its chair."""
    portal.call_where_lost(at=at, wall=clock.wall())


def day_after(at: datetime) -> None:
    """Every signed infusion is asked after once."""
    for signature in Signature.objects.filter(infusion__check_ins=None).select_related("infusion__patient"):
        ask = partial(followup.ask_day_after, infusion=signature.infusion, at=at, wall=clock.wall())
        apart(DAY_AFTER, ask, at=at)


SWEEPS: tuple[tuple[str, Callable[[datetime], None]], ...] = (
    (gettext_noop("calling further people"), further_people),
    (gettext_noop("help control lost"), lost_devices),
    (DAY_AFTER, day_after),
    (gettext_noop("the demo"), demo_show.pace),
    (gettext_noop("sessions that could not be computed"), computed_again),
)
