"""Arithmetic that two people check."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.plan.calendar import infusion_days
from openketamine.core.plan.dose import DoseError, DoseLimits, dose_card, vial_volume_ml

D = Decimal
LIMITS = DoseLimits(D("1.0"), None)


def test_seventy_kilograms_at_half_a_milligram_per_kilogram():
    card = dose_card(D(70), D("0.5"), D(100), D(40), LIMITS)

    assert (card.dose_mg, card.concentration_mg_per_ml, card.rate_ml_per_h) == (D("35.0"), D("0.350"), D("150.0"))
    assert card.lines() == (
        "0.5 mg/kg x 70 kg = 35 mg, drawn as 35.0 mg",
        "35.0 mg in 100 mL = 0.350 mg/mL",
        "100 mL over 40 min = 150.0 mL/h",
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"weight_kg": D(0)}, "weight_kg = 0: must be greater than 0"),
        ({"duration_min": D(-1)}, "duration_min = -1"),
        ({"dose_mg_per_kg": D("1.1")}, "dose_mg_per_kg = 1.1: must be at most 1.0"),
        ({"limits": DoseLimits(D(1), D(30))}, "at most the clinic's cap of 30 mg"),
    ],
)
def test_a_dose_beyond_a_limit_is_refused_by_name(changes, says):
    fields = {"weight_kg": D(70), "dose_mg_per_kg": D("0.5"), "bag_ml": D(100), "duration_min": D(40), "limits": LIMITS}

    with pytest.raises(DoseError, match=says.replace(".", r"\.")):
        dose_card(**{**fields, **changes})


@given(st.decimals(30, 200, places=1), st.decimals("0.1", "1.0", places=2))
def test_the_drawn_dose_is_never_further_than_half_a_tenth_from_the_exact_one(weight, per_kg):
    card = dose_card(weight, per_kg, D(100), D(40), LIMITS)

    assert abs(card.dose_mg - weight * per_kg) <= D("0.05")


def test_a_vial_of_fifty_gives_the_volume_to_draw():
    assert vial_volume_ml(D("35.0"), D(50)) == D("0.700")
    with pytest.raises(DoseError):
        vial_volume_ml(D(35), D(0))


def test_twice_a_week_is_every_third_and_fourth_day_in_turn():
    days = infusion_days(date(2026, 3, 2), 6, 2)

    assert [day.day for day in days] == [2, 5, 9, 12, 16, 19]


@pytest.mark.parametrize(("infusions", "per_week"), [(0, 2), (6, 0), (6, 8)])
def test_a_course_of_nothing_is_refused(infusions, per_week):
    with pytest.raises(ValueError, match="at least one"):
        infusion_days(date(2026, 3, 2), infusions, per_week)
