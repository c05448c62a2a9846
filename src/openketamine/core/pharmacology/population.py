"""Virtual people drawn from the published variability, deterministic from a seed, and bands of what they would show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.effects import Haemodynamics
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Disposition, Floats, PkModel
from openketamine.core.pharmacology.predict import concentrations

QUANTILES = {"p05": 0.05, "p50": 0.50, "p95": 0.95}
TIMES_AT_ONCE = 8
PEOPLE_AT_ONCE = 65536


@dataclass(frozen=True, slots=True)
class Ensemble:
    """n virtual people given this person's covariates: dispositions and their sensitivity to the effect (a factor on EC50)."""

    body: Disposition
    ec50_factor: Floats


def population(model: PkModel, effect: Haemodynamics | None, weight_kg: float, n: int, seed: int) -> Ensemble:
    """Draw an ensemble; raises ValueError for a model whose variability is unknown."""
    if model.variability is None:
        raise ValueError(f"{model.id} has no variability: a band cannot be drawn")
    chance = np.random.Generator(np.random.PCG64(seed))
    spread = model.variability
    omegas = [spread.central_volume, spread.elimination_clearance, spread.last_intercompartmental_clearance]
    etas = chance.standard_normal((n, 3)) * np.sqrt(omegas)
    sensitivity = chance.standard_normal(n) * (effect.ec50_log_sd if effect else 0.0)
    parts = [model.for_people(weight_kg, etas[i : i + PEOPLE_AT_ONCE]) for i in range(0, n, PEOPLE_AT_ONCE)]
    rates = np.concatenate([part.rates_per_h for part in parts])
    weights = np.concatenate([part.weights_per_l for part in parts])
    return Ensemble(Disposition(rates, weights), np.exp(sensitivity))


def bands(
    ensemble: Ensemble, model: PkModel, effect: Haemodynamics | None, doses: Sequence[Dose], times_h: Floats
) -> dict[str, dict[str, Floats]]:
    """Return 5, 50 and 95 % quantiles by output name; a few times at once, so that memory does not grow with the grid."""
    slices = [times_h[i : i + TIMES_AT_ONCE] for i in range(0, times_h.size, TIMES_AT_ONCE)]
    rows = [_quantiles(outputs(ensemble, model, effect, doses, part)) for part in slices]
    names = rows[0] if rows else {}
    return {name: {q: np.concatenate([row[name][q] for row in rows]) for q in QUANTILES} for name in names}


def outputs(
    ensemble: Ensemble, model: PkModel, effect: Haemodynamics | None, doses: Sequence[Dose], times_h: Floats
) -> dict[str, Floats]:
    """Return every output of every virtual person, arrays (n, times) by output name."""
    level = concentrations(ensemble.body, doses, times_h)
    rises = effect.rises(level, ensemble.ec50_factor[:, None]) if effect else {}
    return {model.output: level, **rises}


def _quantiles(values: dict[str, Floats]) -> dict[str, dict[str, Floats]]:
    return {name: {q: np.quantile(array, p, axis=0) for q, p in QUANTILES.items()} for name, array in values.items()}
