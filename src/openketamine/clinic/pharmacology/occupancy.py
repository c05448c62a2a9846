"""Receptor occupancy for the basis page: a span across published affinities at the model's own peak, never one number."""

from dataclasses import dataclass

import numpy as np

from openketamine.clinic.pharmacology.prediction import MODEL
from openketamine.core.pharmacology.flags import occupancy_span
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.predict import concentrations
from openketamine.evidence import effects
from openketamine.evidence.basis import Basis, basis
from openketamine.evidence.pk_models import pk_model
from openketamine.evidence.regimen import regimen

EXAMPLE_REGIMEN = "depression_iv_racemic"
"""The shipped regimen whose usual dose makes the example level; nobody's own dose."""
MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True, slots=True)
class Occupancy:
    """The typical person's arterial peak under the example regimen, the span there in per cent, and every affinity with its source."""

    level_ng_per_ml: float
    low_percent: float
    high_percent: float
    numbers: Basis


def occupancy() -> Occupancy:
    """Return the span at the peak of the example regimen's usual dose, in a person of the model's reference weight."""
    rules, model = regimen(EXAMPLE_REGIMEN), pk_model(MODEL)
    hours, weight = float(rules.duration_min) / MINUTES_PER_HOUR, model.reference_weight_kg
    dose = Dose(0.0, float(rules.dose_mg_per_kg or 0) * weight, hours)
    level = concentrations(model.typical(weight), [dose], np.array([hours]))[0]
    low, high = occupancy_span(effects.affinities(), level)
    numbers = basis("effect_flags", "nmda_occupancy")
    return Occupancy(float(level[0]), 100 * float(low[0]), 100 * float(high[0]), numbers)
