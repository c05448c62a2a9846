"""From weight to milligrams and to a pump rate

Milligrams are of free base; every line of the arithmetic carries its units and is printed for a second person to check.
"""

from decimal import Decimal

import pytest

from openketamine.core.plan.dose import DoseError, DoseLimits, dose_card

LIMITS = DoseLimits(Decimal("1.0"), None)


def card(weight_kg, mg_per_kg, bag_ml=100, duration_min=40, limits=LIMITS):
    return dose_card(Decimal(str(weight_kg)), Decimal(str(mg_per_kg)), Decimal(bag_ml), Decimal(duration_min), limits)


@pytest.mark.parametrize(
    ("weight_kg", "mg_per_kg", "dose_mg", "rate_ml_per_h"),
    [
        (70, 0.5, 35.0, 150.0),
        (82, 0.5, 41.0, 150.0),
        (55.3, 0.5, 27.6, 150.0),
        (100, 0.75, 75.0, 150.0),
    ],
)
def test_the_dose_of_a_bag_of_100_ml_over_40_minutes(weight_kg, mg_per_kg, dose_mg, rate_ml_per_h):
    """Milligrams are drawn to a tenth; a half goes to the even digit."""
    made = card(weight_kg, mg_per_kg)

    assert (float(made.dose_mg), float(made.rate_ml_per_h)) == (dose_mg, rate_ml_per_h)


def test_a_dose_beyond_the_protocol_s_highest_is_refused_and_says_the_limit():
    with pytest.raises(DoseError, match=r"dose_mg_per_kg = 1.1: must be at most 1.0"):
        card(70, 1.1)


def test_a_cap_in_milligrams_holds_when_the_clinic_has_set_one():
    with pytest.raises(DoseError, match="cap of 60 mg"):
        card(140, 0.5, limits=DoseLimits(Decimal("1.0"), Decimal(60)))


def test_a_weight_of_nothing_gives_no_dose():
    with pytest.raises(DoseError, match="must be greater than 0"):
        card(0, 0.5)
