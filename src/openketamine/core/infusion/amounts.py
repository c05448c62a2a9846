"""Milligrams of one session by place, and the rates at which drug, not saline, reaches the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from openketamine.core.infusion.balance import given_mg
from openketamine.core.infusion.events import SECONDS_PER_HOUR, Course, Step, until_empty, when_delivered
from openketamine.core.infusion.line import whereabouts

PUSHED_OVER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Milligrams at an instant. Without a recorded line what reached the patient is not known (None), nor what the line holds."""

    pump_delivered_mg: Decimal
    reached_mg: Decimal | None
    in_line_mg: Decimal | None
    in_bag_mg: Decimal

    @property
    def given_mg(self) -> Decimal:
        """What the drug book posts as given: what reached the patient, or what the pump delivered while no line is recorded."""
        return self.pump_delivered_mg if self.reached_mg is None else self.reached_mg


def amounts(course: Course, at: datetime, concentration_mg_per_ml: Decimal) -> Amounts:
    """Return where the milligrams of the course's bag are at an instant."""
    pumped, bag_ml = course.delivered_ml(at), course.bag_ml

    def mg(volume_ml: float) -> Decimal:
        return given_mg(volume_ml, concentration_mg_per_ml)

    if course.line is None:
        return Amounts(mg(pumped), None, None, mg(bag_ml - pumped))
    found = whereabouts(bag_ml, pumped, course.line, course.flushed_ml(at))
    return Amounts(mg(pumped), mg(found.reached_ml), mg(found.in_line_ml), mg(found.in_bag_ml))


def drug_steps(course: Course, ahead: Sequence[Step] = ()) -> tuple[Step, ...]:
    """Return the rates at which drug reaches the vein: nothing until the line's saline has passed, and each flush as one push.

    `ahead` are assumed steps after the recorded ones. How fast a flush was pushed is not recorded: one minute is assumed.
    """
    steps = until_empty((*course.steps, *ahead), course.holds_ml)
    first = when_delivered(steps, course.line.drug_free_ml) if course.line else None
    if course.line is not None and course.line.drug_free_ml > 0:
        steps = _from(steps, first)
    return tuple(sorted((*steps, *_pushes(course)), key=lambda step: step.at))


def _from(steps: Sequence[Step], first: datetime | None) -> tuple[Step, ...]:
    if first is None:
        return ()
    running = [step for step in steps if step.at <= first][-1]
    return (Step(first, running.rate_ml_per_h), *(step for step in steps if step.at > first))


def _pushes(course: Course) -> list[Step]:
    found, before = list[Step](), 0.0
    for at, volume in course.flushes:
        if course.line is None:
            continue
        total = course.delivered_ml(at)
        reached = [whereabouts(0.0, total, course.line, flushed).reached_ml for flushed in (before, before + volume)]
        before += volume
        rate = (reached[1] - reached[0]) * SECONDS_PER_HOUR / PUSHED_OVER.total_seconds()
        found += [Step(at, rate), Step(at + PUSHED_OVER, 0.0)] if rate > 0 else []
    return found
