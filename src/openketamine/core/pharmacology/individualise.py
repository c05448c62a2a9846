"""An ensemble conditioned on what was observed of this very person. A pure function: a corrected reading means recompute.

Method: adaptive importance sampling. Virtual people are drawn from a proposal, at first the prior, and weighted by prior
times likelihood over proposal. When too few of them would carry the weight, the likelihood is tempered until enough do; the
mean and covariance of the weighted people become the next proposal (a Student-t, heavier than what it approximates), and the
likelihood counts in full again as soon as it can.

A proposal may rest on fewer people than an answer (`DARING`): fitted to a timidly tempered likelihood it is as wide as that, and
may never arrive at readings that are far from what was expected. The effective number of people of the answer never falls
below `FLOOR` of n: if the last proposal still cannot carry the whole likelihood, the answer keeps the tempered weights, its band
stays wider, and `believed` says by how much less than fully the observations count.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.distribution import Distribution, distribution_of
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.likelihood import OUTPUT, log_likelihood
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.observation import OFFSETS, Kind, Observation
from openketamine.core.pharmacology.subject import Draws, Subject

FLOOR = 0.2
GOOD = 0.4
DARING = 0.05
FEWEST = 3
"""A proposal is fitted to at least DARING of n effective people, and to FEWEST for each coordinate."""
ROUNDS = 10
PROPOSAL_FREEDOM = 10.0


@dataclass(frozen=True, slots=True)
class Individual:
    """Virtual people of one person after what was seen: draws, weights (n,) that sum to 1, and how good they are."""

    draws: Draws
    weights: Floats
    effective_people: float
    believed: float
    observations: int


def individualise(
    subject: Subject,
    prior: Distribution,
    doses: Sequence[Dose],
    seen: Sequence[Observation],
    n: int,
    chance: np.random.Generator,
) -> Individual:
    """Return n weighted virtual people given a prior over the lasting coordinates and what was seen on this occasion.

    Coordinates of the occasion that no observation says anything about are drawn as they are.
    """
    passing, lasting = subject.passing, len(prior.names)
    active = np.flatnonzero(_touched(subject, seen))
    likely = log_likelihood(subject, doses, seen) if seen else None
    untouched = passing.draw(n, chance)

    def draws_of(values: Floats) -> Draws:
        occasion = untouched.copy()
        occasion[:, active] = values[:, lasting:]
        return Draws(values[:, :lasting], occasion)

    found = sample(
        prior.joined(passing, active), lambda values: likely(draws_of(values)) if likely else np.zeros(n), n, chance
    )
    return Individual(draws_of(found.values), found.weights, found.effective, found.believed, len(seen))


def learned(person: Individual, names: tuple[str, ...]) -> Distribution:
    """Return what is kept of a person, the prior of the next occasion: how the lasting coordinates are distributed."""
    return distribution_of(names, person.draws.person, person.weights)


def _touched(subject: Subject, seen: Sequence[Observation]) -> "np.ndarray":
    """Say which coordinates of the occasion an observation can say anything about."""
    kinds = {one.kind for one in seen}
    if Kind.MEAN in kinds:
        kinds |= {Kind.SYSTOLIC, Kind.DIASTOLIC}
    starts = ["pk."] if kinds else []
    starts += [f"{one.id}." for one in subject.effects if any(OUTPUT.get(kind) in one.outputs for kind in kinds)]
    starts += [OFFSETS[kind] for kind in kinds if kind in OFFSETS]
    return np.array([name.startswith(tuple(starts)) if starts else False for name in subject.passing.names], dtype=bool)


@dataclass(frozen=True, slots=True)
class Sample:
    """Weighted values (n, d) of a target known up to a constant."""

    values: Floats
    weights: Floats
    effective: float
    believed: float


def sample(
    prior: Distribution,
    log_likelihood: Callable[[Floats], Floats],
    n: int,
    chance: np.random.Generator,
    *,
    floor: float = FLOOR,
    rounds: int = ROUNDS,
) -> Sample:
    """Draw n weighted values of prior times likelihood; see the head of this file. A lower floor dares more in each round."""
    size = len(prior.names)
    points = prior.round_draw(n, chance)
    log_proposal = prior.round_log_density(points)
    tried: list[Sample] = []
    for _round in range(rounds if size else 1):
        base = prior.round_log_density(points) - log_proposal
        values = prior.mean + points @ prior.root.T
        like = log_likelihood(values)
        believed = _tempered(base, like, floor * n)
        weights = _normalised(base + believed * like)
        tried.append(Sample(values, weights, _effective(weights), believed))
        if believed == 1.0 and tried[-1].effective >= GOOD * n:
            break
        daring = _tempered(base, like, min(floor * n, max(DARING * n, FEWEST * size)))
        weights = _normalised(base + daring * like)
        centre = weights @ points
        spread = ((points - centre) * weights[:, None]).T @ (points - centre)
        points, log_proposal = _proposed(centre, spread, n, chance)
    return max(tried, key=lambda one: (one.believed, one.effective))


def _proposed(centre: Floats, spread: Floats, n: int, chance: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw from a multivariate Student-t; return points and log density up to a constant."""
    size, freedom = centre.size, PROPOSAL_FREEDOM
    lower = np.linalg.cholesky(spread + 1e-9 * np.eye(size))
    normal = chance.standard_normal((n, size))
    stretched = normal * np.sqrt(freedom / chance.chisquare(freedom, n))[:, None]
    log_density = -(freedom + size) / 2 * np.log1p((stretched**2).sum(axis=1) / freedom)
    return centre + stretched @ lower.T, log_density


def _tempered(base: Floats, like: Floats, floor: float) -> float:
    """Return the largest share of the likelihood, at most 1, that leaves the floor of effective people; by bisection."""
    if _effective(_normalised(base + like)) >= floor:
        return 1.0
    low, high = 0.0, 1.0
    for _halving in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if _effective(_normalised(base + middle * like)) >= floor else (low, middle)
    return low


def _normalised(log_weights: Floats) -> Floats:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _effective(weights: Floats) -> float:
    return float(1 / (weights**2).sum())
