"""What the chair's chart shows, as plain values: rates, predicted level with band, readings, events, checks due.

Readings are thinned to the last of each ten seconds, never averaged. Times are minutes from the start of the infusion, or
from the opening of the session while nothing runs.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.observed import observed
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.pharmacology import learning
from openketamine.clinic.pharmacology.prediction import Question, predict
from openketamine.core.infusion.events import Course, Step

BUCKET_S = 10
AFTER_MIN = 60
GRID_MIN = 2
SHOWN = ("heart_rate", "spo2", "respiratory_rate")


def series(infusion: Infusion, *, at: datetime, what_if_ml_per_h: float | None = None) -> dict[str, Any]:
    """Return everything the chart draws at an instant; `what_if_ml_per_h` adds a curve for another rate from now on."""
    course = queries.course_of(infusion)
    origin = course.started_at or infusion.opened_at
    end = _end_minute(infusion, course, origin, at)
    return {
        "now": _minute(at, origin), "end": end, "started": course.started_at is not None,
        "delivered": _rates(course.steps, origin, at), "planned": _rates(queries.planned_steps(infusion, origin), origin, None),
        "vitals": {signal: _dots(infusion, signal, origin) for signal in SHOWN}, "cuff": _cuffs(infusion, origin),
        "events": [
            {"at": _minute(row.at, origin), "number": row.number, "kind": row.kind} for row in queries.standing_events(infusion)
        ],
        "dues": [{"at": due.minute, "done": due.done, "overdue": due.overdue} for due in queries.dues(infusion, course, at)],
        "prediction": _predicted(infusion, course, origin, at, end, None),
        "what_if": None if what_if_ml_per_h is None else _predicted(infusion, course, origin, at, end, what_if_ml_per_h),
    }  # fmt: skip


def level_now(infusion: Infusion, *, at: datetime) -> dict[str, float] | None:
    """Return the 5, 50 and 95 % of the level at an instant in ng/mL, and how far readings fit; None before the start or with prediction switched off."""
    course = queries.course_of(infusion)
    if course.started_at is None or not switched_on():
        return None
    minute = _minute(at, course.started_at)
    answer = predict(_question(infusion, course, course.started_at, at, (minute,), None, minute))
    return {**{name: row[0] for name, row in answer.person["ketamine_ng_per_ml"].items()}, "believed": answer.believed}


def switched_on() -> bool:
    """Say whether the medical director has switched individual prediction on."""
    return Clinic.objects.filter(individual_prediction=True).exists()


def _end_minute(infusion: Infusion, course: Course, origin: datetime, at: datetime) -> float:
    planned = float(infusion.order.duration_min)
    ended = _minute(course.stopped_at, origin) if course.stopped_at else max(planned, _minute(at, origin))
    return max(max(ended, planned) + AFTER_MIN, _minute(min(at, infusion.closed_at or at), origin))


def _predicted(
    infusion: Infusion, course: Course, origin: datetime, at: datetime, end: float, what_if: float | None
) -> dict[str, Any] | None:
    if course.started_at is None or not switched_on():
        return None
    times = tuple(float(minute) for minute in range(0, int(end) + 1, GRID_MIN))
    answer = predict(_question(infusion, course, origin, at, times, what_if, end))
    before = queries.baseline(infusion)
    return {
        "times": answer.times_min, "learned_from": answer.learned_from, "believed": answer.believed,
        "person": answer.person["ketamine_ng_per_ml"], "population": answer.population["ketamine_ng_per_ml"],
        "systolic": _systolic(answer.person, before), "systolic_population": _systolic(answer.population, before),
    }  # fmt: skip


def _systolic(bands: dict[str, dict[str, list[float]]], before: Reading | None) -> dict[str, list[float]] | None:
    """The predicted systolic pressure: the reading before the start plus the predicted rise over it; None without a reading."""
    if before is None or before.value is None:
        return None
    return {name: [before.value + rise for rise in row] for name, row in bands["systolic_over_reading_mmhg"].items()}


def _question(
    infusion: Infusion, course: Course, origin: datetime, at: datetime, times: tuple[float, ...], what_if: float | None, end: float
) -> Question:  # fmt: skip
    """The recorded rates so far, then the last one to the planned end (or the rate asked about from now on)."""
    concentration = float(infusion.order.concentration_mg_per_ml)
    steps = [(_minute(step.at, origin), step.rate_ml_per_h * concentration) for step in course.steps]
    planned_end = max(float(infusion.order.duration_min), _minute(at, origin)) if course.stopped_at is None else end
    if what_if is not None and course.stopped_at is None:
        steps.append((_minute(at, origin), what_if * concentration))
    return Question(
        float(infusion.order.weight_kg),
        tuple(steps),
        min(planned_end, end),
        times,
        seed=infusion.patient_id,
        seen=tuple(observed(infusion, origin)),
        prior=learning.prior_of(learning.last_learned(infusion.patient, before_session=infusion.reference)),
    )


def learn(infusion: Infusion, *, by: str, at: datetime) -> None:
    """Keep what this session taught about the person, at its signing; nothing where it never started or prediction is off."""
    course = queries.course_of(infusion)
    if course.started_at is None or not switched_on():
        return
    end = _end_minute(infusion, course, course.started_at, at)
    question = _question(infusion, course, course.started_at, at, (), None, end)
    before = learning.last_learned(infusion.patient, before_session=infusion.reference)
    learning.keep(patient=infusion.patient, session=infusion.reference, question=question, before=before, by=by, at=at)


def _cuffs(infusion: Infusion, origin: datetime) -> list[dict[str, Any]]:
    diastolic = {row.observed_at: row.value for row in _readings(infusion, "nibp_diastolic")}
    return [
        {
            "at": _minute(row.observed_at, origin),
            "systolic": row.value,
            "diastolic": diastolic.get(row.observed_at),
            "typed": row.source == "typed",
        }
        for row in _readings(infusion, "nibp_systolic")
    ]


def _dots(infusion: Infusion, signal: str, origin: datetime) -> list[tuple[float, float]]:
    last: dict[int, tuple[float, float]] = {}
    for when, value in _readings(infusion, signal).values_list("observed_at", "value"):
        minute = _minute(when, origin)
        last[int(minute * queries.SECONDS_PER_MINUTE // BUCKET_S)] = (minute, value)
    return list(last.values())


def _readings(infusion: Infusion, signal: str) -> Any:
    return (
        Reading.objects.filter(watch=infusion.watch_id, signal=signal).exclude(value=None).order_by("observed_at", "pk")
    )


def _rates(steps: Iterable[Step], origin: datetime, until: datetime | None) -> list[tuple[float, float]]:
    rows = [(_minute(step.at, origin), step.rate_ml_per_h) for step in steps]
    return [*rows, (_minute(until, origin), rows[-1][1])] if rows and until else rows


def _minute(at: datetime, origin: datetime) -> float:
    return round((at - origin) / timedelta(minutes=1), 3)
