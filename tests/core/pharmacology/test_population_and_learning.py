"""Bands come from virtual people; observations narrow them."""

from dataclasses import replace

import numpy as np
import pytest

from openketamine.core.pharmacology.distribution import Distribution
from openketamine.core.pharmacology.individualise import FLOOR, individualise, learned, sample
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.likelihood import log_likelihood
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.population import (
    bands,
    chance_of,
    draw_chunk,
    population,
    typical,
    weighted_quantile,
    weighted_quantiles,
)
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person, SamplingSite
from openketamine.evidence.pharmacology import effect, pk_model
from openketamine.evidence.subjects import subject

KAMP = pk_model("kamp2020_racemic")
WHO = subject("kamp2020_racemic", Person(70.0))
STANDARD = (Dose(0, 35, 40 / 60),)
PEAK = np.array([40 / 60])
SYSTOLIC = "systolic_rise_mmhg"


def cuffs(*pairs):
    return [Observation(minute / 60, Kind.SYSTOLIC, rise) for minute, rise in pairs]


def band_at_peak(found, output=SYSTOLIC):
    values = WHO.outputs(found.draws, STANDARD, PEAK)[output]
    return {name: line[0] for name, line in weighted_quantiles(values, found.weights).items()}


def learn(seen, n=1000, prior=None, seed=5, who=WHO):
    return individualise(who, prior or who.lasting, STANDARD, seen, n, chance_of(seed))


LOW = cuffs((10, 4.0), (15, 5.0), (20, 6.0), (30, 6.0), (40, 7.0))
HIGH = cuffs((10, 22.0), (15, 24.0), (20, 26.0), (30, 28.0), (40, 30.0))


def test_the_same_seed_gives_the_same_people():
    first, again, other = (population(WHO, 300, seed) for seed in (1, 1, 2))

    assert np.array_equal(first.person, again.person)
    assert not np.array_equal(first.person, other.person)


def test_the_first_chunk_is_the_same_however_many_are_drawn():
    few, many = population(WHO, 4096, 9), population(WHO, 5000, 9)

    assert np.array_equal(few.person, many.person[:4096])
    assert np.array_equal(few.person, draw_chunk(WHO, 4096, chance_of(9, 0)).person)


def test_the_band_holds_the_typical_person():
    band = bands(WHO, population(WHO, 2000, 1), STANDARD, PEAK)["ketamine_ng_per_ml"]

    assert band["p05"][0] < 253.05 < band["p95"][0]
    assert WHO.outputs(typical(WHO), STANDARD, PEAK)["ketamine_ng_per_ml"][0, 0] == pytest.approx(253.052, abs=1e-3)


def test_a_size_is_centred_so_that_its_mean_over_people_is_that_of_the_trials():
    draws = population(WHO, 40_000, 3)
    column = WHO.lasting.names.index("haemodynamics_derived.size.pressure")

    assert np.exp(draws.person[:, column]).mean() == pytest.approx(1, abs=0.01)


def test_published_covariances_are_drawn():
    otto = Subject(pk_model("otto2021_fanta_esk_venous"), Person(70.0))
    volume, clearance = (otto.lasting.names.index(name) for name in otto.lasting.names[:2])
    draws = population(otto, 40_000, 3)

    assert np.cov(draws.person[:, [volume, clearance]].T) == pytest.approx(otto.lasting.covariance[:2, :2], rel=0.05)
    assert otto.lasting.covariance[0, 1] > 0


def test_a_long_grid_is_answered_in_slices_without_a_seam():
    times = np.linspace(0, 2, 37)
    people = population(WHO, 50, 3)
    whole = np.quantile(WHO.outputs(people, STANDARD, times)[KAMP.output], 0.95, axis=0)

    assert bands(WHO, people, STANDARD, times)[KAMP.output]["p95"] == pytest.approx(whole)


def test_cuff_readings_narrow_the_band_and_move_it_towards_them():
    before, low, high = band_at_peak(learn([])), band_at_peak(learn(LOW)), band_at_peak(learn(HIGH))

    assert low["p50"] < before["p50"] < high["p50"]
    assert low["p95"] - low["p05"] < 0.8 * (before["p95"] - before["p05"])
    assert (high["p95"] - high["p05"]) / high["p50"] < 0.7 * (before["p95"] - before["p05"]) / before["p50"]


