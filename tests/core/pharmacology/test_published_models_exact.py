"""Every published model against closed-form cases typed from the evidence and a matrix exponential set up here.

The matrices (`papers.py`) are written from the papers' equations, not from the project's evidence files, so that a slip in either
shows. Each case holds to half a unit of the last printed digit and to 1e-9 of the matrix exponential.
"""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.pharmacology.papers import (
    by_exponential,
    clements,
    domino,
    held,
    kamp,
    otto,
    perezruixo,
    simons,
)

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.modal import modes_of
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.substance import Person, Route
from openketamine.evidence.pharmacology import pk_model

TIMES = (10, 20, 30, 40, 60, 80, 110, 230, 360)
CASES = {
    "kamp2020_racemic": (kamp(), 35, (5, 10, 20, 30, 40, 45, 60, 80, 120, 230, 360, 1440), 3, {
        "ketamine_ng_per_ml": (109.325, 154.532, 198.271, 228.014, 253.052, 154.991, 95.860, 73.736, 49.906, 26.739, 15.967, 0.2711)}),
    "domino_legacy": (domino(), 35, (10, 20, 30, 40, 60), 2, {"ketamine_ng_per_ml": (181.81, 209.58, 226.47, 240.33, 55.11)}),
    "clements250_legacy": (clements(), 35, (10, 20, 30, 40, 60), 2, {"ketamine_ng_per_ml": (62.03, 109.48, 146.88, 177.31, 115.42)}),
    "simons2022_esk_k_nk_hnk": (simons(), 17.5, TIMES, 2, {
        "esketamine_ng_per_ml": (97.53, 117.23, 132.28, 144.37, 45.33, 31.44, 21.08, 10.43, 6.48),
        "noresketamine_ng_per_ml": (2.85, 12.91, 24.30, 34.45, 37.94, 29.71, 23.65, 17.71, 14.00),
        "hydroxynoresketamine_ng_per_ml": (0.38, 2.93, 6.63, 10.44, 14.77, 14.25, 13.91, 13.93, 12.45)}),
    "otto2021_fanta_esk_venous": (otto(), 17.5, TIMES, 2, {
        "esketamine_ng_per_ml": (28.05, 48.98, 65.45, 79.02, 51.88, 39.38, 29.76, 13.36, 6.52),
        "noresketamine_ng_per_ml": (2.24, 7.71, 15.08, 23.54, 34.23, 37.19, 36.58, 25.57, 17.30)}),
    "perezruixo2021_esk_multiroute": (perezruixo(), 28, (40, 60, 120, 360, 1440), 2, {
        "esketamine_ng_per_ml": (99.874, 70.278, 32.329, 8.996, 1.305),
        "noresketamine_ng_per_ml": (21.58, 42.55, 57.25, 26.70, 5.33)}),
}  # fmt: skip


def answer(name, doses, minutes, weight=70.0, age=45.0):
    found = solve(pk_model(name).system(Person(weight, age)), doses, np.asarray(minutes, float) / 60)
    return {key: rows[0] for key, rows in found.items()}


@pytest.mark.parametrize("name", CASES)
def test_forty_minutes_of_infusion_read_as_printed(name):
    """A3, A8 to A10, A12, A14: to half a unit of the last printed digit."""
    _described, amount, minutes, digits, printed = CASES[name]
    found = answer(name, [Dose(0, amount, 40 / 60)], minutes)

    for output, values in printed.items():
        for one, expected in zip(found[output], values, strict=True):
            digits_of_this = len(f"{expected}".split(".")[1]) if expected < 1 else digits
            assert one == pytest.approx(expected, abs=0.5001 * 10**-digits_of_this)


@pytest.mark.parametrize("name", CASES)
def test_forty_minutes_of_infusion_agree_with_a_matrix_exponential(name):
    described, amount, minutes, _digits, _printed = CASES[name]
    found = answer(name, [Dose(0, amount, 40 / 60)], minutes)

    for output, expected in by_exponential(described, [(0, amount, 40 / 60)], np.array(minutes) / 60).items():
        assert found[output] == pytest.approx(expected, rel=1e-9)


def test_kamp_has_the_rates_of_its_characteristic_polynomial():
    """A1."""
    rates = np.sort(modes_of(pk_model("kamp2020_racemic").typical(70)).rates_per_h[0])[::-1]

    assert rates == pytest.approx([14.645442, 1.466411, 0.226332], abs=5.01e-7)
    assert np.poly(-rates) == pytest.approx([1, 16.33818471, 25.12286624, 4.86076433], abs=5.01e-9)
    assert np.log(2) / rates * 60 == pytest.approx([2.840, 28.361, 183.751], abs=5.01e-4)


