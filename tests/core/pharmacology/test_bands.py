"""Bands in little memory: counts stand for values, chunks for people, machines for each other."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.pharmacology import bands as module
from openketamine.core.pharmacology import compiled
from openketamine.core.pharmacology.bands import (
    Asked,
    bands,
    bins_of,
    counted_quantiles,
    exact_quantiles,
    middles_of,
    quantiles_of_people,
)
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.population import CHUNK
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person
from openketamine.evidence.pharmacology import effect, pk_model

KAMP = pk_model("kamp2020_racemic")
SUBJECT = Subject(KAMP, Person(70), (effect("haemodynamics_derived"),))
NAMES = ("ketamine_ng_per_ml", "systolic_rise_mmhg")


def asked(people, seed=3, times=(0.0, 20.0, 40.0, 600.0)):
    return Asked(SUBJECT, (Dose(0, 35, 40 / 60),), np.array(times) / 60, NAMES, people, seed)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1))
def test_a_bin_keeps_the_order_and_its_middle_is_near(values):
    values = np.array(values)
    bins, middles = bins_of(values), middles_of(bins_of(values))
    normal = np.abs(values) > 1e-300

    assert (np.diff(bins[np.argsort(values, kind="stable")]) >= 0).all()
    assert (np.abs(middles - values)[normal] <= module.COUNTED_ERROR * np.abs(values)[normal]).all()


def test_nothing_counts_as_nothing():
    assert middles_of(bins_of(np.array([0.0, -0.0]))).tolist() == [0.0, 0.0]


def test_counted_quantiles_are_within_a_tenth_of_a_per_cent_of_exact_ones():
    """The bound we print is 0.05 per cent."""
    question = asked(3 * CHUNK + 100)
    exact, counted = exact_quantiles(question), counted_quantiles(question)

    assert (np.abs(counted - exact) <= module.COUNTED_ERROR * 1.001 * np.abs(exact)).all()
    assert not np.array_equal(counted, exact)


def test_many_people_are_counted_and_few_are_not(monkeypatch):
    monkeypatch.setattr(module, "EXACT_PEOPLE", 1000)

    assert np.array_equal(bands(asked(1000))[NAMES[0]]["p50"], exact_quantiles(asked(1000))[1, 0])
    assert np.array_equal(bands(asked(1001))[NAMES[0]]["p50"], counted_quantiles(asked(1001))[1, 0])


@pytest.mark.parametrize("quantiles", [exact_quantiles, counted_quantiles])
def test_threads_give_the_same_bits(quantiles):
    question = asked(2 * CHUNK + 5)
    with ThreadPoolExecutor(2) as threads:
        assert np.array_equal(quantiles(question, threads.map), quantiles(question))


def test_a_long_grid_is_answered_in_parts_without_a_seam(monkeypatch):
    question = asked(50, times=np.linspace(0, 100, 23))
    whole = bands(question)
    monkeypatch.setattr(module, "VALUES_AT_ONCE", 50 * 6)

    assert bands(question)[NAMES[1]]["p95"] == pytest.approx(whole[NAMES[1]]["p95"], rel=1e-12)


def test_a_chunk_has_the_same_people_however_many_are_asked_for():
    assert np.array_equal(asked(CHUNK).values(0), asked(CHUNK + 7).values(0))


@pytest.mark.parametrize(
    "engine",
    [False, pytest.param(True, marks=pytest.mark.skipif(not compiled.available(), reason="numba is not installed"))],
)
@pytest.mark.parametrize("people", [1, 2, 7, 500, 1500])
def test_quantiles_of_people_are_those_of_numpy(engine, people):
    chance = np.random.default_rng(people)
    values = chance.lognormal(size=(people, 3, 11))
    values[:, 0, 0] = 5.0
    values[:, 1, 1] = np.round(values[:, 1, 1])

    found = quantiles_of_people(values, use_compiled=engine)

    assert found == pytest.approx(np.quantile(values, [0.05, 0.5, 0.95], axis=0), rel=1e-14)


def test_a_band_has_the_same_bits_whether_the_kernel_is_ready_or_not(monkeypatch):
    monkeypatch.setattr(compiled, "_warm", [])
    before = bands(asked(1500))
    if not compiled.warm():
        pytest.skip("numba is not installed")
    after = bands(asked(1500))

    assert all(np.array_equal(before[name][q], after[name][q]) for name in NAMES for q in before[name])


def test_no_times_no_bands_and_no_variability_no_band():
    assert bands(asked(10, times=()))[NAMES[0]]["p05"].size == 0
    legacy = Asked(Subject(pk_model("domino_legacy"), Person(70)), (), np.zeros(1), ("ketamine_ng_per_ml",), 10, 1)
    with pytest.raises(ValueError, match="no variability"):
        bands(legacy)