def test_cuff_readings_alone_never_widen_the_band_of_the_level():
    """They say next to nothing of it: with many people drawn, the band is the population's, or a little narrower."""
    before, after = (band_at_peak(learn(seen, n=20_000), KAMP.output) for seen in ([], HIGH))

    assert 0.9 < np.log(after["p95"] / after["p05"]) / np.log(before["p95"] / before["p05"]) < 1.02


def test_nothing_observed_leaves_everybody_equal():
    found = learn([], n=10)

    assert found.weights == pytest.approx([0.1] * 10)
    assert found.effective_people == pytest.approx(10)


def test_one_wild_reading_among_many_hardly_moves_the_band():
    calm = cuffs(*((minute, 10.0) for minute in (10, 15, 25, 30, 35, 40)))
    wild = [*calm, *cuffs((20, 90.0))]

    assert abs(band_at_peak(learn(wild))["p50"] - band_at_peak(learn(calm))["p50"]) < 4


def test_a_flood_of_readings_counts_as_few():
    few = cuffs(*((minute, 20.0) for minute in (10, 20, 30, 40)))
    flood = cuffs(*((10 + i / 6, 20.0) for i in range(181)))
    widths = [band["p95"] - band["p05"] for band in (band_at_peak(learn(few)), band_at_peak(learn(flood)))]

    assert widths[1] > 0.45 * widths[0]


def test_no_observation_makes_the_ensemble_collapse():
    absurd = cuffs(*((minute, 160.0) for minute in range(5, 60, 2)))
    found = learn(absurd)

    assert found.effective_people >= FLOOR * 1000 * 0.99
    assert 0 < found.believed <= 1


def test_observations_no_virtual_person_could_show_count_for_less():
    prior = Distribution(WHO.lasting.names, WHO.lasting.mean, WHO.lasting.covariance * 1e-6)
    found = sample(prior, lambda values: 1e9 * values[:, 0], 200, chance_of(1))

    assert found.effective >= FLOOR * 200 * 0.99
    assert found.believed < 1


def test_readings_far_from_what_was_expected_are_counted_in_full():
    """As of one simulated person: five times the typical rise, and readings that scatter twice as much."""
    rises = (58.0, 71.0, 87.0, 92.0, 99.0, 100.0, 94.0, 101.0, 82.0, 80.0, 79.0)
    found = learn(cuffs(*((5 * place, rise) for place, rise in enumerate(rises, start=1))), n=2000)

    assert found.believed == 1.0
    assert band_at_peak(found)["p05"] > 60


def test_systolic_diastolic_and_mean_of_one_cuff_cycle_share_one_vote():
    systolic = Observation(0.5, Kind.SYSTOLIC, 30.0)
    three = [systolic, Observation(0.5, Kind.DIASTOLIC, 20.2), Observation(0.5, Kind.MEAN, 23.5)]
    one, all_three = band_at_peak(learn([systolic])), band_at_peak(learn(three))

    assert all_three["p95"] - all_three["p05"] > 0.7 * (one["p95"] - one["p05"])


def test_a_level_moves_the_level_and_a_venous_one_is_read_through_its_link():
    arterial = learn([Observation(40 / 60, Kind.LEVEL, 180.0, SamplingSite.ARTERIAL)])
    venous = learn([Observation(40 / 60, Kind.LEVEL, 180.0, SamplingSite.VENOUS)])

    assert band_at_peak(arterial, KAMP.output)["p50"] < 240
    assert band_at_peak(venous, KAMP.output)["p50"] > band_at_peak(arterial, KAMP.output)["p50"]


def test_a_dissociation_score_moves_dissociation_and_not_pressure():
    found = learn([Observation(40 / 60, Kind.DISSOCIATION, 40.0)])

    assert band_at_peak(found, "cadss_total")["p50"] > 15
    assert band_at_peak(found)["p50"] == pytest.approx(band_at_peak(learn([]))["p50"], abs=2)


def test_heart_rate_moves_heart_rate():
    found = learn([Observation(m / 60, Kind.HEART_RATE, 20.0) for m in (10, 20, 30, 40)])

    assert (
        band_at_peak(found, "heart_rate_rise_per_min")["p50"]
        > band_at_peak(learn([]), "heart_rate_rise_per_min")["p50"] + 0.5
    )


