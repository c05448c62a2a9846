"""A number may be written in another unit: it is converted exactly, and a refusal speaks the unit that was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.candidacy.facts import Fact, FactError, Kind
from openketamine.core.candidacy.laboratory import LaboratoryValue, liver_standing
from openketamine.core.quantity import Quantity, UnitError

PRESSURE = Fact("resting_systolic", Kind.NUMBER, "Pressure?", "mm[Hg]", 50, 300, also=("kPa",))
BILIRUBIN = Fact("bilirubin", Kind.NUMBER, "Bilirubin?", "umol/L", 0, 1500, also=("mg/dL",), molar_mass_g_per_mol=584.66, usual=(1, 100))  # fmt: skip
NEEDED = ("alt", "alp", "ggt")


@pytest.mark.parametrize(
    ("number", "unit", "own"),
    [(1.0, "mg/dL", 17.104), (17.1, "umol/L", 17.1)],
)
def test_mass_becomes_amount_through_the_molar_mass(number, unit, own):
    assert BILIRUBIN.converted(number, unit) == pytest.approx(own, abs=5e-4)


def test_kilopascals_become_millimetres_of_mercury():
    assert PRESSURE.converted(16.0, "kPa") == pytest.approx(120.01, abs=0.005)


@given(st.floats(0.01, 80))
def test_there_and_back_is_the_same_number(number):
    there = Quantity(number, "mg/dL").of_substance("umol/L", 584.66)
    assert there.of_substance("mg/dL", 584.66).value == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (120, "kPa", "resting_systolic = 120 kPa: must be from 6.666 to 40 kPa"),
        (120, "mg", "resting_systolic = 120 mg: must be in mm[Hg] or kPa"),
        (float("inf"), "kPa", "must be a number"),
    ],
)
def test_a_refusal_names_what_was_typed_in_the_unit_in_which_it_was_typed(number, unit, words):
    with pytest.raises(FactError) as refused:
        PRESSURE.converted(number, unit)
    assert words in str(refused.value)


def test_an_unusual_number_is_known_as_such_and_nothing_else_is():
    assert [BILIRUBIN.unusual(value) for value in (0.5, 10.0, 101, None, True)] == [True, False, True, False, False]
    assert not PRESSURE.unusual(299)


def test_without_a_molar_mass_mass_and_amount_stay_apart():
    with pytest.raises(UnitError):
        Fact("x", Kind.NUMBER, "X?", "umol/L", 0, 10, also=("mg/dL",))


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"alt": (30, 40), "alp": (80, 120), "ggt": (20, 60)}, "normal"),
        ({"alt": (30, 40), "alp": (80, 120)}, None),
        ({"alt": (41, 40)}, "raised"),
        ({"alt": (120, 40)}, "raised"),
        ({"alt": (121, 40)}, "above_three_times_the_limit"),
        ({}, None),
    ],
)
def test_liver_tests_stand_against_the_laboratorys_own_limits(values, found):
    told = {code: LaboratoryValue(*pair) for code, pair in values.items()}
    assert liver_standing(told, needed=NEEDED, far_above=3) == found
