"""What the page draws: the curves of an example person, as plain arrays. A pure function of the three choices."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.mechanism import Hypothesis
from openketamine.core.pharmacology.population import population, typical, weighted_quantiles
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person
from openketamine.evidence import effects
from openketamine.evidence.learn import Example
from openketamine.evidence.mechanisms import hypotheses
from openketamine.evidence.pk_models import pk_model
from openketamine.evidence.response import response_model

MODEL = "kamp2020_racemic"
FELT, PRESSURE, BRAIN = "cadss_derived", "haemodynamics_derived", "brain_ng_per_ml"
PEOPLE = 400
MINUTES_PER_HOUR = 60.0
SHOWN_MIN, STEP_MIN = 180, 3
SHOWN_DAYS = 42
PLAN_DAYS = (0, 3, 7, 10, 14, 17)
HOURS = np.concatenate([np.linspace(0, 24, 97), np.linspace(26, 24 * 14, 160)])
Line = np.ndarray


@dataclass(frozen=True, slots=True)
class Curves:
    """Minutes, and by name the 5, 50 and 95 % lines of each output; `brain` is the level at the effect site, typical person."""

    minutes: Line
    bands: dict[str, dict[str, Line]]
    brain: Line


@lru_cache(maxsize=64)
def during(weight_kg: float, dose_mg_per_kg: float, minutes: float) -> Curves:
    """Return the curves of one infusion in people of a weight."""
    followed = tuple(effects.effect(name) for name in (FELT, PRESSURE))
    model = pk_model(MODEL).with_lag(BRAIN, pk_model(MODEL).output, followed[0].equilibration_per_h)
    who = Subject(model, Person(weight_kg), followed)
    doses = (Dose(0.0, dose_mg_per_kg * weight_kg, minutes / MINUTES_PER_HOUR),)
    grid = np.unique(np.append(np.arange(0, SHOWN_MIN + 1, STEP_MIN), minutes)).astype(float)
    shown = who.outputs(population(who, PEOPLE, 1), doses, grid / MINUTES_PER_HOUR)
    equal = np.full(PEOPLE, 1 / PEOPLE)
    bands = {name: weighted_quantiles(values, equal) for name, values in shown.items()}
    line = who.outputs(typical(who), doses, grid / MINUTES_PER_HOUR)
    return Curves(grid, bands, line[BRAIN][0])


def mood(example: Example) -> tuple[Line, dict[str, Line]]:
    """Return days and the mood score of this person if she responds, if not, and by care alone; six doses in three weeks."""
    days, model = np.linspace(0, SHOWN_DAYS, 253), response_model()
    lines = {
        "responds": model.fall(PLAN_DAYS, days, responder=True),
        "does_not": model.fall(PLAN_DAYS, days, responder=False),
    }
    return days, {name: np.maximum(example.mood_score - fall, 0.0) for name, fall in lines.items()}


def explanations() -> list[tuple[Hypothesis, dict[str, Line]]]:
    """Return each explanation with its curves over `HOURS`."""
    return [(one, one.curves(HOURS)) for one in hypotheses()]
