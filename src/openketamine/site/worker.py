"""One round of work, and the list of sweeps."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import Pulse, Watch
from openketamine.clinic.people.models import Clinic, Role
from openketamine.clinic.recovery.models import Signature
from openketamine.clinic.tasks import actions as tasks
from openketamine.doors.hl7v2.drain import AT_ONCE, drain
from openketamine.doors.hl7v2.inbox import Inbox
from openketamine.site import clock, demo_show

TICK_EVERY = timedelta(seconds=0.5)


class Worker:
    """Drains the inbox, ticks the alarms, sweeps what is due."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inbox = Inbox(settings.INBOX_PATH)
        self._ticked: datetime | None = None

    def round(self) -> None:
        """Do what there is to do, once."""
        clinic = Clinic.objects.first()
        if clinic is None:
            return
        with transaction.atomic():
            taken = drain(self.inbox, clinic, clock.converter(clinic))
            self._tick(clinic)
        while taken == AT_ONCE:
            taken = drain(self.inbox, clinic, clock.converter(clinic))

    def _tick(self, clinic: Clinic) -> None:
        """Evaluate every open watch, then say when: the heartbeat that every page shows."""
        wall = clock.wall()
        if self._ticked is not None and wall - self._ticked < TICK_EVERY:
            return
        at, self._ticked = clock.clinic_time(), wall
        if clinic.session_alarms:
            for watch in Watch.objects.filter(ended_at=None).values_list("pk", flat=True):
                alarms.tick(watch, at=at, worker=self.name, wall=wall)
        for sweep in SWEEPS:
            sweep(at)
        pulse, _made = Pulse.objects.get_or_create(pk=1)
        pulse.tick_at = wall
        pulse.save()


def second_nurse(at: datetime) -> None:
    """An urgent alarm that nobody answers calls a second nurse."""
    for event in alarms.unanswered_urgent(at=at):
        tasks.open_task(
            key=f"second nurse {event.pk}", says=f"{event.watch.chair}: a second nurse is called. {event.reason}",
            owner=Role.NURSE, due_at=at, at=at, patient=event.watch.patient, urgent=True,
        )  # fmt: skip


def day_after(at: datetime) -> None:
    """Every signed infusion is asked after once."""
    for signature in Signature.objects.filter(infusion__check_ins=None).select_related("infusion__patient"):
        followup.ask_day_after(infusion=signature.infusion, at=at, wall=clock.wall())


SWEEPS: tuple[Callable[[datetime], None], ...] = (second_nurse, day_after, demo_show.pace)
