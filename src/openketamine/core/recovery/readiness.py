"""Readiness to leave: each criterion is met, not met or not known. All must be met; unknown asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Standing(StrEnum):
    """Where one criterion stands."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Pressure:
    """A cuff pressure in mm[Hg]."""

    systolic: float
    diastolic: float


def observed_long_enough(
    ended_at: datetime | None, started_at: datetime | None, at: datetime, minutes: float
) -> Standing:
    """Observation counts from the start of the infusion, and ends no earlier than the infusion itself."""
    if started_at is None or ended_at is None:
        return Standing.UNKNOWN
    return Standing.MET if at - started_at >= timedelta(minutes=minutes) else Standing.NOT_MET


def pressure_settled(
    baseline: Pressure | None, now: Pressure | None, within_percent: float, at_most: Pressure
) -> Standing:
    """Pressure is back near its baseline, or not above a level that needs no baseline."""
    if now is None:
        return Standing.UNKNOWN
    if now.systolic <= at_most.systolic and now.diastolic <= at_most.diastolic:
        return Standing.MET
    if baseline is None:
        return Standing.NOT_MET
    factor = 1 + within_percent / 100
    near = now.systolic <= baseline.systolic * factor and now.diastolic <= baseline.diastolic * factor
    return Standing.MET if near else Standing.NOT_MET


def above(value: float | None, limit: float) -> Standing:
    """Say whether a reading is above a limit."""
    if value is None:
        return Standing.UNKNOWN
    return Standing.MET if value > limit else Standing.NOT_MET


def at_least(value: float | None, limit: float) -> Standing:
    """Say whether a reading is at a limit or above."""
    if value is None:
        return Standing.UNKNOWN
    return Standing.MET if value >= limit else Standing.NOT_MET


def ready(criteria: Sequence[str], standings: Mapping[str, Standing]) -> bool:
    """Say whether every criterion is met; one that nobody has looked at is not."""
    return all(standings.get(name) is Standing.MET for name in criteria)
