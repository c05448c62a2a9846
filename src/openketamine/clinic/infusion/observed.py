"""What a session lets the model learn from: pressures, heart rate and levels since the start, dissociation scores."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.traces import readings
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.pharmacology import levels
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.substance import SamplingSite

RISES = {"nibp_systolic": Kind.SYSTOLIC, "nibp_diastolic": Kind.DIASTOLIC, "heart_rate": Kind.HEART_RATE}
DISSOCIATION = "cadss"
NEAR = timedelta(minutes=1)
SCORED_WITHIN = timedelta(hours=6)


def observed(infusion: Infusion, origin: datetime) -> Iterator[Observation]:
    """Yield readings as rises over the last one before the start (heart rate once for each cuff cycle), and CADSS totals, levels."""
    cuff_times: list[datetime] = []
    for signal, kind in RISES.items():
        before = readings(infusion, signal).filter(observed_at__lte=origin).last()
        rows = list(readings(infusion, signal).filter(observed_at__gt=origin)) if before else []
        if kind is Kind.SYSTOLIC:
            cuff_times = [row.observed_at for row in rows]
        if kind is Kind.HEART_RATE:
            rows = _nearest(rows, cuff_times)
        for row in rows:
            yield Observation(_hours(row.observed_at, origin), kind, row.value - before.value)
    for row in _scores(infusion, origin):
        yield Observation(_hours(row.at, origin), Kind.DISSOCIATION, row.score)
    for level in infusion.known(levels.standing(infusion.reference), "at").filter(taken_at__gt=origin):
        yield Observation(_hours(level.taken_at, origin), Kind.LEVEL, level.value_ng_per_ml, SamplingSite(level.site))


def _scores(infusion: Infusion, origin: datetime) -> Any:
    until = min(infusion.closed_at or origin + SCORED_WITHIN, origin + SCORED_WITHIN)
    rows = Answers.objects.filter(patient=infusion.patient_id, instrument=DISSOCIATION, at__gt=origin, at__lte=until)
    return infusion.known(rows, "at").exclude(score=None)


def _nearest(rows: list[Reading], times: list[datetime]) -> list[Reading]:
    """The readings nearest to given times, each at most a minute away: a monitor's stream is not hundreds of observations."""
    found: dict[int, Reading] = {}
    for at in times:
        one = min(rows, key=lambda row: abs(row.observed_at - at), default=None)
        if one is not None and abs(one.observed_at - at) <= NEAR:
            found[one.pk] = one
    return list(found.values())


def _hours(at: datetime, origin: datetime) -> float:
    return round((at - origin) / timedelta(hours=1), 5)
