"""How virtual people are distributed: what is kept of a person, and a spread that is itself in doubt."""

from statistics import NormalDist

import numpy as np
import pytest

from openketamine.core.pharmacology.distribution import Distribution, Doubt, distribution_of, factors_of


def test_what_is_kept_of_skewed_people_keeps_their_mean_spread_and_tail():
    """A long tail along one slanted direction of three, as of a person who responds weakly."""
    chance = np.random.default_rng(2)
    tail = -chance.gamma(2.0, 1.0, 20_000)
    values = chance.standard_normal((20_000, 3)) * 0.3 + np.outer(tail, [0.6, 0.0, 0.8])
    weights = np.full(20_000, 1 / 20_000)

    kept = distribution_of(("a", "b", "c"), values, weights)
    plain = Distribution(kept.names, kept.mean, kept.covariance)
    again, normal = kept.draw(100_000, chance), plain.draw(100_000, chance)

    assert again.mean(axis=0) == pytest.approx(values.mean(axis=0), abs=0.02)
    assert np.cov(again.T) == pytest.approx(np.cov(values.T), abs=0.03)
    along = np.array([0.6, 0.0, 0.8])
    for q in (0.01, 0.05, 0.95, 0.99):
        true, kept_q, plain_q = (np.quantile(x @ along, q) for x in (values, again, normal))
        assert abs(kept_q - true) < 0.5 * abs(plain_q - true)


def test_the_density_is_that_of_what_is_drawn():
    """Weights of density over density turn draws of a plain normal into draws of the skewed one."""
    chance = np.random.default_rng(3)
    skewed = distribution_of(("a", "b"), np.exp(0.5 * chance.standard_normal((4000, 2))), np.full(4000, 1 / 4000))
    wide = 1.5 * chance.standard_normal((200_000, 2))
    weights = np.exp(skewed.round_log_density(wide) + (wide**2).sum(axis=1) / (2 * 1.5**2))
    weights /= weights.sum()
    drawn = skewed.round_draw(200_000, chance)

    for power in (1, 2, 3):
        assert weights @ wide**power == pytest.approx((drawn**power).mean(axis=0), abs=0.06)
    assert weights @ wide**2 == pytest.approx([1, 1], abs=0.03)


IN_DOUBT = Distribution(
    ("a", "b", "c"), np.zeros(3), np.diag([4.0, 0.25, 1.0]), doubts=(Doubt((0, 1), factors_of(0.5)),)
)


def test_factors_of_doubt_reach_from_half_to_twice_and_there_is_one_alone_without_doubt():
    assert factors_of(0.0) == (1.0,)
    assert factors_of(0.5)[4] == 1.0
    assert np.log(factors_of(0.5)).std() == pytest.approx(0.5, rel=0.1)
    assert factors_of(0.5)[0] * factors_of(0.5)[-1] == pytest.approx(1)


def test_where_the_spread_is_in_doubt_more_people_are_far_from_the_others():
    far = np.abs(IN_DOUBT.draw(200_000, np.random.default_rng(5))) > 3 * np.sqrt(np.diag(IN_DOUBT.covariance))
    expected = np.mean([2 * NormalDist().cdf(-3 / factor) for factor in factors_of(0.5)])

    assert far[:, :2].mean(axis=0) == pytest.approx(expected, rel=0.05)
    assert far[:, 2].mean() == pytest.approx(2 * NormalDist().cdf(-3), rel=0.1)
    assert expected > 8 * 2 * NormalDist().cdf(-3)


def test_one_factor_holds_for_all_that_is_in_doubt_together():
    a, b, c = IN_DOUBT.round_draw(100_000, np.random.default_rng(6)).T ** 2

    assert np.corrcoef(a, b)[0, 1] > 0.1
    assert abs(np.corrcoef(a, c)[0, 1]) < 0.02


def test_the_density_of_a_spread_in_doubt_is_that_of_what_is_drawn():
    chance = np.random.default_rng(7)
    joined = IN_DOUBT.joined(Distribution(("d",), np.zeros(1), np.eye(1)), np.array([0]))
    wide = 2.5 * chance.standard_normal((400_000, 4))
    weights = np.exp(joined.round_log_density(wide) + (wide**2).sum(axis=1) / (2 * 2.5**2))
    weights /= weights.sum()
    drawn = joined.round_draw(400_000, chance)

    assert weights @ np.abs(wide) == pytest.approx(np.abs(drawn).mean(axis=0), abs=0.02)
    assert weights @ wide**2 == pytest.approx((drawn**2).mean(axis=0), abs=0.05)
