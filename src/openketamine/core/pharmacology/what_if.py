"""What would follow: at the current rate, if stopped now, if slowed, if the plan goes on; and which rate keeps a rise under a limit.

Information, never an order: each answer is named by its assumption and writes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from openketamine.core.pharmacology.infusion import Dose, from_rates
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.population import weighted_quantile, weighted_quantiles
from openketamine.core.pharmacology.subject import Draws, Subject

PRESSURE = "systolic_rise_mmhg"
HALVINGS = 24
GRID = 25
SHARES = (0.95, 0.90, 0.75)


class Scenario(StrEnum):
    """The assumption that a curve is named by."""

    CURRENT_RATE = "current_rate"
    STOPPED_NOW = "stopped_now"
    SLOWED = "slowed"
    PLAN = "plan"


Steps = Sequence[tuple[float, float]]
"""Rate steps as (hour, mg/h), sorted by hour; a pause is a step of rate 0."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """Rate steps as recorded up to `now_h`, the rate steps that were planned, and the planned end in hours from the start."""

    given: Steps
    now_h: float
    planned: Steps
    planned_end_h: float


def doses_if(so_far: SoFar, scenario: Scenario, slowed_to_mg_per_h: float | None = None) -> tuple[Dose, ...]:
    """Return the doses of a scenario: what was given, then the assumption until the planned end.

    Raises ValueError when a slowed rate is not named, is negative, or is above the current one.
    """
    before = [(at, rate) for at, rate in so_far.given if at <= so_far.now_h]
    end = max(so_far.planned_end_h, so_far.now_h)
    if scenario is Scenario.CURRENT_RATE:
        return from_rates(before, end)
    if scenario is Scenario.STOPPED_NOW:
        return from_rates(before, so_far.now_h)
    if scenario is Scenario.SLOWED:
        current = before[-1][1] if before else 0.0
        if slowed_to_mg_per_h is None or not 0 <= slowed_to_mg_per_h <= current:
            raise ValueError(f"slowed to {slowed_to_mg_per_h} mg/h: must be between 0 and the current {current:g} mg/h")
        return from_rates([*before, (so_far.now_h, slowed_to_mg_per_h)], end)
    rate_planned_now = [rate for at, rate in so_far.planned if at <= so_far.now_h][-1:]
    later = [(at, rate) for at, rate in so_far.planned if at > so_far.now_h]
    return from_rates([*before, *((so_far.now_h, rate) for rate in rate_planned_now), *later], end)


@dataclass(frozen=True, slots=True)
class RateAnswer:
    """Rates in mg/h by the share of virtual people who stay under the limit; the bands are those at the rate for 9 in 10.

    `at_most` says that even the highest rate asked about keeps the share under the limit; a rate of 0 that none does.
    """

    limit_mmhg: float
    rates_mg_per_h: Mapping[float, float]
    at_most: frozenset[float]
    rise_mmhg: Mapping[str, float]
    level_ng_per_ml: Mapping[str, float]


def rate_under(
    subject: Subject,
    draws: Draws,
    weights: Floats,
    given: Sequence[Dose],
    span_h: tuple[float, float],
    limit_mmhg: float,
    highest_mg_per_h: float,
) -> RateAnswer:
    """Return the constant rates over `span_h` that keep the largest systolic rise of most virtual people under a limit.

    Levels are linear in the rate and the rise grows with it, so halving finds each rate. Raises ValueError for an empty
    span or a limit that is not above 0.
    """
    start, end = span_h
    if end <= start or limit_mmhg <= 0 or highest_mg_per_h <= 0:
        raise ValueError("the span, the limit and the highest rate must be greater than 0")
    times = np.linspace(start, end, GRID)
    effects = [one for one in subject.effects if PRESSURE in one.outputs]

    def largest(rate: float) -> dict[str, Floats]:
        doses = (*given, Dose(start, rate * (end - start), end - start))
        found = subject.outputs(draws, doses, times, effects)
        return {name: found[name].max(axis=1)[:, None] for name in (PRESSURE, subject.model.output)}

    def under(rate: float, share: float) -> bool:
        return float(weighted_quantile(largest(rate)[PRESSURE], weights, share)[0]) <= limit_mmhg

    at_most = frozenset(share for share in SHARES if under(highest_mg_per_h, share))
    rates = {
        share: highest_mg_per_h if share in at_most else _halved(share, highest_mg_per_h, under) for share in SHARES
    }
    peaks = largest(rates[0.90])
    bands = {
        name: {q: float(row[0]) for q, row in weighted_quantiles(values, weights).items()}
        for name, values in peaks.items()
    }
    return RateAnswer(limit_mmhg, rates, at_most, bands[PRESSURE], bands[subject.model.output])


def _halved(share: float, highest: float, under: Callable[[float, float], bool]) -> float:
    low, high = 0.0, highest
    for _step in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if under(middle, share) else (low, middle)
        if high - low < highest / 1000:
            break
    return low


def tenths_below(values: Floats, of_this_person: float) -> int:
    """Return in how many of ten simulated patients the value is lower, 0 to 10."""
    return int(np.floor(10 * float(np.mean(values < of_this_person)) + 0.5))
