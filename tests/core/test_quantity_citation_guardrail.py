"""Numbers with units, where they come from, and the ranges around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.citation import Citation, Mark
from openketamine.core.guardrail import Guardrail, Standing
from openketamine.core.quantity import Quantity, UnitError, spoken


@pytest.mark.parametrize(
    ("value", "unit", "other", "expected"),
    [
        (35, "mg", "g", 0.035),
        (98.6, "[degF]", "Cel", 37),
        (37, "Cel", "[degF]", 98.6),
        (1.4, "L/min", "L/h", 84),
        (1, "mg/L", "ng/mL", 1000),
    ],
)
def test_a_quantity_in_another_unit(value, unit, other, expected):
    assert Quantity(value, unit).to(other).value == pytest.approx(expected)


def test_units_that_measure_different_things_never_convert():
    with pytest.raises(UnitError, match="mass"):
        Quantity(1, "mg").to("mL")


@pytest.mark.parametrize(
    ("value", "unit", "error"),
    [(1, "mgs", UnitError), (float("nan"), "mg", ValueError), (float("inf"), "mg", ValueError)],
)
def test_what_is_not_a_quantity_cannot_be_built(value, unit, error):
    with pytest.raises(error):
        Quantity(value, unit)


def test_an_unknown_target_unit_is_named():
    with pytest.raises(UnitError, match="'stone'"):
        Quantity(1, "kg").to("stone")


@given(st.floats(-1e6, 1e6), st.sampled_from(["mg", "g", "kg", "ug", "ng"]))
def test_there_and_back_again(value, unit):
    assert Quantity(value, "mg").to(unit).to("mg").value == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_a_quantity_prints_with_its_unit():
    assert str(Quantity(0.5, "mg/kg")) == "0.5 mg/kg"


def test_a_citation_says_whether_a_clinician_has_checked_it():
    assert Citation("a", "b", Mark.READ).standing == "not yet checked by a clinician"
    assert Citation("a", "b", Mark.READ, checked_by="Dr Example").standing == "checked by Dr Example"


def test_a_citation_without_a_locus_cannot_be_built():
    with pytest.raises(ValueError, match="locus"):
        Citation("a", "", Mark.READ)


@pytest.mark.parametrize(
    ("value", "standing"), [(0.5, Standing.USUAL), (0.9, Standing.UNUSUAL), (1.2, Standing.REFUSED)]
)
def test_a_guardrail_has_a_usual_range_inside_an_allowed_one(value, standing):
    assert Guardrail("mg/kg", (0, 1.0), (0.4, 0.6)).standing(Quantity(value, "mg/kg")) is standing


def test_a_guardrail_whose_ranges_do_not_nest_cannot_be_built():
    with pytest.raises(ValueError, match="inside"):
        Guardrail("mg", (0, 1), (0.5, 2))


@pytest.mark.parametrize(
    ("code", "words"), [("mm[Hg]", "mmHg"), ("Cel", "°C"), ("[lb_av]", "lb"), ("1", ""), ("mL/h", "mL/h")]
)
def test_people_read_units_in_their_own_spelling(code, words):
    assert spoken(code) == words