def test_what_one_session_taught_is_the_prior_of_the_next():
    first = learned(learn(HIGH, n=3000), WHO.lasting.names)
    again = learn(HIGH, prior=first)
    column = WHO.lasting.names.index("haemodynamics_derived.size.pressure")

    assert first.covariance[column, column] < WHO.lasting.covariance[column, column]
    assert learned(again, WHO.lasting.names).covariance[column, column] < first.covariance[column, column]
    assert band_at_peak(again)["p50"] > band_at_peak(learn(HIGH))["p50"] - 2


def test_a_strong_responder_is_believed_sooner_where_the_spread_is_in_doubt():
    """Three readings of six times the typical rise: the assumed spread alone draws them down towards the others."""
    times = np.array([20, 30, 40]) / 60
    rises = 6 * WHO.outputs(typical(WHO), STANDARD, times)[SYSTOLIC][0]
    strong = cuffs(*zip(60 * times, rises.tolist(), strict=True))
    sure = replace(
        WHO, effects=tuple(replace(one, spread=replace(one.spread, doubt_log_sd=0.0)) for one in WHO.effects)
    )
    certain, doubting = (band_at_peak(learn(strong, n=4000, who=who))["p50"] for who in (sure, WHO))

    assert certain + 1 < doubting < rises[2]


def test_the_answer_is_the_same_to_the_last_bit():
    first, again = learn(HIGH), learn(HIGH)

    assert np.array_equal(first.weights, again.weights)
    assert np.array_equal(first.draws.person, again.draws.person)


def test_the_sampler_agrees_with_a_long_random_walk():
    likely = log_likelihood(WHO, STANDARD, HIGH)
    whole = WHO.lasting.joined(WHO.passing, np.arange(len(WHO.passing.names)))
    column = whole.names.index("haemodynamics_derived.size.pressure")
    chance = np.random.default_rng(4)
    root, round_again = np.linalg.cholesky(whole.covariance), np.linalg.inv(whole.root)
    split = len(WHO.lasting.names)

    def target(values):
        from openketamine.core.pharmacology.subject import Draws

        before = whole.round_log_density((values - whole.mean) @ round_again.T)
        return likely(Draws(values[:, :split], values[:, split:])) + before

    walkers = whole.draw(400, chance)
    density, kept = target(walkers), []
    for step in range(400):
        tried = walkers + 0.5 * chance.standard_normal(walkers.shape) @ root.T
        there = target(tried)
        moved = np.log(chance.random(400)) < there - density
        walkers[moved], density[moved] = tried[moved], there[moved]
        if step >= 150 and step % 25 == 0:
            kept.append(walkers[:, column].copy())
    walked = np.concatenate(kept)
    found = learn(HIGH, n=4000)
    mean = found.weights @ found.draws.person[:, column]
    sd = np.sqrt(found.weights @ (found.draws.person[:, column] - mean) ** 2)

    assert mean == pytest.approx(walked.mean(), abs=0.08)
    assert sd == pytest.approx(walked.std(), rel=0.12)


def test_a_quantile_counts_weights():
    values = np.array([[1.0], [2.0], [3.0]])

    assert weighted_quantile(values, np.array([0.1, 0.8, 0.1]), 0.5)[0] == 2.0


def test_a_model_without_variability_draws_no_band():
    with pytest.raises(ValueError, match="no variability"):
        population(Subject(replace(KAMP, variability=None), Person(70.0)), 10, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Observation(0.5, Kind.LEVEL, 100.0), "site"),
        (lambda: Observation(0.5, Kind.DISSOCIATION, -1.0), "negative"),
        (lambda: log_likelihood(Subject(KAMP, Person(70.0)), STANDARD, HIGH), "scatter"),
        (lambda: log_likelihood(replace(WHO, effects=()), STANDARD, HIGH), "systolic"),
        (lambda: replace(WHO, venous=None).venous_levels(typical(WHO), STANDARD, PEAK), "vein"),
        (lambda: learn([Observation(0.5, Kind.LEVEL, 9.0, SamplingSite.NOT_STATED)]), "not_stated"),
        (
            lambda: Subject(pk_model("otto2021_fanta_esk_venous"), Person(70.0), (effect("haemodynamics_biogears"),)),
            "racemic",
        ),
    ],
)
def test_what_cannot_be_said_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
