"""Suicide screens: kept, triaged by item and by change, and closed by a clinician on the same day."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.candidacy.models import Screen, ScreenClosed
from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding, Patient, Role
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.instruments.suicide import Step, Triage, triage
from openketamine.evidence.questionnaires import questionnaire

INSTRUMENTS = ("asq", "cssrs_screener")
CODE, ROOM = "suicide_screen", "candidacy"
SOON = timedelta(hours=1)
NO_NEED = "This screen needs no answer, or has one already"


class ScreenError(ValueError):
    """A screen cannot be closed so; the message says why and what to do."""


@transaction.atomic
def record(*, patient: Patient, instrument: str, answers: Mapping[str, int], by: str, at: datetime) -> Screen:
    """Keep a screen and what it leads to; one that holds opens a finding that holds every infusion."""
    found = triage(questionnaire(instrument), answers, _known(patient, instrument))
    kept, _ = instruments.answer(patient=patient, instrument=instrument, answers=answers, by=by, at=at)
    finding = _hold(patient, instrument, found, by, at) if found.step is Step.HOLD else None
    screen = Screen(
        patient=patient, answers=kept, step=found.step.value, changed=list(found.changed), finding=finding, by=by, at=at
    )  # fmt: skip
    screen.save()
    _ask(screen)
    audit.record(by=by, at=at, action="suicide screen recorded", patient=patient.reference, step=found.step.value)
    return screen


@transaction.atomic
def review(*, screen: Screen, by: str, at: datetime) -> ScreenClosed:
    """Sign that known and unchanged answers were reviewed and the plan is unchanged."""
    if screen.step != Step.REVIEW:
        raise ScreenError(_("this screen is not known and unchanged: it needs an assessment, or the missing answers"))
    return _close(screen, assessment="", may_start=True, by=by, at=at)


@transaction.atomic
def assess(*, screen: Screen, assessment: str, may_start: bool | None, by: str, at: datetime) -> ScreenClosed:
    """Document the assessment of the same day; the hold ends only when the clinician says that an infusion may start."""
    if screen.step != Step.HOLD:
        raise ScreenError(NO_NEED)
    if not assessment.strip():
        raise ScreenError(_("assessment: is empty. Write what was found and what was agreed"))
    if may_start is None:
        raise ScreenError(_("may an infusion start: neither yes nor no is chosen"))
    if timezone.localdate(at) != timezone.localdate(screen.at):
        raise ScreenError(_("an assessment counts on the day of its screen: ask the questions again today"))
    closed = _close(screen, assessment=assessment.strip(), may_start=may_start, by=by, at=at)
    if may_start and screen.finding:
        people.close_finding(finding=screen.finding, reason=f"assessed: {assessment.strip()}"[:300], by=by, at=at)
    return closed


def waits(patient: Patient) -> bool:
    """Say whether the newest screen waits for a clinician or for missing answers."""
    newest = Screen.objects.filter(patient=patient).first()
    return newest is not None and newest.step != Step.NOTHING and answer_to(newest) is None


def answer_to(screen: Screen) -> ScreenClosed | None:
    """Return what a clinician answered to a screen."""
    found = ScreenClosed.objects.filter(screen=screen).first()
    return found if isinstance(found, ScreenClosed) else None


def _known(patient: Patient, instrument: str) -> dict[str, float] | None:
    """Return the answers that are known: of the last screen that was negative, or after which a clinician let an infusion start."""
    settled = Q(step=Step.NOTHING) | Q(closed__may_start=True)
    last = Screen.objects.filter(settled, patient=patient, answers__instrument=instrument).first()
    return dict(last.answers.answers) if last else None


def _hold(patient: Patient, instrument: str, found: Triage, by: str, at: datetime) -> Finding:
    why = "weighs most" if found.grave else "is new or worse"
    says = f"Suicide screen ({instrument}): an answer {why}. A documented assessment of the same day lets an infusion start"
    return people.open_finding(
        patient=patient, code=CODE, room=ROOM, says=says, by=by, at=at, holds=True, instrument=instrument, items=list(found.changed)
    )  # fmt: skip


def _ask(screen: Screen) -> None:
    says = {
        Step.HOLD: "Suicide screen: new, worse or grave. Assessment today, before any start",
        Step.REVIEW: "Suicide screen: known and unchanged. To be reviewed",
    }
    if screen.step in says:
        tasks.open_task(
            key=f"screen {screen.pk}", says=says[Step(screen.step)], patient=screen.patient, owner=Role.PRESCRIBER,
            urgent=screen.step == Step.HOLD, due_at=screen.at + SOON, at=screen.at,
        )  # fmt: skip


def _close(screen: Screen, *, assessment: str, may_start: bool, by: str, at: datetime) -> ScreenClosed:
    if answer_to(screen):
        raise ScreenError(NO_NEED)
    closed = ScreenClosed(screen=screen, assessment=assessment, may_start=may_start, by=by, at=at)
    closed.save()
    task = tasks.open_tasks().filter(key=f"screen {screen.pk}").first()
    if task:
        tasks.finish(task, by=by, at=at, note="may start" if may_start else "may not start")
    audit.record(
        by=by, at=at, action="suicide screen answered", patient=screen.patient.reference, about=f"screen {screen.pk}", may_start=may_start
    )  # fmt: skip
    return closed
