"""The predicted level and pressure of one person in one infusion, with its band. A pure function of what is recorded.

Nothing here is stored: a process may keep a result by its arguments, and a corrected reading means another result.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from openketamine.core.pharmacology.individualise import CuffRise, individualise, weighted_quantiles
from openketamine.core.pharmacology.infusion import from_rates
from openketamine.core.pharmacology.population import Ensemble, outputs, population
from openketamine.evidence import pharmacology as evidence

MODEL = "kamp2020_racemic"
PEOPLE = 600
MINUTES_PER_HOUR = 60.0
PRESSURE = "systolic_rise_mmhg"


@dataclass(frozen=True, slots=True)
class Question:
    """What to predict: weight in kg, rate steps as (minute, mg/h), minute at which the last rate ends, cuff rises seen."""

    weight_kg: float
    steps: tuple[tuple[float, float], ...]
    end_min: float
    times_min: tuple[float, ...]
    cuffs: tuple[tuple[float, float], ...] = ()
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Prediction:
    """Bands by output name (5, 50, 95 %), for this person and for the population they are drawn from."""

    times_min: tuple[float, ...]
    person: dict[str, dict[str, list[float]]]
    population: dict[str, dict[str, list[float]]]
    learned_from: int
    effective_people: float


@lru_cache(maxsize=256)
def predict(question: Question) -> Prediction:
    """Return the bands for one question; the same question gives the same answer to the last bit."""
    model, effect = evidence.pk_model(MODEL), evidence.haemodynamics()
    people = _people(question.weight_kg, question.seed)
    steps = [(minute / MINUTES_PER_HOUR, rate) for minute, rate in question.steps]
    doses = from_rates(steps, question.end_min / MINUTES_PER_HOUR)
    seen = [CuffRise(minute / MINUTES_PER_HOUR, rise) for minute, rise in question.cuffs]
    weights = individualise(people, model, effect, doses, seen, evidence.cuff_residual())
    equal = np.full(weights.size, 1 / weights.size)
    shown = outputs(people, model, effect, doses, np.array(question.times_min) / MINUTES_PER_HOUR)
    wanted = {name: shown[name] for name in (model.output, PRESSURE)}
    return Prediction(
        question.times_min,
        {name: _listed(values, weights) for name, values in wanted.items()},
        {name: _listed(values, equal) for name, values in wanted.items()},
        len(seen),
        float(1 / (weights**2).sum()),
    )


@lru_cache(maxsize=64)
def _people(weight_kg: float, seed: int) -> Ensemble:
    return population(evidence.pk_model(MODEL), evidence.haemodynamics(), weight_kg, PEOPLE, seed)


def _listed(values: np.ndarray, weights: np.ndarray) -> dict[str, list[float]]:
    return {name: [float(value) for value in row] for name, row in weighted_quantiles(values, weights).items()}
