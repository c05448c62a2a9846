"""How coordinates of virtual people are distributed: a normal distribution that may be skewed along one direction.

What is kept of a person must be compact and must not lose who they are. Of a person who responds weakly, readings say that the
response is not large and hardly how small it is: on the log scale a long tail to one side, and it is the low end of the next
session's band that suffers when a normal distribution forgets it. So beside mean and covariance the shape along the one
direction in which the people are most skewed is kept, as places of equal weight on a line.

Before anything was read of a person, how much people differ is itself an assumption, and may be wrong. `Doubt` says by how much: a
mixture of normals that are narrower and wider than assumed, so that somebody far from the others can be believed.
"""

from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist

import numpy as np

from openketamine.core.pharmacology.model import Floats

PLACES = 32
OWN_SD = 0.3
"""Standard deviation about each place, as a share of the whole: smooths the places, keeps nine tenths of the skewness."""
TURNS = 30
WIDTHS = 9


@dataclass(frozen=True, slots=True)
class Doubt:
    """Some coordinates whose standard deviations are all a factor times those assumed; each factor is equally likely.

    The coordinates are independent of each other and of all others, but for the factor.
    """

    rows: tuple[int, ...]
    factors: tuple[float, ...]


def factors_of(log_sd: float) -> tuple[float, ...]:
    """Return log-normal factors on standard deviations, WIDTHS of them at even quantiles; 1 alone when nothing is in doubt."""
    quantiles = ((place + 0.5) / WIDTHS for place in range(WIDTHS))
    return tuple(float(np.exp(log_sd * NormalDist().inv_cdf(one))) for one in quantiles) if log_sd > 0 else (1.0,)


@dataclass(frozen=True)
class Distribution:
    """A mixture of equally likely normals over named coordinates, all of one covariance, whose means lie on one line.

    `mean` and `covariance` are those of the whole. The normals stand at mean + place x along, one for each place; places have
    mean 0 and `along` has length 1 or less once the covariance is made round. A single place makes one normal, the usual case.
    Where the spread is in doubt, `mean` and `covariance` are what is assumed, factor 1.
    """

    names: tuple[str, ...]
    mean: Floats
    covariance: Floats
    along: Floats = field(default_factory=lambda: np.zeros(0))
    places: Floats = field(default_factory=lambda: np.zeros(1))
    doubts: tuple[Doubt, ...] = ()

    @cached_property
    def line(self) -> Floats:
        """The direction (d,) of the places; zeros where there is one place only."""
        return self.along if self.along.size else np.zeros(len(self.names))

    @cached_property
    def root(self) -> Floats:
        """A square root of the covariance, which may be singular: values = mean + round values @ root.T."""
        return root(self.covariance)

    @cached_property
    def tilt(self) -> tuple[Floats, float]:
        """The direction of the line among round values, as a unit vector (zeros when there is no line), and its length."""
        round_line = np.linalg.pinv(self.root) @ self.line
        length = float(np.linalg.norm(round_line))
        return (round_line / length if length > 0 else round_line), length

    @cached_property
    def own_variance(self) -> float:
        """Variance about each place along the line, among round values."""
        return 1.0 - float(self.places.var()) * self.tilt[1] ** 2

    def draw(self, n: int, chance: np.random.Generator) -> Floats:
        """Draw n points (n, d)."""
        return np.asarray(self.mean + self.round_draw(n, chance) @ self.root.T)

    def round_draw(self, n: int, chance: np.random.Generator) -> Floats:
        """Draw n points whose mean is 0 and whose covariance is the identity, but for spreads in doubt."""
        points = chance.standard_normal((n, len(self.names)))
        if self.places.size > 1:
            unit, length = self.tilt
            own = points @ unit
            there = self.places[chance.integers(self.places.size, size=n)] * length
            points += np.outer(there + (np.sqrt(self.own_variance) - 1) * own, unit)
        for doubt in self.doubts:
            points[:, doubt.rows] *= np.array(doubt.factors)[chance.integers(len(doubt.factors), size=n)][:, None]
        return points

    def round_log_density(self, points: Floats) -> Floats:
        """Return the log density (n,) of such points, up to a constant."""
        density = -(points**2).sum(axis=1) / 2
        if self.places.size > 1:
            unit, length = self.tilt
            own = points @ unit
            each = -((own[:, None] - self.places * length) ** 2) / (2 * self.own_variance)
            density += _log_of_sum(each) + own**2 / 2
        for doubt in self.doubts:
            square, factors = (points[:, doubt.rows] ** 2).sum(axis=1) / 2, np.array(doubt.factors)
            density += _log_of_sum(-square[:, None] / factors**2 - len(doubt.rows) * np.log(factors)) + square
        return np.asarray(density)

    def joined(self, other: "Distribution", some: "np.ndarray") -> "Distribution":
        """Return this and some coordinates of a normal that is independent of it as one."""
        size, more = len(self.names), some.size
        covariance = np.zeros((size + more,) * 2)
        covariance[:size, :size] = self.covariance
        covariance[size:, size:] = other.covariance[np.ix_(some, some)]
        names = (*self.names, *(other.names[i] for i in some))
        mean, line = np.concatenate([self.mean, other.mean[some]]), np.pad(self.line, (0, more))
        return Distribution(names, mean, covariance, line, self.places, self.doubts)


def _log_of_sum(each: Floats) -> Floats:
    """Return the log of the sum of exponentials of each row."""
    top = each.max(axis=1)
    return np.asarray(top + np.log(np.exp(each - top[:, None]).sum(axis=1)))


def root(covariance: Floats) -> Floats:
    """Return the symmetric square root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(covariance) if covariance.size else (np.zeros(0), covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T)


def distribution_of(names: tuple[str, ...], values: Floats, weights: Floats) -> Distribution:
    """Return what weighted points (n, d) are kept as: mean, covariance, and the shape along their most skewed direction."""
    mean = weights @ values
    off = values - mean
    covariance = (off * weights[:, None]).T @ off
    into = root(covariance)
    points = off @ np.linalg.pinv(into)
    unit = most_skewed(points, weights)
    return Distribution(names, mean, covariance, into @ unit, places_of(points @ unit, weights))


def most_skewed(points: Floats, weights: Floats) -> Floats:
    """Return the unit direction with the largest third moment: power iteration on the tensor of third moments from each axis."""
    directions = np.vstack([weights @ ((points**2).sum(axis=1)[:, None] * points), np.eye(points.shape[1])])
    for _turn in range(TURNS):
        directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-300)
        directions = ((points @ directions.T) ** 2 * weights[:, None]).T @ points
    moments = np.linalg.norm(directions, axis=1)
    best = int(moments.argmax())
    return np.asarray(directions[best] / moments[best]) if moments[best] > 0 else np.eye(points.shape[1])[0]


def places_of(values: Floats, weights: Floats) -> Floats:
    """Return the means of PLACES equal shares of weighted values (n,), scaled so that with OWN_SD about each the variance is 1."""
    order = np.argsort(values)
    shares = np.concatenate([[0.0], np.cumsum(weights[order])])
    sums = np.concatenate([[0.0], np.cumsum((weights * values)[order])])
    places = PLACES * np.diff(np.interp(np.linspace(0, 1, PLACES + 1), shares / shares[-1], sums))
    places -= places.mean()
    spread = places.std()
    return np.asarray(places * np.sqrt(1 - OWN_SD**2) / spread) if spread > 0 else np.zeros(1)
