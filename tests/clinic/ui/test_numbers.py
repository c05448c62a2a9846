"""A number is read as people write it, with a point or a comma; what could be two numbers is refused and both are named."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from openketamine.clinic.ui.measures import MeasureField
from openketamine.clinic.ui.numbers import ExactField, NumberField


def refusal(field, typed):
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)
    return refused.value.messages[0]


@pytest.mark.parametrize(
    ("typed", "read"),
    [("37,5", 37.5), ("37.5", 37.5), (" 150 ", 150.0), ("0,125", 0.125), (",5", 0.5), ("12,34", 12.34), ("1000", 1000.0), ("-4", -4.0)],
)  # fmt: skip
def test_a_decimal_comma_is_read_as_a_decimal_point(typed, read):
    assert NumberField().clean(typed) == read
    assert ExactField().clean(typed) == Decimal(str(read))


@pytest.mark.parametrize(
    ("typed", "whole", "part"), [("1,000", "1000", "1"), ("1,500", "1500", "1.5"), ("250,125", "250125", "250.125")]
)
def test_a_comma_that_may_stand_after_thousands_is_refused_and_both_numbers_are_named(typed, whole, part):
    said = f"{typed}: this could be {whole} or {part}. Type one of these two"

    assert refusal(NumberField(), typed) == said
    assert refusal(ExactField(), typed) == said
    assert refusal(MeasureField(unit="kg", low=1, high=2000, also=("[lb_av]",)), [f"{typed} kg", "kg"]) == said


@pytest.mark.parametrize("typed", ["1,234.5", "1.234,5", "1,2,3", "12 000", "1e3", "nan", "inf", "4 mg", "1_0", "."])
def test_what_is_no_number_is_refused_by_what_was_typed_with_an_example(typed):
    assert refusal(NumberField(), typed) == f"{typed}: type a number, for example 37.5 or 37,5"


def test_an_empty_box_is_no_number():
    assert NumberField(required=False).clean("") is None
    assert ExactField(required=False).clean(None) is None


@given(st.integers(0, 9999), st.integers(0, 99))
def test_point_and_comma_never_mean_two_numbers(whole, hundredths):
    with_point, with_comma = f"{whole}.{hundredths:02}", f"{whole},{hundredths:02}"

    assert ExactField().clean(with_comma) == ExactField().clean(with_point) == Decimal(with_point)


def test_the_box_brings_up_the_number_pad_and_a_browser_never_empties_it():
    box = NumberField().widget.render("rate", None, {})

    assert 'inputmode="decimal"' in box
    assert 'type="text"' in box
