"""What is still asked of somebody follows the person: to another chair, or to the session that stands instead of a wrong one."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.consequences import AFTERWARDS
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.models import Role
from openketamine.clinic.tasks import actions as tasks
from openketamine.clinic.tasks.models import Task

OF_A_STEP = frozenset({"emergency", "start", *(kind.value for kind in AFTERWARDS)})
"""How the key of a task begins that names a step."""
THOUGHTS = "thoughts "
"""How the key of a task begins that asks a prescriber to assess new thoughts of suicide."""
LONGEST = 300


def to_chair(infusion: Infusion, left: Chair, *, mark: str, why: str, by: str, at: datetime) -> None:
    """Whoever is called comes to where the person sits now."""
    for task in tasks.calls().filter(patient=infusion.patient_id):
        says = _there(task.says, left, infusion.watch.chair)
        _ask_anew(task, key=f"{task.key} {mark}", says=says, infusion=infusion, why=why, by=by, at=at)


def to_session(old: Infusion, new: Infusion, steps: Mapping[int, int], *, why: str, by: str, at: datetime) -> None:
    """What is asked of somebody is asked about the person and the chair of the new session.

    `steps` are the keys of its steps by those of the old. What was done about the wrong person has not been done about the right one:
    it is asked again.
    """
    asked = [*tasks.calls().filter(patient=old.patient_id), *_later(old, new, steps, at)]
    for task in asked:
        says = _there(task.says, old.watch.chair, new.watch.chair).replace(f"{old.patient}: ", f"{new.patient}: ", 1)
        _ask_anew(task, key=_key(task, old, new, steps), says=says, infusion=new, why=why, by=by, at=at)


def _later(old: Infusion, new: Infusion, steps: Mapping[int, int], at: datetime) -> Iterator[Task]:
    """Yield what the old session leaves to do; of what was done already, what asks after a person who was another."""
    keys = [f"balance {old.reference}", *_keys(steps, "start", *AFTERWARDS)]
    yield from tasks.open_tasks().filter(key__in=keys)
    if old.patient_id != new.patient_id:
        standing = {row.pk for row in queries.standing_events(new)}
        ended = [step for step, copy in steps.items() if copy in standing]
        yield from Task.objects.filter(key__in=_keys(ended, *AFTERWARDS)).exclude(done=None)
    here = (old.opened_at, old.closed_at or at)
    yield from tasks.open_tasks().filter(patient=old.patient_id, key__startswith=THOUGHTS, opened_at__range=here)


def _keys(steps: Iterable[int], *begins: str) -> list[str]:
    return [f"{one} {step}" for one in begins for step in steps]


def _key(task: Task, old: Infusion, new: Infusion, steps: Mapping[int, int]) -> str:
    """Return the key that a task has in the new session: by its own step or reference where the old one names those."""
    begins, _space, ends = task.key.rpartition(" ")
    if begins in OF_A_STEP and ends.isdigit() and int(ends) in steps:
        return f"{begins} {steps[int(ends)]}"
    if old.reference in task.key:
        return task.key.replace(old.reference, new.reference)
    return f"{task.key} {new.reference}"


def _ask_anew(task: Task, *, key: str, says: str, infusion: Infusion, why: str, by: str, at: datetime) -> None:
    tasks.finish(task, by=by, at=at, note=why[:LONGEST])
    tasks.open_task(
        key=key, says=says[:LONGEST], owner=Role(task.owner), due_at=task.due_at, at=at, patient=infusion.patient, urgent=task.urgent,
    )  # fmt: skip


def _there(says: str, left: Chair, sits: Chair) -> str:
    return says.replace(f"{left}: ", f"{sits}: ").replace(f"{left}, ", f"{sits}, ")
