"""Kamp 2020, 70 kg: closed-form cases, typed from the evidence, and an independent matrix exponential."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from openketamine.core.pharmacology.infusion import Dose, from_rates
from openketamine.core.pharmacology.modal import modes_of
from openketamine.core.pharmacology.predict import concentrations
from openketamine.evidence.pharmacology import pk_model

KAMP = pk_model("kamp2020_racemic")
V = np.array([25.0, 56.0, 157.0])
CL, Q2, Q3 = 84.0, 161.0, 79.0
MATRIX = np.array([
    [-(CL + Q2 + Q3) / V[0], Q2 / V[1], Q3 / V[2]],
    [Q2 / V[0], -Q2 / V[1], 0],
    [Q3 / V[0], 0, -Q3 / V[2]],
])  # fmt: skip


def level(doses, minutes, weight=70.0):
    return concentrations(KAMP.typical(weight), doses, np.asarray(minutes, float) / 60)[0]


def by_matrix_exponential(rate_mg_per_h, duration_h, at_h):
    """Amounts by the exponential of the matrix augmented with a constant input."""
    augmented = np.zeros((4, 4))
    augmented[:3, :3] = MATRIX
    augmented[0, 3] = rate_mg_per_h
    given = expm(augmented * min(at_h, duration_h)) @ np.array([0, 0, 0, 1.0])
    return (expm(MATRIX * max(at_h - duration_h, 0)) @ given[:3])[0] / V[0] * 1000


def test_the_three_rates_are_those_of_the_characteristic_polynomial():
    assert sorted(modes_of(KAMP.typical(70)).rates_per_h[0], reverse=True) == pytest.approx(
        [14.645442, 1.466411, 0.226332], abs=5e-7
    )


def test_a_bolus_of_one_milligram_reads_forty_at_once():
    assert level([Dose(0, 1)], [0])[0] == pytest.approx(40, rel=1e-12)


@pytest.mark.parametrize(
    ("minute", "expected"),
    [(5, 109.325), (10, 154.532), (20, 198.271), (30, 228.014), (40, 253.052), (45, 154.991), (60, 95.860), (80, 73.736),
     (120, 49.906), (230, 26.739), (360, 15.967)],
)  # fmt: skip
def test_thirty_five_milligrams_over_forty_minutes(minute, expected):
    found = level([Dose(0, 35, 40 / 60)], [minute])[0]

    assert found == pytest.approx(expected, abs=5.001e-4)
    assert found == pytest.approx(by_matrix_exponential(52.5, 40 / 60, minute / 60), rel=1e-9)


@pytest.mark.parametrize(
    ("minute", "expected"), [(1, 1131.37), (2, 920.33), (5, 521.09), (10, 253.11), (30, 107.91), (60, 72.61)]
)
def test_a_bolus_of_thirty_five_milligrams(minute, expected):
    assert level([Dose(0, 35)], [minute])[0] == pytest.approx(expected, abs=5.001e-3)


@pytest.mark.parametrize(("weight", "expected"), [(50, 239.98), (70, 253.05), (100, 267.755), (130, 279.17)])
def test_half_a_milligram_per_kilogram_at_other_weights(weight, expected):
    assert level([Dose(0, weight / 2, 40 / 60)], [40], weight)[0] == pytest.approx(expected, abs=5.001e-3)


def test_a_constant_rate_reaches_rate_over_clearance():
    assert level([Dose(0, 7 * 1000, 1000)], [60 * 999])[0] == pytest.approx(83.3333, abs=5e-5)


@settings(max_examples=30, deadline=None)
@given(
    amount=st.floats(0.1, 200), start=st.floats(0, 5), duration=st.floats(0.05, 4), later=st.floats(0, 10), weight=st.floats(30, 200)
)  # fmt: skip
def test_laws_of_a_linear_model(amount, start, duration, later, weight):
    times = np.array([start, start + duration, start + duration + later]) * 60
    whole = level([Dose(start, amount, duration)], times, weight)
    halves = level(
        [Dose(start, amount / 2, duration / 2), Dose(start + duration / 2, amount / 2, duration / 2)], times, weight
    )
    earlier = level([Dose(0, amount, duration)], times - start * 60, weight)

    assert halves == pytest.approx(whole, rel=1e-9, abs=1e-9)
    assert earlier == pytest.approx(whole, rel=1e-9, abs=1e-9)
    assert level([Dose(start, 3 * amount, duration)], times, weight) == pytest.approx(3 * whole, rel=1e-12)


pump_rates = st.one_of(st.just(0.0), st.floats(1e-6, 100))
"""A pause, or from a nanogram an hour to 100 mg/h."""


@settings(max_examples=10, deadline=None)
@given(steps=st.lists(st.tuples(st.floats(0.05, 1), pump_rates), min_size=1, max_size=4))
def test_rates_and_pauses_agree_with_an_independent_solver(steps):
    """To a millionth of the peak, with no floor under it. The solver's own absolute tolerance is an amount, so it is given in
    shares of what the highest rate brings in an hour: a fixed one would be the larger error after a tiny dose.
    """
    highest = max(rate for _, rate in steps)
    starts = np.concatenate([[0], np.cumsum([length for length, _ in steps])])
    history = [(starts[i], rate) for i, (_, rate) in enumerate(steps)]
    end = starts[-1]
    amounts, peak = np.zeros(3), 0.0
    for i, (_, rate) in enumerate(steps):
        solved = solve_ivp(
            lambda _t, y, r=rate: MATRIX @ y + np.array([r, 0, 0]),
            (0, starts[i + 1] - starts[i]),
            amounts,
            "DOP853",
            rtol=1e-11,
            atol=1e-13 * max(highest, 1e-6),
        )
        amounts = solved.y[:, -1]
        peak = max(peak, solved.y[0].max() / V[0] * 1000)

    found = level(from_rates(history, end), [end * 60])[0]

    assert abs(found - amounts[0] / V[0] * 1000) <= 1e-6 * peak


def test_a_pause_is_a_step_of_rate_nothing():
    doses = from_rates([(0, 60.0), (0.25, 0.0), (0.5, 30.0)], 1.0)

    assert [(dose.start_h, dose.amount_mg, dose.duration_h) for dose in doses] == [(0, 15.0, 0.25), (0.5, 15.0, 0.5)]


def test_a_dose_is_never_negative():
    with pytest.raises(ValueError, match="negative"):
        Dose(0, -1)
