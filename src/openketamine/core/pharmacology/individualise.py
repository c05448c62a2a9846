"""An ensemble re-weighted by what was observed of this very person. A pure function: a corrected reading means recompute."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.effects import Haemodynamics
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Floats, PkModel
from openketamine.core.pharmacology.population import QUANTILES, Ensemble, outputs


@dataclass(frozen=True, slots=True)
class CuffRise:
    """A systolic cuff reading as its rise over baseline, in mm[Hg], at a time in hours from the start of the infusion."""

    at_h: float
    rise_mmhg: float


@dataclass(frozen=True, slots=True)
class Residual:
    """How a cuff reading scatters about the truth: a Student-t of this scale and these degrees of freedom, robust to outliers."""

    scale_mmhg: float
    degrees_of_freedom: float


def individualise(
    ensemble: Ensemble,
    model: PkModel,
    effect: Haemodynamics,
    doses: Sequence[Dose],
    seen: Sequence[CuffRise],
    residual: Residual,
) -> Floats:
    """Return the weight of each virtual person, summing to 1; equal weights when nothing was observed."""
    count = ensemble.ec50_factor.size
    if not seen:
        return np.full(count, 1 / count)
    times_h = np.array([reading.at_h for reading in seen])
    predicted = outputs(ensemble, model, effect, doses, times_h)["systolic_rise_mmhg"]
    off = (np.array([reading.rise_mmhg for reading in seen]) - predicted) / residual.scale_mmhg
    log_likelihood = -(residual.degrees_of_freedom + 1) / 2 * np.log1p(off**2 / residual.degrees_of_freedom)
    log_weights = log_likelihood.sum(axis=1)
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def weighted_quantiles(values: Floats, weights: Floats) -> dict[str, Floats]:
    """Return the 5, 50 and 95 % quantiles over people of `values` (n, times) under `weights` (n,)."""
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0)
    heights = np.cumsum(weights[order], axis=0)
    found = {q: np.minimum((heights < p).sum(axis=0), values.shape[0] - 1) for q, p in QUANTILES.items()}
    return {q: np.take_along_axis(ranked, rows[None, :], axis=0)[0] for q, rows in found.items()}
