"""Readiness to leave: each criterion is met, not met or not known. All must be met; unknown asks."""

from collections.abc import Iterable, Mapping, Sequence
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


class CountsFrom(StrEnum):
    """From when the minimum observation counts."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Observation:
    """The minimum observation of one session: minutes, and what they count from."""

    minutes: float
    counts_from: CountsFrom

    def over_at(self, started_at: datetime | None, ended_at: datetime | None) -> datetime | None:
        """Return when it is over, no earlier than the infusion itself; None while the infusion runs."""
        if started_at is None or ended_at is None:
            return None
        begins = ended_at if self.counts_from is CountsFrom.END else started_at
        return max(begins + timedelta(minutes=self.minutes), ended_at)


def restarted(over_at: datetime | None, since: datetime, minutes: float | None) -> datetime | None:
    """Return when the observation is over that lasts so long from a sedative, or from the end; `minutes` of None (a clinic has set none) change nothing."""
    if over_at is None or minutes is None:
        return over_at
    return max(over_at, since + timedelta(minutes=minutes))


def observation(number: int, minutes: float, first_sessions: int, first_minutes: float) -> Observation:
    """Return the minimum observation of a person's session of this number: the first ones count from the end, later ones from the start."""
    first = number <= first_sessions
    return Observation(first_minutes if first else minutes, CountsFrom.END if first else CountsFrom.START)


def reached(over_at: datetime | None, at: datetime) -> Standing:
    """Say whether an instant has come; one that nobody can name yet is not known."""
    if over_at is None:
        return Standing.UNKNOWN
    return Standing.MET if at >= over_at else Standing.NOT_MET


def any_at_least(values: Mapping[str, float | None], limits: Mapping[str, float]) -> Standing:
    """Say whether one of several scores reaches its own line; without any score it is not known."""
    known = [at_least(value, limits[name]) for name, value in values.items() if value is not None and name in limits]
    if not known:
        return Standing.UNKNOWN
    return Standing.MET if Standing.MET in known else Standing.NOT_MET


def pressure_settled(
    baseline: Pressure | None, now: Pressure | None, within_percent: float, at_most: Pressure
) -> Standing:
    """Pressure is back near its baseline on both sides; above it, a level that is low enough for everybody will do.

    Without a baseline nobody knows whether a low pressure is this person's own.
    """
    if now is None:
        return Standing.UNKNOWN
    low_enough = now.systolic <= at_most.systolic and now.diastolic <= at_most.diastolic
    if baseline is None:
        return Standing.UNKNOWN if low_enough else Standing.NOT_MET
    most, least = 1 + within_percent / 100, 1 - within_percent / 100
    near = now.systolic <= baseline.systolic * most and now.diastolic <= baseline.diastolic * most
    fallen = now.systolic < baseline.systolic * least or now.diastolic < baseline.diastolic * least
    return Standing.MET if (near or low_enough) and not fallen else Standing.NOT_MET


def above(value: float | None, limit: float) -> Standing:
    """Say whether a reading is above a limit."""
    if value is None:
        return Standing.UNKNOWN
    return Standing.MET if value > limit else Standing.NOT_MET


def on_room_air(value: float | None, limit: float, *, breathes_air: bool | None) -> Standing:
    """Say whether saturation is above a limit while breathing air; how oxygen is given must be known."""
    if value is None or (breathes_air is None and value > limit):
        return Standing.UNKNOWN
    return above(value, limit) if breathes_air or breathes_air is None else Standing.NOT_MET


def at_least(value: float | None, limit: float) -> Standing:
    """Say whether a reading is at a limit or above."""
    if value is None:
        return Standing.UNKNOWN
    return Standing.MET if value >= limit else Standing.NOT_MET


def between(value: float | None, low: float, high: float) -> Standing:
    """Say whether a reading lies between two limits, themselves among them."""
    if value is None:
        return Standing.UNKNOWN
    return Standing.MET if low <= value <= high else Standing.NOT_MET


def back_to(value: float | None, before: float | None) -> Standing:
    """Say whether a symptom scale is back to its value before the start; its lowest value, 0, needs none."""
    if value is None or (before is None and value > 0):
        return Standing.UNKNOWN
    return Standing.MET if value <= (before or 0) else Standing.NOT_MET


def all_of(standings: Iterable[Standing]) -> Standing:
    """Say where several observations of one criterion stand together: the worst counts, and none at all is not known."""
    return max(standings, key=(Standing.MET, Standing.UNKNOWN, Standing.NOT_MET).index, default=Standing.UNKNOWN)


class Thoughts(StrEnum):
    """What a person answers when asked about thoughts of suicide before leaving."""

    NONE = "none"
    AS_BEFORE = "as_before"
    WORSE = "worse"


def thoughts_settled(now: Thoughts | None, *, before: bool | None) -> Standing:
    """Say whether no thoughts are new or worse; `before` is whether there were any before the start, None when nobody had asked."""
    match now:
        case Thoughts.NONE:
            return Standing.MET
        case Thoughts.WORSE:
            return Standing.NOT_MET
        case Thoughts.AS_BEFORE if before is not None:
            return Standing.MET if before else Standing.NOT_MET
        case _:
            return Standing.UNKNOWN


def ready(criteria: Sequence[str], standings: Mapping[str, Standing]) -> bool:
    """Say whether every criterion is met; one that nobody has looked at is not."""
    return all(standings.get(name) is Standing.MET for name in criteria)
