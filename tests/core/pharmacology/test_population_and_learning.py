"""Bands come from virtual people; observations narrow them."""

import dataclasses

import numpy as np
import pytest

from openketamine.core.pharmacology.individualise import CuffRise, Residual, individualise, weighted_quantiles
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Parameter
from openketamine.core.pharmacology.population import bands, outputs, population
from openketamine.evidence.pharmacology import haemodynamics, pk_model

KAMP, EFFECT = pk_model("kamp2020_racemic"), haemodynamics()
STANDARD = (Dose(0, 35, 40 / 60),)
TIMES = np.array([10, 20, 40, 60]) / 60


def test_the_same_seed_gives_the_same_people():
    first, again, other = (
        bands(population(KAMP, EFFECT, 70, 300, seed), KAMP, EFFECT, STANDARD, TIMES) for seed in (1, 1, 2)
    )

    assert np.array_equal(first[KAMP.output]["p50"], again[KAMP.output]["p50"])
    assert not np.array_equal(first[KAMP.output]["p50"], other[KAMP.output]["p50"])


def test_the_band_holds_the_typical_person():
    band = bands(population(KAMP, None, 70, 2000, 1), KAMP, None, STANDARD, np.array([40 / 60]))["ketamine_ng_per_ml"]

    assert band["p05"][0] < 253.05 < band["p95"][0]


def test_a_long_grid_is_answered_in_slices_without_a_seam():
    times = np.linspace(0, 2, 37)
    people = population(KAMP, EFFECT, 70, 50, 3)
    whole = np.quantile(outputs(people, KAMP, EFFECT, STANDARD, times)[KAMP.output], 0.95, axis=0)

    assert bands(people, KAMP, EFFECT, STANDARD, times)[KAMP.output]["p95"] == pytest.approx(whole)


def test_pressure_at_the_standard_dose_is_near_the_meta_analysis():
    rises = outputs(population(KAMP, EFFECT, 70, 1, 1), KAMP, EFFECT, STANDARD, np.array([40 / 60]))
    mean = (rises["systolic_rise_mmhg"] + 2 * rises["diastolic_rise_mmhg"]) / 3

    assert rises["systolic_rise_mmhg"] / rises["diastolic_rise_mmhg"] == pytest.approx(1.485)
    assert 3 < mean[0, 0] < 16


def test_cuff_readings_narrow_the_band_and_move_it_towards_them():
    people = population(KAMP, EFFECT, 70, 2000, 5)
    seen = [CuffRise(t / 60, rise) for t, rise in ((10, 22.0), (15, 24.0), (20, 26.0), (30, 28.0))]

    weights = individualise(people, KAMP, EFFECT, STANDARD, seen, Residual(6.0, 4.0))
    peak = outputs(people, KAMP, EFFECT, STANDARD, np.array([40 / 60]))["systolic_rise_mmhg"]
    before = weighted_quantiles(peak, np.full(2000, 1 / 2000))
    after = weighted_quantiles(peak, weights)

    assert weights.sum() == pytest.approx(1)
    assert after["p50"][0] > before["p50"][0]
    assert after["p95"][0] - after["p05"][0] < before["p95"][0] - before["p05"][0]


def test_nothing_observed_leaves_everybody_equal():
    people = population(KAMP, EFFECT, 70, 10, 5)

    assert individualise(people, KAMP, EFFECT, STANDARD, [], Residual(6.0, 4.0)) == pytest.approx([0.1] * 10)


def test_a_model_without_variability_draws_no_band():
    with pytest.raises(ValueError, match="no variability"):
        population(dataclasses.replace(KAMP, variability=None), None, 70, 10, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": {**KAMP.parameters, "central_volume": Parameter(0.0)}},
        {"parameters": {}},
        {"compartments": ("central",)},
    ],
)
def test_tables_that_do_not_fit_cannot_be_built(change):
    with pytest.raises(ValueError, match="kamp2020_racemic"):
        dataclasses.replace(KAMP, **change)
