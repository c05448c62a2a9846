"""Opening and finishing tasks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.people.permissions import CLINICAL
from openketamine.clinic.tasks.models import CALLS, ESCALATED, LOST, SOUNDS, Task, TaskDone


@transaction.atomic
def open_task(
    *,
    key: str,
    says: str,
    owner: Role,
    due_at: datetime,
    at: datetime,
    patient: Patient | None = None,
    urgent: bool = False,
) -> Task:
    """Open a task once; the same key again returns the first."""
    found = Task.objects.filter(key=key).first()
    if isinstance(found, Task):
        return found
    task = Task(key=key, says=says, owner=owner, due_at=due_at, opened_at=at, patient=patient, urgent=urgent)
    task.save()
    audit.record(
        by="system", at=at, action="task opened", patient=patient.reference if patient else "", about=f"task {task.pk}"
    )
    return task


def unopened(keys: Iterable[str]) -> list[str]:
    """Return the keys for which no task was ever opened, in their order; a sweep asks for all of them at once."""
    asked = list(keys)
    known = set(Task.objects.filter(key__in=asked).values_list("key", flat=True)) if asked else set()
    return [key for key in asked if key not in known]


@transaction.atomic
def finish(task: Task, *, by: str, at: datetime, note: str = "") -> TaskDone:
    """Record that a task is done; a second time returns the first."""
    done, made = TaskDone.objects.get_or_create(task=task, defaults={"by": by, "at": at, "note": note})
    if made:
        audit.record(
            by=by,
            at=at,
            action="task done",
            patient=task.patient.reference if task.patient else "",
            about=f"task {task.pk}",
            note=note,
        )
    return done


def open_tasks() -> Any:
    """Return what is not done, soonest first."""
    return Task.objects.filter(done__isnull=True).select_related("patient")


def standing(key: str) -> Any:
    """Return what is not done of one task, also after it was asked anew elsewhere under the same key with more behind it."""
    return open_tasks().filter(Q(key=key) | Q(key__startswith=f"{key} "))


def theirs(role: str) -> Q:
    """Return which tasks are a role's: its own; whoever treats is also called to every chair that asks for somebody."""
    mine = Q(owner=role)
    return mine | _begins(SOUNDS) if role in CLINICAL else mine


def calls() -> Any:
    """Return what calls somebody to a chair now."""
    return open_tasks().filter(_begins(CALLS))


def urgent_calls() -> Any:
    """Return what urgently calls somebody to a chair now: an emergency, or the person there."""
    return open_tasks().filter(_begins(SOUNDS), urgent=True)


def lost_controls() -> Any:
    """Return what calls somebody now to a person whose own device cannot call any more."""
    return open_tasks().filter(key__startswith=LOST)


def further(task: Task) -> Any:
    """Return what further people were called to because nobody came to a call."""
    return open_tasks().filter(key__in=[f"{begins}task {task.pk}" for begins in ESCALATED])


def calls_to(patient: Patient) -> Any:
    """Return what calls somebody to one person and sounds until somebody has come."""
    return open_tasks().filter(_begins(SOUNDS), patient=patient)


def _begins(keys: Iterable[str]) -> Q:
    found = Q()
    for key in keys:
        found |= Q(key__startswith=key)
    return found
