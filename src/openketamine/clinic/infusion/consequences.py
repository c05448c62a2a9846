"""What follows from a recorded step: the course moves on, milligrams go to the drug book, somebody gets a task, a chair is freed."""

from datetime import datetime
from decimal import Decimal

from openketamine.clinic.infusion import overdue, pump, queries
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.arranging import end_anew
from openketamine.clinic.people.clinic_time import zone
from openketamine.clinic.people.models import Role
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.events import CLOSING, FLOWS, HALTS, Kind

REACHED, LEFT_THE_LINE = "what reached the patient", "what left the line"
MOVES_DRUG = FLOWS | HALTS | {Kind.FLUSHED, Kind.LINE_PRIMED, Kind.INFILTRATED}
LONGEST_BASIS, LONGEST_NOTE = 200, 300
AFTERWARDS = {
    Kind.LEFT: (Role.PRESCRIBER, "left before the criteria were met: phone this person today"),
    Kind.TRANSFERRED: (Role.PRESCRIBER, "transferred: ask the receiving team, tell the referrer"),
    Kind.CANCELLED: (Role.NURSE, "session cancelled: agree on what comes next"),
    Kind.ESCORT_ABSENT: (Role.NURSE, "escort absent: find a safe way home"),
}


def follow(infusion: Infusion, row: InfusionEvent, at: datetime) -> None:
    """Do what a step asks for elsewhere."""
    kind = Kind(row.kind)
    if kind is Kind.STARTED:
        plan.mark_given(planned=infusion.order.planned, at=at)
        baseline_anew(infusion, at)
    if kind in MOVES_DRUG:
        post_given(infusion, row.by, at)
        pump.compare_ended(infusion, by=row.by, at=at)
    if kind in AFTERWARDS:
        _ask(infusion, row, kind)
    if kind is Kind.EMERGENCY:
        says = f"{infusion.watch.chair}: emergency, a second person is wanted now"
        tasks.open_task(
            key=f"emergency {row.pk}", says=says, owner=Role.PRESCRIBER, due_at=at, at=at, patient=infusion.patient, urgent=True
        )  # fmt: skip
    if kind in CLOSING | {Kind.EMERGENCY_OVER}:
        _nobody_is_called_any_more(infusion, row, at)
    expect(infusion, at)
    if kind in CLOSING:
        overdue.tell([infusion.pk], at=row.at)
        _close(infusion, row, at)


def baseline_anew(infusion: Infusion, now: datetime, *, measured_at: datetime | None = None) -> None:
    """Take the values before the start anew: at the start, and when one `measured_at` is written down or put right only later."""
    started = queries.course_of(infusion).started_at
    if started is not None and (measured_at is None or measured_at < started):
        monitoring.take_baseline(watch=infusion.watch, at=started, given=queries.pressures_before(infusion), now=now)


def _nobody_is_called_any_more(infusion: Infusion, row: InfusionEvent, at: datetime) -> None:
    """Close what calls somebody to this chair: all of it once the person has left, the emergency once it is over."""
    begins = "emergency " if row.kind == Kind.EMERGENCY_OVER.value else ""
    for task in tasks.calls_to(infusion.patient).filter(key__startswith=begins):
        tasks.finish(task, by=row.by, at=at, note=f"{row.kind} was recorded")


def expect(infusion: Infusion, at: datetime) -> None:
    """Keep at which intervals vital signs are due from now on: the alarm on a missing one goes by them, and so does its tile."""
    monitoring.expect(watch=infusion.watch, every_s=queries.intervals(infusion, queries.course_of(infusion)), at=at)


def take_back(event: InfusionEvent, by: str, at: datetime) -> None:
    """Close what a step asked of somebody, after it was taken back."""
    keys = [f"{event.kind} {event.pk}", f"emergency {event.pk}"]
    for task in tasks.open_tasks().filter(key__in=keys):
        tasks.finish(task, by=by, at=at, note="taken back at the chair")


