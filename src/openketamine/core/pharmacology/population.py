"""Virtual people drawn from the published variability, deterministic from a seed, and bands of what they would show.

People are drawn in chunks of 4,096, each from its own stream `SeedSequence(seed, spawn_key=(chunk,))`, so that any chunk
can be drawn anywhere (another process, another machine) and gives the same people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.effects import Haemodynamics
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Floats, PkModel, Variability
from openketamine.core.pharmacology.predict import concentrations
from openketamine.core.pharmacology.substance import Person
from openketamine.core.pharmacology.system import System

QUANTILES = {"p05": 0.05, "p50": 0.50, "p95": 0.95}
TIMES_AT_ONCE = 8
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Ensemble:
    """n virtual people given this person's covariates: their numbers and their sensitivity to the effect (a factor on EC50)."""

    body: System
    ec50_factor: Floats


def chance_of(seed: int, chunk: int) -> np.random.Generator:
    """Return the stream of random numbers of one chunk."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(chunk,))))


def draw_etas(spread: Variability, chance: np.random.Generator, people: int) -> Floats:
    """Return etas (people, varied parameters): between-subject with its covariances, plus one occasion."""
    size = len(spread.parameters)
    normals = chance.standard_normal((people, 2 * size))
    covariance = np.array(spread.between_subject)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    return np.asarray(normals[:, :size] @ root + normals[:, size:] * np.sqrt(spread.between_occasion))


def population(model: PkModel, effect: Haemodynamics | None, weight_kg: float, n: int, seed: int) -> Ensemble:
    """Draw an ensemble; raises ValueError for a model whose variability is unknown."""
    if model.variability is None:
        raise ValueError(f"{model.id} has no variability: a band cannot be drawn")
    etas, sensitivity = [], []
    for chunk, first in enumerate(range(0, n, CHUNK)):
        chance, people = chance_of(seed, chunk), min(CHUNK, n - first)
        etas.append(draw_etas(model.variability, chance, people))
        sensitivity.append(chance.standard_normal(people) * (effect.ec50_log_sd if effect else 0.0))
    body = model.system(Person(weight_kg), np.concatenate(etas))
    return Ensemble(body, np.exp(np.concatenate(sensitivity)))


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
