"""Virtual people drawn from the published variability, deterministic from a seed, and bands of what they would show.

People are drawn in chunks of 4,096, each from its own stream `SeedSequence(seed, spawn_key=(chunk,))`, so that any chunk
can be drawn anywhere (another process, another machine) and gives the same people.
"""

from collections.abc import Sequence

import numpy as np

from openketamine.core.pharmacology.distribution import Distribution
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.subject import Draws, Subject

QUANTILES = {"p05": 0.05, "p50": 0.50, "p95": 0.95}
TIMES_AT_ONCE = 8
CHUNK = 4096


def chance_of(seed: int, chunk: int = 0) -> np.random.Generator:
    """Return the stream of random numbers of one chunk."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(chunk,))))


def population(subject: Subject, n: int, seed: int, prior: Distribution | None = None) -> Draws:
    """Draw n virtual people: from the population, or from what was learned of this person (`prior`), on a new occasion.

    Raises ValueError for a model whose variability is unknown.
    """
    if subject.model.variability is None:
        raise ValueError(f"{subject.model.id} has no variability: a band cannot be drawn")
    sizes = [min(CHUNK, n - first) for first in range(0, n, CHUNK)]
    parts = [draw_chunk(subject, people, chance_of(seed, chunk), prior) for chunk, people in enumerate(sizes)]
    return Draws(np.concatenate([part.person for part in parts]), np.concatenate([part.occasion for part in parts]))


def draw_chunk(subject: Subject, people: int, chance: np.random.Generator, prior: Distribution | None = None) -> Draws:
    """Draw some people from one stream."""
    return Draws((prior or subject.lasting).draw(people, chance), subject.passing.draw(people, chance))


def typical(subject: Subject) -> Draws:
    """Return the typical person alone: all etas 0 on a typical occasion."""
    return Draws(np.zeros((1, len(subject.lasting.names))), np.zeros((1, len(subject.passing.names))))


def bands(subject: Subject, draws: Draws, doses: Sequence[Dose], times_h: Floats) -> dict[str, dict[str, Floats]]:
    """Return 5, 50 and 95 % quantiles by output name; a few times at once, so that memory does not grow with the grid."""
    slices = [times_h[i : i + TIMES_AT_ONCE] for i in range(0, times_h.size, TIMES_AT_ONCE)]
    rows = [_quantiles(subject.outputs(draws, doses, part)) for part in slices]
    names = rows[0] if rows else {}
    return {name: {q: np.concatenate([row[name][q] for row in rows]) for q in QUANTILES} for name in names}


def weighted_quantiles(values: Floats, weights: Floats) -> dict[str, Floats]:
    """Return the 5, 50 and 95 % quantiles over people of `values` (n, times) under `weights` (n,)."""
    ranked, share = _ranked(values, weights)
    return {name: _at_share(ranked, share, q) for name, q in QUANTILES.items()}


def weighted_quantile(values: Floats, weights: Floats, q: float) -> Floats:
    """Return one quantile over people of `values` (n, times) under `weights` (n,), shape (times,)."""
    return _at_share(*_ranked(values, weights), q)


def _ranked(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return values in rising order at each time, and the share of the weight up to each; sorting is what costs."""
    order = np.argsort(values, axis=0)
    return np.take_along_axis(values, order, axis=0), np.cumsum(weights[order], axis=0)


def _at_share(ranked: Floats, share: Floats, q: float) -> Floats:
    rows = np.minimum((share < q).sum(axis=0), ranked.shape[0] - 1)
    return np.asarray(np.take_along_axis(ranked, rows[None, :], axis=0)[0])


def _quantiles(values: dict[str, Floats]) -> dict[str, dict[str, Floats]]:
    return {name: {q: np.quantile(array, p, axis=0) for q, p in QUANTILES.items()} for name, array in values.items()}
