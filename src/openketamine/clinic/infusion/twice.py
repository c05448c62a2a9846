"""Two people recorded the same while the tablet of one of them had no network: nothing counts twice, and no word of either is lost."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import actions, queries
from openketamine.clinic.infusion.arriving import Tap
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.people.models import Role
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.infusion.events import FLOWS, HALTS, Kind

PUMP = FLOWS | HALTS


def same_step(infusion: Infusion, kind: Kind, at: datetime, fields: Mapping[str, Any], by: str) -> InfusionEvent | None:
    """Return the step of the pump, or the ending, that another person has recorded and that this one says once more.

    It is the one just before or just after `at`, with nothing of the pump between, of the same kind and at the same rate.
    """
    if kind not in PUMP:
        return None
    steps = sorted((row for row in queries.standing_events(infusion) if Kind(row.kind) in PUMP), key=lambda row: row.at)
    beside = [row for row in steps if row.at <= at][-1:] + [row for row in steps if row.at > at][:1]
    rate = fields.get("rate_ml_per_h") if kind in FLOWS else None
    same = (
        row for row in beside if row.kind == kind.value and row.by != by and (rate is None or row.rate_ml_per_h == rate)
    )
    return next(same, None)


def stands_beside(infusion: Infusion, other: InfusionEvent, at: datetime, fields: Mapping[str, Any], tap: Tap) -> str:
    """Keep what somebody says of a step that another has recorded as a note at its own time; return what to tell who said it."""
    said = ", ".join(
        filter(
            None,
            [f"{fields[name]:g} {unit}" if fields.get(name) is not None else "" for name, unit in AMOUNTS]
            + [fields.get("says", "")],
        )
    )
    step = ", ".join(filter(None, [other.kind_said, said]))
    words = {"step": step, "by": other.by, "number": other.number, "at": _clock(other.at), "mine": _clock(at)}
    says = (
        _("%(step)s, from a tablet without network: %(by)s had recorded it too, event %(number)s at %(at)s counts")
        % words
    )
    row = actions.record(
        infusion=infusion, kind=Kind.OBSERVATION, by=tap.by, at=at, now=tap.now, says=says[: actions.WORDS]
    )
    return _("%(step)s: %(by)s has recorded this too, as event %(number)s at %(at)s. It counts once, at that time; yours, %(mine)s, stands beside it as event %(note)s. If yours is right, correct event %(number)s.") % {**words, "note": row.number}  # fmt: skip


AMOUNTS = (("rate_ml_per_h", "mL/h"), ("delivered_ml", "mL"))


def one_dose_or_two(infusion: Infusion, row: InfusionEvent, tap: Tap) -> str:
    """Ask about a drug that another person has recorded in the same dose since this tablet last heard from the server; return the question.

    Both rows stand until a person takes one out: two doses may have been given.
    """
    if row.kind != Kind.DRUG_GIVEN.value:
        return ""
    meanwhile = (
        one
        for one in queries.standing_events(infusion)
        if one.pk != row.pk and one.by != row.by and one.recorded_at >= (tap.heard or tap.at)
    )
    other = next((one for one in meanwhile if one.kind == row.kind and _given(one) == _given(row)), None)
    if other is None:
        return ""
    words = {
        "drug": f"{row.says} {row.dose}",
        "by": other.by,
        "number": other.number,
        "at": _clock(other.at),
        "mine": row.number,
    }
    asked = _("%(drug)s: %(by)s has recorded it too, as event %(number)s at %(at)s. One dose or two? If it was one, record that event %(mine)s or %(number)s was entered in error.") % words  # fmt: skip
    tasks.open_task(
        key=f"twice {row.pk}", says=f"{infusion.watch.chair}, {infusion.patient}: {asked}"[:300], owner=Role.NURSE, due_at=tap.now, at=tap.now,
        patient=infusion.patient,
    )  # fmt: skip
    return asked


def _given(row: InfusionEvent) -> tuple[str, str]:
    return (row.says.strip().casefold(), " ".join(row.dose.split()).casefold())


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"