def test_a_bolus_into_kamp_is_three_exponentials():
    """A2."""
    hours = np.array([0, 0.02, 0.3, 2, 9])
    expected = sum(
        weight * np.exp(-rate * hours)
        for weight, rate in ((35.038827, 14.645442), (3.320778, 1.466411), (1.640394, 0.226332))
    )
    found = answer("kamp2020_racemic", [Dose(0, 1)], hours * 60)["ketamine_ng_per_ml"]

    assert found == pytest.approx(expected, rel=5e-6)
    assert found == pytest.approx(by_exponential(kamp(), [(0, 1, 0)], hours)["ketamine_ng_per_ml"], rel=1e-9)
    assert found[0] == pytest.approx(40, rel=1e-12)


def test_where_thirty_five_milligrams_are_after_forty_minutes():
    """A3: the amounts in the three compartments, which a level in one of them does not show."""
    system = pk_model("kamp2020_racemic").typical(70)
    amounts = replace(system, readout=np.eye(3)[None], names=system.states)
    found = solve(amounts, [Dose(0, 35, 40 / 60)], np.array([40 / 60]))
    in_each = [found[name][0, 0] for name in ("central", "peripheral_1", "peripheral_2")]

    assert in_each == pytest.approx([6.32630, 9.99804, 8.42286], abs=5.01e-6)
    assert in_each == pytest.approx(held(kamp()[0], 0, 35, 40 / 60, 40 / 60), rel=1e-9)


def area(name, amount):
    """Area under each curve to the end, in ng h/mL, by the readout of K^-1 times the dose."""
    system = pk_model(name).system(Person(70, 45))
    held = -np.linalg.solve(system.matrix[0], system.inputs[Route.IV][0].vector[0] * amount)
    return dict(zip(system.names, system.readout[0] @ held, strict=True))


def test_the_area_is_dose_over_clearance():
    """A4, A11, A13: each metabolite's share, corrected for molar mass where the paper converts it."""
    assert area("kamp2020_racemic", 35)["ketamine_ng_per_ml"] == pytest.approx(416.667, abs=5.01e-4)
    simons_areas = area("simons2022_esk_k_nk_hnk", 17.5)
    assert simons_areas["esketamine_ng_per_ml"] == pytest.approx(197.07, abs=5.01e-3)
    assert simons_areas["noresketamine_ng_per_ml"] == pytest.approx(219.56, abs=5.01e-3)
    assert simons_areas["hydroxynoresketamine_ng_per_ml"] == pytest.approx(176.51, abs=5.01e-3)
    otto_areas = area("otto2021_fanta_esk_venous", 17.5)
    assert 95.2 * otto_areas["esketamine_ng_per_ml"] / 1000 == pytest.approx(17.5, rel=1e-12)
    assert 57.72 * otto_areas["noresketamine_ng_per_ml"] / 1000 == pytest.approx(17.5, rel=1e-12)


def test_the_area_of_the_curve_itself_agrees():
    minutes = np.linspace(0, 6000, 60001)
    found = answer("kamp2020_racemic", [Dose(0, 35, 40 / 60)], minutes)["ketamine_ng_per_ml"]

    assert np.trapezoid(found, minutes / 60) == pytest.approx(416.667, rel=1e-6)


def test_a_constant_rate_settles():
    """A5."""
    found = answer("kamp2020_racemic", [Dose(0, 7 * 5000, 5000)], [24 * 60, 4900 * 60])["ketamine_ng_per_ml"]

    exact = by_exponential(kamp(), [(0, 7 * 5000, 5000)], [24, 4900])["ketamine_ng_per_ml"]

    assert found == pytest.approx([83.1114, 83.3333], abs=5.01e-5)
    assert found == pytest.approx(exact, rel=1e-9)
    assert found[1] == pytest.approx(7 / 84 * 1000, rel=1e-9)


@pytest.mark.parametrize(
    ("weight", "by_weight", "fixed"),
    [(50, 239.98, 335.97), (70, 253.05, 253.05), (100, 267.76, 187.43), (130, 279.17, 150.32)],
)
def test_the_end_of_the_infusion_at_other_weights(weight, by_weight, fixed):
    """A6: 0.5 mg/kg, and 35 mg for everybody. 100 kg gives 267.75499, which the evidence rounds from 267.755 to 267.76."""
    for amount, printed in ((weight / 2, by_weight), (35, fixed)):
        found = answer("kamp2020_racemic", [Dose(0, amount, 40 / 60)], [40], weight)["ketamine_ng_per_ml"][0]
        expected = by_exponential(kamp(weight), [(0, amount, 40 / 60)], [40 / 60])["ketamine_ng_per_ml"][0]

        assert found == pytest.approx(printed, abs=5.02e-3)
        assert found == pytest.approx(expected, rel=1e-9)


def test_a_bolus_of_thirty_five_milligrams():
    """A7."""
    minutes = np.array([1, 2, 5, 10, 30, 60])
    found = answer("kamp2020_racemic", [Dose(0, 35)], minutes)["ketamine_ng_per_ml"]

    assert found == pytest.approx([1131.37, 920.33, 521.09, 253.11, 107.91, 72.61], abs=5.01e-3)
    assert found == pytest.approx(by_exponential(kamp(), [(0, 35, 0)], minutes / 60)["ketamine_ng_per_ml"], rel=1e-9)
