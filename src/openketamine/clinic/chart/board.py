"""What the board shows: every chair at once."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from openketamine.clinic.candidacy.models import Decision
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.names import names
from openketamine.clinic.infusion.queries import Due
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.people.similar_names import similar
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan.models import Course
from openketamine.clinic.portal.actions import device
from openketamine.clinic.tasks.models import Task
from openketamine.evidence import load
from openketamine.evidence.virtual_patients import KIND, virtual_patient

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seat:
    """One chair: who sits there, in which phase and minute, what is due, the worst alarm, the nurse.

    `alike` names the other chairs where somebody has a similar name; `really` is who sits there when the session was recorded for another.
    `changed` says what changed of chair or devices since somebody last confirmed the signals. `fault`: this chair cannot be computed,
    only its alarms are shown.
    """

    chair: Chair
    infusion: Infusion | None
    phase: str = "free"
    minute: float | None = None
    due: str = ""
    late: bool = False
    nurse: str = ""
    alike: str = ""
    help_lost: bool = False
    emergency: datetime | None = None
    empty_since: datetime | None = None
    worst: alarms.Standing | None = None
    alarms: int = 0
    caption: str = ""
    left_out: str = ""
    really: Patient | None = None
    changed: str = ""
    fault: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """Somebody is wanted: where, why, the task that a person closes when it has been seen to, and whether it sounds until then."""

    says: str
    urgent: bool
    infusion: Infusion | None
    patient: Patient | None
    task: Task | None = None
    sounds: bool = False


@dataclass(frozen=True, slots=True)
class InCare:
    """One person and where they stand."""

    patient: Patient
    stage: str
    held: bool


def chairs(*, at: datetime, wall: datetime) -> list[Seat]:
    """Return every chair with what its board card shows."""
    open_now = {row.watch.chair_id: row for row in queries.to_look_at().filter(closed_at=None)}
    seats = [_seat_or_fault(chair, open_now.get(chair.pk), at, open_now.values()) for chair in Chair.objects.all()]
    return [replace(seat, help_lost=bool(seat.infusion and device(seat.infusion, wall=wall).lost)) for seat in seats]


def _seat_or_fault(chair: Chair, infusion: Infusion | None, at: datetime, today: Iterable[Infusion]) -> Seat:
    """A chair that cannot be computed takes no other away from the board, and its alarms stay."""
    try:
        return _seat(chair, infusion, at, today)
    except Exception:  # whatever it is, it is of this chair alone
        LOG.exception("one chair of the board failed")
        return _fault(Seat(chair, infusion, phase="", caption=caption(chair), fault=True), at)


def _fault(seat: Seat, at: datetime) -> Seat:
    try:
        return _alarmed(seat, at)
    except Exception:
        LOG.exception("the alarms of one chair of the board failed")
        return seat


def _alike(infusion: Infusion, others: Iterable[Infusion]) -> str:
    """Return the chairs of today's board where somebody else has a similar name."""
    found = [one.watch.chair for one in others if one.pk != infusion.pk and similar(infusion.patient, one.patient)]
    return ", ".join(str(chair) for chair in sorted(found, key=lambda chair: chair.position))


def needs(seats: Sequence[Seat], todo: Iterable[Task]) -> list[Need]:
    """Return who wants somebody now, urgent first: unanswered urgent alarms of the chairs, then what somebody has to do."""
    sitting = {seat.infusion.patient_id: seat.infusion for seat in seats if seat.infusion}
    alarmed = [
        Need(
            f"{seat.chair}: {seat.worst.event.reason}",
            infusion=seat.infusion,
            patient=seat.infusion.patient,
            urgent=True,
            sounds=True,
        )
        for seat in seats
        if seat.infusion and seat.worst and seat.worst.loud and seat.worst.event.priority == "urgent"
    ]
    asked = [
        Need(task.says, task.urgent, sitting.get(task.patient_id or 0), task.patient, task, task.sounds)
        for task in todo
    ]
    return sorted([*alarmed, *asked], key=lambda need: not need.urgent)


def _seat(chair: Chair, infusion: Infusion | None, at: datetime, today: Iterable[Infusion]) -> Seat:
    if infusion is None:
        return Seat(chair, None)
    course = queries.course_of(infusion)
    due = queries.most_pressing(queries.dues(infusion, course, at))
    seat = Seat(
        chair, infusion, phase=course.phase.value, minute=queries.minute_of(course, at), due="" if due is None else in_words(due, at),
        late=due is not None and due.overdue, nurse=queries.nurse_of(infusion), alike=_alike(infusion, today),
        caption=caption(chair), left_out=names(infusion.left_out), really=people.really_of(infusion.reference, infusion.patient), emergency=course.emergency_since,
        empty_since=course.empty_since(at), changed=changed.says if (changed := queries.unconfirmed(infusion)) else "",
    )  # fmt: skip
    return _alarmed(seat, at)


def _alarmed(seat: Seat, at: datetime) -> Seat:
    raised = alarms.standing(seat.infusion.watch, at=at) if seat.infusion else []
    return replace(
        seat, worst=next((one for one in raised if one.loud), raised[0] if raised else None), alarms=len(raised)
    )


def in_words(due: Due, at: datetime) -> str:
    """Say how long it is to a check, or how long it has been overdue."""
    minutes = round(abs((due.at - at).total_seconds()) / queries.SECONDS_PER_MINUTE)
    if due.overdue:
        return _("check overdue %(minutes)d min") % {"minutes": minutes}
    return _("check due now") if due.now else _("check in %(minutes)d min") % {"minutes": minutes}


def caption(chair: Chair) -> str:
    """Return what a chair of the demo shows; empty in a real clinic."""
    name = f"chair_{chair.position}"
    demo = Clinic.objects.filter(is_demo=True).exists()
    return virtual_patient(name).caption if demo and name in load.names(KIND) else ""


def people_in_care() -> list[InCare]:
    """Return everybody in care with the stage of their care."""
    return [_in_care(patient) for patient in Patient.objects.all()]


def _in_care(patient: Patient) -> InCare:
    held = people.open_findings(patient).filter(holds_infusion=True).exists()
    return InCare(patient, _stage(patient), held)


def _stage(patient: Patient) -> str:
    course = plan.current_course(patient)
    if Infusion.objects.filter(patient=patient, closed_at=None).exists():
        return _("at the chair")
    if course is None:
        return _decided(patient)
    following = plan.next_planned(patient)
    if following is None:
        return _("course complete")
    again = Course.objects.filter(patient=patient).exclude(pk=course.pk).exists()
    if again:
        return _("maintenance, next: infusion %(which)s") % {"which": following}
    return _("planned") if following.number == 1 else _("next: infusion %(which)s") % {"which": following}


def _decided(patient: Patient) -> str:
    """A person without a course: what the newest signed decision says, or that nobody has decided yet."""
    newest = Decision.objects.filter(patient=patient).order_by("-pk").first()
    return str(newest.get_choice_display()) if newest else _("referred")
