"""What a session lets the model learn from: pressures, heart rate and levels since the start, dissociation scores."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.monitoring.lookup import Ask, answers
from openketamine.clinic.monitoring.models import StoredReading
from openketamine.clinic.pharmacology import levels
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.substance import SamplingSite

RISES = {"nibp_systolic": Kind.SYSTOLIC, "nibp_diastolic": Kind.DIASTOLIC, "heart_rate": Kind.HEART_RATE}
CUFF = ("nibp_systolic", "nibp_diastolic")
DISSOCIATION = "cadss"
NEAR = timedelta(minutes=1)
SCORED_WITHIN = timedelta(hours=6)


def observed(infusion: Infusion, origin: datetime) -> Iterator[Observation]:
    """Yield readings as rises over the baseline (heart rate once for each cuff cycle), and CADSS totals, levels."""
    before = queries.baseline(infusion)
    seen = _cuffs(infusion, origin, [signal for signal in CUFF if signal in before])
    seen["heart_rate"] = _near(infusion, "heart_rate", [at for at, _value in seen["nibp_systolic"]], origin)
    for signal, kind in RISES.items():
        for at, value in seen[signal] if signal in before else ():
            yield Observation(_hours(at, origin), kind, value - before[signal])
    for row in _scores(infusion, origin):
        yield Observation(_hours(row.at, origin), Kind.DISSOCIATION, row.score)
    for level in infusion.known(levels.standing(infusion.reference), "at").filter(taken_at__gt=origin):
        yield Observation(_hours(level.taken_at, origin), Kind.LEVEL, level.value_ng_per_ml, SamplingSite(level.site))


def _cuffs(infusion: Infusion, origin: datetime, signals: Sequence[str]) -> dict[str, list[tuple[datetime, float]]]:
    """Return when a cuff read which pressure since the start."""
    stored = StoredReading.objects.filter(
        watch=infusion.watch_id, signal__in=signals, observed_at__gt=origin, rebound=None
    )
    rows = infusion.known(stored, "received_at")
    found: dict[str, list[tuple[datetime, float]]] = {signal: [] for signal in CUFF}
    for signal, *read in (
        rows.exclude(value=None).order_by("observed_at", "pk").values_list("signal", "observed_at", "value")
    ):
        found[signal].append((read[0], read[1]))
    return found


def _scores(infusion: Infusion, origin: datetime) -> Any:
    until = min(infusion.closed_at or origin + SCORED_WITHIN, origin + SCORED_WITHIN)
    rows = Answers.objects.filter(patient=infusion.patient_id, instrument=DISSOCIATION, at__gt=origin, at__lte=until)
    return infusion.known(rows, "at").exclude(score=None)


def _near(infusion: Infusion, signal: str, times: list[datetime], origin: datetime) -> list[tuple[datetime, float]]:
    """The readings nearest to given times, each at most a minute away: a monitor's stream is not hundreds of observations."""
    after, received = origin + timedelta(microseconds=1), infusion.seen_until
    asked = [
        one
        for at in times
        for one in (
            Ask(signal, at + NEAR, max(at, after), received, first=True),
            Ask(signal, at, max(at - NEAR, after), received),
        )
    ]
    rows = answers(infusion.watch_id, asked)
    found: dict[int, tuple[datetime, float]] = {}
    for at, pair in zip(times, zip(rows[::2], rows[1::2], strict=True), strict=True):
        beside = [row for row in pair if row is not None and row.value is not None]
        for row in sorted(beside, key=lambda row: abs(row.observed_at - at))[:1]:
            found[row.pk] = (row.observed_at, float(row.value or 0))
    return list(found.values())


def _hours(at: datetime, origin: datetime) -> float:
    return round((at - origin) / timedelta(hours=1), 5)
