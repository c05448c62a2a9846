"""Questions before an infusion: which constant rate keeps the systolic rise under a limit, and where a person stands."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np

from openketamine.clinic.pharmacology.prediction import MINUTES_PER_HOUR, MODEL, PEOPLE, PRESSURE, Prior
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.population import population
from openketamine.core.pharmacology.subject import Draws, Subject
from openketamine.core.pharmacology.substance import Person
from openketamine.core.pharmacology.what_if import rate_under, tenths_below
from openketamine.evidence.regimen import Regimen
from openketamine.evidence.subjects import subject


@dataclass(frozen=True, slots=True)
class RateLine:
    """One share of simulated patients, the rate that keeps so many under the limit, as mg/h, mg in all and mg/kg."""

    of_hundred: int
    mg_per_h: float
    mg: float
    mg_per_kg: float
    highest: bool


@dataclass(frozen=True, slots=True)
class RateView:
    """An answer for the screen."""

    limit_mmhg: float
    highest_mg_per_kg: float
    lines: tuple[RateLine, ...]
    rise: dict[str, float]
    level: dict[str, float]


@dataclass(frozen=True, slots=True)
class RateAsked:
    """Weight in kg, minutes of the infusion, and the systolic rise to stay under."""

    weight_kg: float
    duration_min: float
    limit_mmhg: float


def rate_for(rules: Regimen, prior: Prior | None, seed: int, asked: RateAsked) -> RateView | None:
    """Return the rates that keep 95, 90 and 75 of 100 simulated patients under a limit, up to the regimen's highest dose.

    None where the regimen knows no highest dose: neither a cap nor a dose is set.
    """
    weight_kg, duration_min, limit_mmhg = asked.weight_kg, asked.duration_min, asked.limit_mmhg
    hours = duration_min / MINUTES_PER_HOUR
    cap = rules.rules.caps.highest_mg_per_kg(Decimal(str(weight_kg)), Decimal(str(duration_min)), Decimal(0))
    highest = float(cap or rules.dose_mg_per_kg or 0)
    if not highest:
        return None
    who, draws = _people(prior, seed, weight_kg)
    equal = np.full(PEOPLE, 1 / PEOPLE)
    found = rate_under(who, draws, equal, (), (0.0, hours), limit_mmhg, highest * weight_kg / hours)
    lines = [
        RateLine(round(100 * share), rate, rate * hours, rate * hours / weight_kg, share in found.at_most)
        for share, rate in found.rates_mg_per_h.items()
    ]
    return RateView(limit_mmhg, highest, tuple(lines), dict(found.rise_mmhg), dict(found.level_ng_per_ml))


def standing(rules: Regimen, prior: Prior, seed: int, weight_kg: float) -> int | None:
    """Return in how many of ten simulated patients of this weight the systolic peak of the regimen's dose is lower than here."""
    if rules.dose_mg_per_kg is None:
        return None
    hours = float(rules.duration_min) / MINUTES_PER_HOUR
    doses = (Dose(0, float(rules.dose_mg_per_kg) * weight_kg, hours),)
    who, here = _people(prior, seed, weight_kg)
    _same, anybody = _people(None, seed, weight_kg)
    peaks = [who.outputs(draws, doses, np.array([hours]))[PRESSURE][:, 0] for draws in (here, anybody)]
    return tenths_below(peaks[1], float(np.median(peaks[0])))


@lru_cache(maxsize=32)
def _people(prior: Prior | None, seed: int, weight_kg: float) -> tuple[Subject, Draws]:
    who = subject(MODEL, Person(weight_kg))
    return who, population(who, PEOPLE, seed, prior.distribution() if prior else None)
