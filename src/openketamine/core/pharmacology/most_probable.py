"""The most probable person behind plasma levels: the etas of disposition at which prior times likelihood is greatest.

A single point, quickly; how wide the truth may lie about it is the business of `individualise`, which also learns from pressures
and scores. Prior and scatter are those of the ensemble: etas are normal, levels err as a Student-t on the log scale, and a venous
sample is held against the link to a vein.

Method: Newton's, in the prior's round coordinates, where the prior is a unit ball and nothing is badly scaled. Levels and how they
bend come from one call for a person and perturbed ones (differences of an exact solution). Far from the answer each miss pulls as
in weighted least squares, whose curvature is never too small; near it the true curvature arrives in a few rounds. A step that does
not improve is damped and tried again, so that a poor start costs rounds and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.distribution import root
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.likelihood import LEAST_NG
from openketamine.core.pharmacology.model import Floats, PkModel
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import SamplingSite

APART = 1e-4
"""Perturbation in prior standard deviations: the slopes of an exact solution are then good to about 1e-8."""
LAST, LAST_CAREFUL = 1e-4, 1e-8
"""A step so short, in prior standard deviations, is the last: the next one of the true curvature would be about its square."""
ROUNDS = 200
FARTHEST, CLOSE, FLATTEST = 2.0, 0.3, 0.2
"""No step is longer than FARTHEST prior standard deviations; the true curvature counts where the careful step is shorter than CLOSE
and it is nowhere less than FLATTEST.
"""
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class MostProbable:
    """`etas` (k,) in the order of the model's `variability.parameters`, on their log or logit scale, of this occasion.

    `covariance` (k, k) is that of a normal of the same curvature: a first idea of what the levels leave open. `rounds` is how often
    levels were computed.
    """

    etas: Floats
    covariance: Floats
    rounds: int


@dataclass(frozen=True, slots=True)
class _Here:
    """A point in round coordinates: minus log of prior times likelihood, its slope (k,) and its curvature (k, k).

    `true` says that it is the true curvature and not the careful one.
    """

    point: Floats
    badness: float
    slope: Floats
    curvature: Floats
    true: bool


def most_probable(
    subject: Subject, doses: Sequence[Dose], levels: Sequence[Observation], start: Floats | None = None
) -> MostProbable:
    """Return the most probable etas given levels in ng/mL, each at its hour and site; without levels they are all 0.

    `start` (k,) are etas to begin at, the typical person when None. Raises ValueError for a model whose variability is unknown, a
    subject without scatter, an observation that is no level, and a site that the model cannot say; ArithmeticError when no most
    probable point is found.
    """
    into, look = _landscape(subject, doses, levels)
    begin = np.zeros(into.shape[0])
    here, damping = look(begin if start is None else np.linalg.pinv(into) @ start), 0.0
    for rounds in range(1, ROUNDS):
        step = -np.linalg.solve(here.curvature + damping * np.eye(begin.size), here.slope)
        length = float(np.linalg.norm(step))
        if length < (LAST if here.true and not damping else LAST_CAREFUL):
            covariance = into @ np.linalg.inv(here.curvature) @ into.T
            return MostProbable(into @ (here.point + step), covariance, rounds)
        there = look(here.point + step * min(1.0, FARTHEST / length))
        better = there.badness <= here.badness + ROUNDING
        here, damping = (there, 0.0) if better else (here, max(1.0, 4 * damping))
    raise ArithmeticError(f"no most probable person after {ROUNDS} rounds")


def _landscape(
    subject: Subject, doses: Sequence[Dose], levels: Sequence[Observation]
) -> tuple[Floats, Callable[[Floats], _Here]]:
    """Return the matrix from round coordinates to etas, and what tells badness, slope and curvature at a point."""
    model, rows = _model_and_outputs(subject, levels)
    scatter, spread = subject.scatter, subject.model.variability
    if scatter is None:
        raise ValueError("observations need a scatter")
    if spread is None:
        raise ValueError(f"{subject.model.id} has no variability: nothing tells one person from another")
    into = root(np.array(spread.between_subject) + np.diag(spread.between_occasion))
    axes, pairs = np.eye(into.shape[0]), np.triu_indices(into.shape[0], 1)
    around = APART * np.vstack([0 * axes[:1], axes, -axes, axes[pairs[0]] + axes[pairs[1]]])
    times, place = np.unique([one.at_h for one in levels], return_inverse=True)
    seen = np.log(np.maximum([one.value for one in levels], LEAST_NG))
    scale = np.array([scatter.scale(scatter.level_log_sd[str(one.site)]) for one in levels])

    def look(point: Floats) -> _Here:
        found = solve(model.system(subject.person, (point + around) @ into.T), doses, times)
        shown = [np.log(np.maximum(found[name][:, i], LEAST_NG)) for name, i in zip(rows, place, strict=True)]
        off = (seen[:, None] - np.reshape(shown, (len(rows), len(around)))) / scale[:, None]
        return _judged(point, off, scatter.degrees_of_freedom, pairs)

    return into, look


def _judged(point: Floats, off: Floats, freedom: float, pairs: "tuple[np.ndarray, ...]") -> _Here:
    """Weigh standardised misses (levels, people): those of a point, up and down each axis, and up each pair of axes."""
    here, size = off[:, 0], point.size
    slopes, bends = _slopes_and_bends(off, size, pairs)
    pull = (freedom + 1) / (freedom + here**2)
    badness = float(point @ point) / 2 + (freedom + 1) / 2 * float(np.log1p(here**2 / freedom).sum())
    slope = point + slopes.T @ (pull * here)
    careful = np.eye(size) + slopes.T @ (pull[:, None] * slopes)
    own = pull * (freedom - here**2) / (freedom + here**2)
    true = np.eye(size) + slopes.T @ (own[:, None] * slopes) + bends @ (pull * here)
    near = float(np.linalg.norm(np.linalg.solve(careful, slope))) <= CLOSE
    well = near and (size == 0 or float(np.linalg.eigvalsh(true)[0]) >= FLATTEST)
    return _Here(point, badness, slope, true if well else careful, well)


def _slopes_and_bends(off: Floats, size: int, pairs: "tuple[np.ndarray, ...]") -> tuple[Floats, Floats]:
    """Return first (levels, k) and second derivatives (k, k, levels) of the misses from those of the perturbed people."""
    here, up, down, both = off[:, :1], off[:, 1 : size + 1], off[:, size + 1 : 2 * size + 1], off[:, 2 * size + 1 :]
    bends, (i, j) = np.empty((size, size, off.shape[0])), pairs
    bends[range(size), range(size)] = (up + down - 2 * here).T / APART**2
    bends[i, j] = bends[j, i] = (both - up[:, i] - up[:, j] + here).T / APART**2
    return (up - down) / (2 * APART), bends


def _model_and_outputs(subject: Subject, levels: Sequence[Observation]) -> tuple[PkModel, list[str]]:
    """Return the model that says all these levels, and the name of the output of each."""
    own, venous = subject.model.sampling_site, subject.venous
    for one in levels:
        if one.kind is not Kind.LEVEL:
            raise ValueError(f"{one.kind.value}: only levels are taken here")
        if one.site is not own and (one.site is not SamplingSite.VENOUS or venous is None):
            raise ValueError(f"level at the {one.site} site: {subject.model.id} cannot say it")
    linked, vein = venous or (subject.model, "")
    needs_link = any(one.site is not own for one in levels)
    names = [subject.model.output if one.site is own else vein for one in levels]
    return linked if needs_link else subject.model, names
