"""An ensemble conditioned on what was observed of this very person. A pure function: a corrected reading means recompute.

Method: adaptive importance sampling. Virtual people are drawn from a proposal, at first the prior, and weighted by prior
times likelihood over proposal. When too few of them would carry the weight, the likelihood is tempered until enough do; the
mean and covariance of the weighted people become the next proposal (a Student-t, heavier than what it approximates), and the
likelihood counts in full again as soon as it can. The effective number of people never falls below `FLOOR` of n: if the last
proposal still cannot carry the whole likelihood, the answer keeps the tempered weights, its band stays wider, and
`believed` says by how much less than fully the observations count.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.likelihood import OUTPUT, log_likelihood
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.observation import OFFSETS, Kind, Observation
from openketamine.core.pharmacology.subject import SCATTER, Draws, Normal, Subject

FLOOR = 0.2
GOOD = 0.4
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
    prior: Normal,
    doses: Sequence[Dose],
    seen: Sequence[Observation],
    n: int,
    chance: np.random.Generator,
) -> Individual:
    """Return n weighted virtual people given a prior over the lasting coordinates and what was seen on this occasion."""
    whole = joint(prior, subject.passing)
    split = len(prior.names)
    active = np.flatnonzero(_touched(whole.names, subject, seen))
    likely = log_likelihood(subject, doses, seen) if seen else None
    some = Normal(tuple(whole.names[i] for i in active), whole.mean[active], whole.covariance[np.ix_(active, active)])

    def draws_of(values: Floats, rest: Floats) -> Draws:
        filled = completed(whole, active, values, rest)
        return Draws(filled[:, :split], filled[:, split:])

    rest = chance.standard_normal((n, len(whole.names) - active.size))
    found = sample(some, lambda values: likely(draws_of(values, rest)) if likely else np.zeros(n), n, chance)
    return Individual(draws_of(found.values, rest), found.weights, found.effective, found.believed, len(seen))


def learned(person: Individual, names: tuple[str, ...]) -> Normal:
    """Return what is kept of a person: mean and covariance of the lasting coordinates, the prior of the next occasion."""
    mean = person.weights @ person.draws.person
    off = person.draws.person - mean
    return Normal(names, mean, (off * person.weights[:, None]).T @ off)


def joint(first: Normal, second: Normal) -> Normal:
    """Return two independent normals as one."""
    size = len(first.names)
    covariance = np.zeros((size + len(second.names),) * 2)
    covariance[:size, :size], covariance[size:, size:] = first.covariance, second.covariance
    return Normal(first.names + second.names, np.concatenate([first.mean, second.mean]), covariance)


def completed(whole: Normal, active: "np.ndarray", values: Floats, rest: Floats) -> Floats:
    """Return full coordinates: the active ones as given, the others drawn from the normal given them (`rest` standard normal)."""
    others = np.setdiff1d(np.arange(len(whole.names)), active)
    filled = np.empty((values.shape[0], len(whole.names)))
    filled[:, active] = values
    own = whole.covariance[np.ix_(others, others)]
    shared = whole.covariance[np.ix_(others, active)]
    slope = np.linalg.solve(whole.covariance[np.ix_(active, active)], shared.T).T if active.size else shared
    filled[:, others] = (
        whole.mean[others] + (values - whole.mean[active]) @ slope.T + rest @ root(own - slope @ shared.T).T
    )
    return filled


def root(covariance: Floats) -> Floats:
    """Return a square root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(covariance) if covariance.size else (np.zeros(0), covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _touched(names: tuple[str, ...], subject: Subject, seen: Sequence[Observation]) -> "np.ndarray":
    """Say which coordinates an observation can say anything about."""
    kinds = {one.kind for one in seen}
    if Kind.MEAN in kinds:
        kinds |= {Kind.SYSTOLIC, Kind.DIASTOLIC}
    starts = ["pk."] if kinds else []
    starts += [f"{one.id}." for one in subject.effects if any(OUTPUT.get(kind) in one.outputs for kind in kinds)]
    starts += [OFFSETS[kind] for kind in kinds if kind in OFFSETS]
    starts += [SCATTER] if any(kind in OFFSETS for kind in kinds) else []
    return np.array([name.startswith(tuple(starts)) if starts else False for name in names])


@dataclass(frozen=True, slots=True)
class Sample:
    """Weighted values (n, d) of a target known up to a constant."""

    values: Floats
    weights: Floats
    effective: float
    believed: float


def sample(prior: Normal, log_likelihood: Callable[[Floats], Floats], n: int, chance: np.random.Generator) -> Sample:
    """Draw n weighted values of prior times likelihood; see the head of this file."""
    size = len(prior.names)
    into = root(prior.covariance)
    centre, spread, freedom = np.zeros(size), np.eye(size), np.inf
    tried: list[Sample] = []
    for _round in range(ROUNDS if size else 1):
        white, log_proposal = _proposed(centre, spread, freedom, n, chance)
        base = -(white**2).sum(axis=1) / 2 - log_proposal
        values = prior.mean + white @ into.T
        like = log_likelihood(values)
        believed = _tempered(base, like)
        weights = _normalised(base + believed * like)
        tried.append(Sample(values, weights, _effective(weights), believed))
        if believed == 1.0 and tried[-1].effective >= GOOD * n:
            break
        centre = weights @ white
        spread = ((white - centre) * weights[:, None]).T @ (white - centre)
        freedom = PROPOSAL_FREEDOM
    return max(tried, key=lambda one: (one.believed, one.effective))


def _proposed(
    centre: Floats, spread: Floats, freedom: float, n: int, chance: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw from a multivariate Student-t (a normal when freedom is infinite); return values and log density up to a constant."""
    size = centre.size
    lower = np.linalg.cholesky(spread + 1e-9 * np.eye(size)) if size else spread
    normal = chance.standard_normal((n, size))
    if np.isinf(freedom):
        return centre + normal @ lower.T, -(normal**2).sum(axis=1) / 2
    stretched = normal * np.sqrt(freedom / chance.chisquare(freedom, n))[:, None]
    log_density = -(freedom + size) / 2 * np.log1p((stretched**2).sum(axis=1) / freedom)
    return centre + stretched @ lower.T, log_density


def _tempered(base: Floats, like: Floats) -> float:
    """Return the largest share of the likelihood, at most 1, that leaves the floor of effective people; by bisection."""
    floor = FLOOR * base.size
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