def post_given(infusion: Infusion, by: str, at: datetime, why: str = "") -> None:
    """Post the milligrams given to the drug book once the infusion has ended; a new posting replaces the old one, and says `why`.

    Drug that ran beside the vein has left the book's stock all the same: the amount stays, its basis says what is not known of it.
    When the end turns out to have been recorded by mistake, what was posted at it is taken back.
    """
    course, about = queries.course_of(infusion), {"session": infusion.reference, "patient": infusion.patient.reference}
    if course.started_at is not None and course.stopped_at is None and ledger.balance(infusion.reference).given_mg:
        ledger.give(mg=Decimal(0), basis=_because("the end was taken out: it runs", why), by=by, at=at, **about)
    if course.started_at is None or course.stopped_at is None:
        return
    basis = "pump total" if course.pump_total_ml is not None else "recorded rates"
    basis += ", line not recorded" if course.line is None else f", {LEFT_THE_LINE if course.doubtful_from else REACHED}"
    if course.doubtful_from is not None:
        basis += f"; {queries.doubt(f'{course.doubtful_from.astimezone(zone()):%Y-%m-%d %H:%M}')}"
    mg = queries.given_mg(infusion, course, max(course.stopped_at, at))
    ledger.give(mg=mg, basis=_because(basis, why), by=by, at=at, **about)


def _because(basis: str, why: str) -> str:
    said = f"{basis}; {why}" if why else basis
    return said if len(said) <= LONGEST_BASIS else f"{said[: LONGEST_BASIS - 1]}…"


def _ask(infusion: Infusion, row: InfusionEvent, kind: Kind) -> None:
    owner, says = AFTERWARDS[kind]
    tasks.open_task(
        key=f"{kind.value} {row.pk}", says=f"{infusion.patient}: {says} ({row.says})"[:300], owner=owner, due_at=row.at, at=row.at,
        patient=infusion.patient,
    )  # fmt: skip


def ask_about_start(infusion: Infusion, row: InfusionEvent, at: datetime) -> None:
    """Ask a prescriber to look at a start that was recorded without network although something stood against it."""
    tasks.open_task(
        key=f"start {row.pk}", says=f"{infusion.watch.chair}, {infusion.patient}: {row.although_said}"[:300], owner=Role.PRESCRIBER, due_at=at, at=at,
        patient=infusion.patient, urgent=True,
    )  # fmt: skip


def _close(infusion: Infusion, row: InfusionEvent, at: datetime) -> None:
    """Free the chair; what devices have said since is nobody's, when this is written down late."""
    infusion.closed_at = row.at
    infusion.save()
    end_anew(watch=infusion.watch, ended_at=row.at, by=row.by, at=at)
    ask_about_balance(infusion, at)


def open_again(infusion: Infusion, by: str, at: datetime) -> None:
    """Let a session go on that was closed by mistake: its alarms too, over what devices have said meanwhile."""
    infusion.closed_at = None
    infusion.save(update_fields=["closed_at"])
    end_anew(watch=infusion.watch, ended_at=None, by=by, at=at)


def close_anew(infusion: Infusion, old: InfusionEvent, row: InfusionEvent, at: datetime) -> None:
    """Close a session at another time than was recorded: what devices said goes by it, and so does what was asked of somebody."""
    infusion.closed_at = row.at
    infusion.save(update_fields=["closed_at"])
    end_anew(watch=infusion.watch, ended_at=row.at, by=row.by, at=at)
    for task in tasks.open_tasks().filter(key=f"{old.kind} {old.pk}"):
        tasks.finish(task, by=row.by, at=at, note=row.put_right[:LONGEST_NOTE])
        _ask(infusion, row, Kind(row.kind))


def ask_about_balance(infusion: Infusion, at: datetime) -> None:
    """Ask a nurse about drug that a closed session does not account for; it never keeps anybody here."""
    balance = ledger.balance(infusion.reference)
    if not balance.closes:
        says = f"{infusion.watch.chair}, {infusion.patient}: {shown(balance.unaccounted_mg)} mg are not accounted for"
        tasks.open_task(
            key=f"balance {infusion.reference}", says=says, owner=Role.NURSE, due_at=at, at=at, patient=infusion.patient
        )
