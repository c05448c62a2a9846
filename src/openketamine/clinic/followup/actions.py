"""Asking after an infusion, and what the answers lead to."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.followup.models import CallForHelp, ChairLink, CheckIn, CheckInAnswered
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.instruments.questionnaire import Flag, Urgency

NEXT_DAY = timedelta(hours=20)
LINK_LASTS = timedelta(days=5)
SOON, WITHIN_A_DAY = timedelta(hours=1), timedelta(days=1)
DAY_AFTER = "day_after"
PATIENT = "the patient"


class LinkError(ValueError):
    """A link can no longer be used; the message says why in plain words."""


def under_way(patient: Patient) -> bool:
    """Say whether an infusion of this person has started and the person has not gone home."""
    open_now = Infusion.objects.filter(patient=patient, closed_at=None)
    return any(queries.course_of(one).started_at is not None for one in open_now)


@transaction.atomic
def ask_day_after(*, infusion: Infusion, at: datetime, wall: datetime) -> CheckIn:
    """Make the check-in link of the day after, once for each infusion."""
    found = CheckIn.objects.filter(infusion=infusion, instrument=DAY_AFTER).first()
    if isinstance(found, CheckIn):
        return found
    check_in = CheckIn(
        infusion=infusion, instrument=DAY_AFTER, due_at=at + NEXT_DAY, expires_at=wall + LINK_LASTS, made_at=wall
    )
    check_in.save()
    audit.record(
        by="system",
        at=at,
        action="check-in asked",
        patient=infusion.patient.reference,
        about=f"session {infusion.reference}",
    )
    return check_in


@transaction.atomic
def answer_check_in(*, check_in: CheckIn, answers: Mapping[str, int], at: datetime, wall: datetime) -> Answers:
    """Keep the answers of a check-in; raises LinkError when the link was used or has ended."""
    if CheckInAnswered.objects.filter(check_in=check_in).exists():
        raise LinkError(_("These questions have been answered already. Thank you."))
    if wall > check_in.expires_at:
        raise LinkError(_("This link has ended. Please phone the clinic."))
    row, flags = instruments.answer(
        patient=check_in.infusion.patient, instrument=check_in.instrument, answers=answers, by=PATIENT, at=at
    )
    CheckInAnswered(check_in=check_in, answers=row).save()
    tasks_of_flags(check_in.infusion.patient, row, flags, at)
    return row


def tasks_of_flags(patient: Patient, row: Answers, flags: tuple[Flag, ...], at: datetime) -> None:
    """Turn each flag into a task with an owner and a time."""
    for flag in flags:
        urgent = flag.urgency is Urgency.URGENT
        tasks.open_task(
            key=f"flag {row.pk} {flag.id}", says=flag.says, patient=patient, urgent=urgent, at=at,
            owner=Role.PRESCRIBER if urgent else Role.NURSE, due_at=at + (SOON if urgent else WITHIN_A_DAY),
        )  # fmt: skip


def chair_link(*, infusion: Infusion, wall: datetime) -> ChairLink:
    """Return the link for the phone of the person on the chair, making it once; who only asks waits for nobody who writes."""
    link, _made = ChairLink.objects.get_or_create(infusion=infusion, defaults={"made_at": wall})
    return link


def sessions_of_phone(link: ChairLink) -> list[Infusion]:
    """Return the session that a phone was opened in and those it was put right to since; the last one is the phone's.

    A session of another person on the same chair, or of the same person on another chair, takes the phone along: it is in the hand of
    who sits there. One of another person on another chair does not: nobody knows whose hand it is in.
    """
    found = [link.infusion]
    while found[-1].moved_to is not None and _same_hand(found[-1], found[-1].moved_to):
        found.append(found[-1].moved_to)
    return found


def _same_hand(one: Infusion, other: Infusion) -> bool:
    return one.patient_id == other.patient_id or one.watch.chair_id == other.watch.chair_id


def refuse_over(infusion: Infusion) -> None:
    """Raise LinkError for a phone that calls nobody any more, saying what to do instead."""
    if infusion.moved_to is not None:
        raise LinkError(
            _("This page calls nobody any more. Ring the bell or call out, and ask your nurse to open it anew.")
        )
    if infusion.closed_at is not None:
        raise LinkError(_("Your session is over. Please phone the clinic."))


@transaction.atomic
def call_for_help(*, link: ChairLink, at: datetime) -> CallForHelp:
    """Record that the person on the chair asks for somebody; raises LinkError when the session is over."""
    infusion = sessions_of_phone(link)[-1]
    refuse_over(infusion)
    call = CallForHelp(infusion=infusion, at=at)
    call.save()
    says = f"{infusion.watch.chair}: the person asks for somebody"
    tasks.open_task(
        key=f"call {call.pk}", says=says, owner=Role.NURSE, due_at=at, at=at, patient=infusion.patient, urgent=True
    )
    return call
