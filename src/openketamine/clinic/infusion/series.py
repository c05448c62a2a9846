"""What the chair's chart shows, as plain values on one axis: rates, levels with bands, readings, oxygen, events, drugs, checks.

Times are minutes from the start of the infusion, or from the opening of the session while nothing runs.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import curves, names, queries, spoken, traces
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.infusion.traces import minute_since
from openketamine.clinic.monitoring.models import Rebound
from openketamine.clinic.pharmacology import levels
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.events import Course, Step

AFTER_MIN = 60
BEFORE_MIN = 5


def series(infusion: Infusion, *, at: datetime, what_if: curves.WhatIf | None = None, after: int = 0) -> dict[str, Any]:
    """Return everything the chart draws at an instant; `what_if` adds a curve for another rate from now on, or if the plan continues.

    What monitors stream is told from the message `after` on; `upto` in the answer is where to go on.
    """
    course, events = queries.course_of(infusion), queries.standing_events(infusion)
    origin = course.started_at or infusion.opened_at
    end, upto = _end_minute(infusion, course, origin, at), min(at, infusion.closed_at or at)
    rest = curves.known(infusion, course)
    prediction, plan, asked = (
        curves.curve(infusion, course, rest, at=at, end=end, what_if=one) if one else None
        for one in (curves.AS_IT_RUNS, curves.IF_THE_PLAN_CONTINUES, what_if)
    )
    dues = queries.dues(infusion, course, at)
    vitals, told = traces.dots(infusion, origin, after=after)
    cuffs = traces.cuffs(infusion, origin)
    return {
        "origin": timezone.localtime(origin).isoformat(), "now": minute_since(upto, origin), "begin": _begin_minute(infusion, origin), "end": end,
        "started": course.started_at is not None, "ended": course.stopped_at is not None, "doubtful": course.doubtful_from and minute_since(course.doubtful_from, origin),
        "delivered": _rates([step for step in course.flows if step.at <= upto], origin, upto), "planned": _rates(queries.planned_steps(infusion, origin), origin, None),
        "vitals": vitals, "upto": told, "after": after, "bound": _bound(infusion), "cuff": cuffs, "oxygen": traces.oxygen(infusion, origin, upto),
        "events": [_event(row, origin) for row in events], "drugs": drugs(infusion, course, events, origin, upto),
        "scales": traces.scales(infusion, origin), "dues": [{"at": due.minute, "done": due.done, "overdue": due.overdue} for due in dues],
        "levels": [{"at": minute_since(row.taken_at, origin), "value": row.value_ng_per_ml, "site": row.get_site_display()} for row in infusion.known(levels.standing(infusion.reference), "at")],
        "prediction": prediction, "learned": curves.learned_line(course, rest, plan),
        "stopped": None if what_if else curves.stopped(infusion, course, rest, at=at, end=end),
        "what_if": asked,
        "said": spoken.said(spoken.Chart(infusion, course, upto, origin, events, prediction, cuffs, dues)),
    }  # fmt: skip


def _bound(infusion: Infusion) -> int:
    """Return the last row that came or went because it was bound anew: a page that drew before draws everything again."""
    rows = Rebound.objects.filter(Q(watch=infusion.watch_id) | Q(to=infusion.watch_id))
    return int(rows.aggregate(last=Max("pk"))["last"] or 0)


def drugs(
    infusion: Infusion, course: Course, events: Iterable[InfusionEvent], origin: datetime, at: datetime
) -> list[dict[str, Any]]:
    """Return one row for each drug: when it was given, what, and the running total; of ketamine each rate where it was set."""
    places = queries.amounts(infusion, course, at)
    total = f"{shown(places.pump_delivered_mg)} mg"
    if course.doubtful_from is not None:
        total += " " + _("(what reached the patient is uncertain)")
    elif places.reached_mg is not None:
        total += " " + _("(reached %(mg)s mg)") % {"mg": shown(places.reached_mg)}
    ketamine = {"name": _("ketamine, mL/h"), "doses": _set_to(course.steps, origin), "total": total}
    found: dict[str, dict[str, Any]] = {"": ketamine}
    for row in events:
        if row.kind == "drug_given":
            drug = found.setdefault(row.says.lower(), {"name": row.says, "doses": [], "total": ""})
            drug["doses"].append({"at": minute_since(row.at, origin), "dose": row.dose, "number": row.number})
            drug["total"] = " + ".join(dose["dose"] for dose in drug["doses"])
    return list(found.values())


def _set_to(steps: Iterable[Step], origin: datetime) -> list[dict[str, Any]]:
    """Return each rate of the pump where it was set, as an infusion is written down on paper."""
    rates = [(minute_since(step.at, origin), step.rate_ml_per_h) for step in steps]
    changes = [one for before, one in pairwise([(0.0, None), *rates]) if one[1] != before[1]]
    return [{"at": at, "dose": f"{rate:g}"} for at, rate in changes]


def _event(row: InfusionEvent, origin: datetime) -> dict[str, Any]:
    words = " ".join(
        filter(None, [names.kind(row.kind), _amount(row), row.dose, row.says, row.although_said, row.put_right])
    )
    return {"at": minute_since(row.at, origin), "number": row.number, "kind": row.kind, "says": words, "by": row.by}


def _amount(row: InfusionEvent) -> str:
    if row.rate_ml_per_h is not None:
        return f"{row.rate_ml_per_h:g} mL/h"
    return "" if row.volume_ml is None else f"{row.volume_ml:g} mL"


def _begin_minute(infusion: Infusion, origin: datetime) -> float:
    """The axis begins a little before the start, or with the first thing measured if that lies nearer."""
    return max(minute_since(infusion.opened_at, origin), -BEFORE_MIN)


def _end_minute(infusion: Infusion, course: Course, origin: datetime, at: datetime) -> float:
    planned = float(infusion.order.duration_min)
    ended = minute_since(course.stopped_at, origin) if course.stopped_at else max(planned, minute_since(at, origin))
    return max(max(ended, planned) + AFTER_MIN, minute_since(min(at, infusion.closed_at or at), origin))


def _rates(steps: Iterable[Step], origin: datetime, until: datetime | None) -> list[tuple[float, float]]:
    rows = [(minute_since(step.at, origin), step.rate_ml_per_h) for step in steps]
    return [*rows, (minute_since(until, origin), rows[-1][1])] if rows and until else rows
