"""Concentration after any doses, in closed form: no step size exists anywhere."""

from collections.abc import Sequence

import numpy as np

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Disposition, Floats

NG_PER_ML_PER_MG_PER_L = 1000.0


def concentrations(body: Disposition, doses: Sequence[Dose], times_h: Floats) -> Floats:
    """Return central concentration in ng/mL, shape (n, times), at `times_h` (any order).

    Overlapping doses add; at the instant of a bolus the value includes it. During an infusion of rate R a mode of rate k
    and weight w holds R w / k (1 - exp(-k t)); afterwards that decays. Written with expm1 so that nothing cancels.
    """
    total = np.zeros((body.rates_per_h.shape[0], times_h.size))
    for dose in doses:
        total += _bolus(body, dose, times_h) if dose.duration_h == 0 else _infusion(body, dose, times_h)
    return total * NG_PER_ML_PER_MG_PER_L


def _bolus(body: Disposition, dose: Dose, times_h: Floats) -> Floats:
    since = times_h - dose.start_h
    modes = body.weights_per_l[:, :, None] * np.exp(-body.rates_per_h[:, :, None] * np.maximum(since, 0.0))
    return np.asarray(dose.amount_mg * modes.sum(axis=1) * (since >= 0))


def _infusion(body: Disposition, dose: Dose, times_h: Floats) -> Floats:
    since = np.clip(times_h - dose.start_h, 0.0, dose.duration_h)
    after = np.maximum(times_h - dose.start_h - dose.duration_h, 0.0)
    rates = body.rates_per_h[:, :, None]
    filled = -np.expm1(-rates * since) / rates * np.exp(-rates * after)
    return np.asarray(dose.amount_mg / dose.duration_h * (body.weights_per_l[:, :, None] * filled).sum(axis=1))
