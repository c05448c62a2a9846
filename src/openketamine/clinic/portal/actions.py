"""What the patient's device does: it is heard, it calls somebody, it asks to go slower. It changes nothing about the infusion."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.followup.models import ChairLink
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion import before, queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.people.models import Role
from openketamine.clinic.portal.models import HelpControl, Press
from openketamine.clinic.tasks import actions as tasks
from openketamine.clinic.tasks.models import LOST
from openketamine.core.infusion.events import BEFORE
from openketamine.core.infusion.gate import YES

LOST_AFTER = timedelta(seconds=15)
HELP, SLOWER = "help", "slower"
BELL = "bell"


@dataclass(frozen=True, slots=True)
class Device:
    """Where the patient's device stands: never opened, heard, or lost; and whether it was tried out before the start."""

    opened: bool
    lost: bool
    tried: bool


@transaction.atomic
def press(*, link: ChairLink, asks: str, key: str, at: datetime, wall: datetime) -> Press:
    """Take one press; before the start it is a trial, and is heard all the same."""
    found = Press.objects.filter(key=key).first() if key else None
    if isinstance(found, Press):
        return found
    infusion = followup.sessions_of_phone(link)[-1]
    trial = queries.course_of(infusion).phase in BEFORE
    followup.refuse_over(infusion)
    heard(link=link, at=at, wall=wall)
    if asks == SLOWER:
        _ask_slower(infusion, at)
    else:
        followup.call_for_help(link=link, at=at)
    if trial and asks == HELP:
        _tried(infusion, at)
    row = Press(infusion=infusion, asks=asks, key=key or secrets.token_hex(16), trial=trial, at=at)
    row.save()
    return row


@transaction.atomic
def heard(*, link: ChairLink, at: datetime, wall: datetime) -> None:
    """Note that the device was heard; what was asked of somebody because it was not is done."""
    infusion = followup.sessions_of_phone(link)[-1]
    control, made = HelpControl.objects.get_or_create(infusion=infusion, defaults={"seen_at": wall})
    if made:
        return
    if wall - control.seen_at > LOST_AFTER:
        for task in tasks.lost_controls().filter(key__startswith=f"{LOST}{infusion.reference} "):
            for one in (*tasks.further(task), task):
                tasks.finish(one, by="system", at=at, note="heard again")
    control.seen_at = wall
    control.save()


def call_where_lost(*, at: datetime, wall: datetime) -> None:
    """Call somebody to each person whose device has not been heard for a while, once for each time that it is lost."""
    _follow_moves()
    silent = HelpControl.objects.filter(infusion__closed_at=None, seen_at__lt=wall - LOST_AFTER)
    lost = {
        f"{LOST}{one.infusion.reference} {one.seen_at:%H%M%S%f}": one.infusion
        for one in silent.select_related("infusion__watch__chair", "infusion__patient")
    }
    for key in tasks.unopened(lost):
        infusion = lost[key]
        tasks.open_task(
            key=key,
            says=f"{infusion.watch.chair}: {_('help control lost')}",
            owner=Role.NURSE,
            due_at=at,
            at=at,
            patient=infusion.patient,
        )


def _follow_moves() -> None:
    """A session that was put right to another person or chair has the help control of the one that it stands for.

    If the phone went along it is heard there; if not, nobody hears it, and somebody is called.
    """
    moved = HelpControl.objects.exclude(infusion__moved_to=None).select_related("infusion__moved_to")
    for control in moved.filter(infusion__moved_to__closed_at=None, infusion__moved_to__help_control=None):
        HelpControl.objects.get_or_create(infusion=control.infusion.moved_to, defaults={"seen_at": control.seen_at})


def device(infusion: Infusion, *, wall: datetime) -> Device:
    """Return where the device of a session stands."""
    control = HelpControl.objects.filter(infusion=infusion).first()
    lost = control is not None and infusion.closed_at is None and wall - control.seen_at > LOST_AFTER
    return Device(control is not None, lost, Press.objects.filter(infusion=infusion, trial=True).exists())


def _tried(infusion: Infusion, at: datetime) -> None:
    """A first press before the start answers that item of the check: the person has called once and was heard."""
    item = next((one for one in before.gate(infusion) if one.id == BELL), None)
    if item is not None and item.answer != YES:
        infusions.answer_gate(
            infusion=infusion, item=BELL, answer=YES, said="called from their own phone", by="the patient", at=at
        )


def _ask_slower(infusion: Infusion, at: datetime) -> None:
    says = f"{infusion.watch.chair}: the person asks to go slower"
    count = Press.objects.filter(infusion=infusion).count()
    tasks.open_task(
        key=f"slower {infusion.reference} {count}", says=says, owner=Role.NURSE, due_at=at, at=at, patient=infusion.patient,
        urgent=True,
    )  # fmt: skip
