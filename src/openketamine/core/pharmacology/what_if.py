"""What would follow: at the current rate, if stopped now, if set to another, if the plan continues; and which rate keeps a rise under a limit.

Information, never an order: each answer is named by its assumption and writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from openketamine.core.pharmacology.infusion import Dose, amount_by, from_rates, hour_through, until_through
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
    SET_TO = "set_to"
    PLAN = "plan"


Steps = Sequence[tuple[float, float]]
"""Rate steps as (hour, rate), sorted by hour; a pause is a step of rate 0."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """Rate steps as recorded up to `now_h`, the rate steps that were ordered, and how much was ordered in all.

    Rates in mg/h and `whole` in mg, or mL/h and mL. The last ordered rate goes on until the whole is through.
    """

    given: Steps
    now_h: float
    planned: Steps
    whole: float

    @property
    def before(self) -> tuple[tuple[float, float], ...]:
        """The steps up to now; from the hour at which the whole was through nothing was given."""
        return tuple((at, rate) for at, rate in until_through(self.given, self.whole) if at <= self.now_h)


def ahead(so_far: SoFar, scenario: Scenario, set_to: float | None = None) -> tuple[tuple[float, float], ...]:
    """Return the rate steps from now on under an assumption: until what was ordered is through, and 0 from then on.

    The plan continues where it was left: late by as much as the infusion is late. Raises ValueError for a rate that is not
    named or negative.
    """
    before, now = so_far.before, so_far.now_h
    running = before[-1][1] if before else 0.0
    changes = tuple(_assumed(so_far, scenario, set_to))
    changes = changes[1:] if changes and changes[0][1] == running else changes
    end = hour_through((*before, *changes), so_far.whole)
    if end is None:
        return changes
    return (*((at, rate) for at, rate in changes if at < end), (max(end, now), 0.0))


def _assumed(so_far: SoFar, scenario: Scenario, set_to: float | None) -> Iterator[tuple[float, float]]:
    if scenario is Scenario.PLAN:
        yield from _rest_of_plan(so_far)
    elif scenario is Scenario.STOPPED_NOW:
        yield so_far.now_h, 0.0
    elif scenario is Scenario.SET_TO:
        if set_to is None or not set_to >= 0:
            raise ValueError(f"set to {set_to}: must be a rate of at least 0")
        yield so_far.now_h, set_to


def _rest_of_plan(so_far: SoFar) -> Iterator[tuple[float, float]]:
    """The planned steps after the place at which the plan has given as much as was given by now, from now on."""
    place = hour_through(so_far.planned, amount_by(so_far.before, so_far.now_h))
    if place is None:
        yield so_far.now_h, 0.0
        return
    late = so_far.now_h - place
    yield so_far.now_h, [rate for at, rate in so_far.planned if at <= place][-1]
    yield from ((at + late, rate) for at, rate in so_far.planned if at > place)


def doses_if(so_far: SoFar, scenario: Scenario, set_to: float | None = None) -> tuple[Dose, ...]:
    """Return the doses of a scenario, for rates in mg/h: what was given, then the assumption. Raises ValueError as `ahead` does."""
    steps = (*so_far.before, *ahead(so_far, scenario, set_to))
    return from_rates(steps, max(so_far.now_h, steps[-1][0])) if steps else ()


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
