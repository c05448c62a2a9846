"""From weight to milligrams, millilitres and a pump rate

Milligrams are of free base; every line of the arithmetic carries its units and is printed for a second person to check. A card
that is beyond a limit is shown, with why it cannot be signed and the way out.
"""

from decimal import Decimal

import pytest

from openketamine.core.plan.dose import DoseError, Preparation, Rules, dose_card
from openketamine.core.plan.protocol import Caps, DurationLines

SALINE = "sodium chloride 0.9 %"


def card(weight_kg, mg_per_kg, *, strength=50, bag_ml=100, duration_min=40, diluent=SALINE, weight_age_h=0.0, **caps):
    limits = Caps(**{"per_kg": Decimal("1.0"), **{name: Decimal(str(cap)) for name, cap in caps.items()}})
    rules = Rules(
        limits, DurationLines(Decimal(40), Decimal(60)), (Decimal(10), Decimal(50), Decimal(100)), Decimal(100), 24.0
    )
    made = Preparation(Decimal(strength), Decimal(str(bag_ml)), Decimal(duration_min), diluent)
    return dose_card(Decimal(str(weight_kg)), Decimal(str(mg_per_kg)), made, rules, weight_age_h=weight_age_h)


@pytest.mark.parametrize(
    ("weight_kg", "mg_per_kg", "dose_mg", "draw_ml", "rate_ml_per_h"),
    [
        (70, 0.5, 35.0, 0.7, 150.0),
        (82, 0.5, 41.0, 0.82, 150.0),
        (55.3, 0.5, 27.6, 0.552, 150.0),
        (100, 0.75, 75.0, 1.5, 150.0),
    ],
)
def test_the_dose_of_a_bag_of_100_ml_over_40_minutes(weight_kg, mg_per_kg, dose_mg, draw_ml, rate_ml_per_h):
    """Drawn from a vial of 50 mg/mL. Milligrams are drawn to a tenth; a half goes to the even digit."""
    made = card(weight_kg, mg_per_kg)

    assert (float(made.dose_mg), float(made.draw_ml), float(made.rate_ml_per_h)) == (dose_mg, draw_ml, rate_ml_per_h)


def test_a_second_person_can_check_every_step():
    assert card(70, 0.5).lines() == (
        "0.5 mg/kg x 70 kg (actual weight) = 35 mg, drawn as 35.0 mg",
        "35.0 mg / 50 mg/mL = 0.700 mL from the vial",
        "made up to 100 mL with sodium chloride 0.9 %: 35.0 mg / 100 mL = 0.350 mg/mL",
        "100 mL over 40 min = 150.0 mL/h",
        "150.0 mL/h = 52.5 mg/h = 0.750 mg/kg/h",
    )


@pytest.mark.parametrize(
    ("cap", "limit", "says"),
    [
        ("per_kg", 0.4, "dose per weight = 0.5 mg/kg: is above the cap of 0.4 mg/kg"),
        ("per_kg_per_hour", 0.35, "dose per weight and hour = 0.75 mg/kg/h: is above the cap of 0.35 mg/kg/h"),
        ("per_hour", 25, "dose per hour = 52.5 mg/h: is above the cap of 25 mg/h"),
        ("per_session", 30, "dose of the session = 35 mg: is above the cap of 30 mg"),
        ("per_day", 30, "dose of the day = 35 mg: is above the cap of 30 mg"),
    ],
)
def test_above_a_cap_the_card_cannot_be_signed_with_any_reason(cap, limit, says):
    """70 kg at 0.5 mg/kg over 40 minutes. The way out is another dose, or a protocol version that the clinic signs."""
    made = card(70, 0.5, **{cap: limit})

    assert [fault.says for fault in made.faults] == [says]
    assert "cannot be signed without changing the dose or a signed protocol version" in made.faults[0].way_out
    assert not made.signable("a reason")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"strength": 20}, "strength = 20 mg/mL: is not one of 10, 50, 100 mg/mL"),
        ({"weight_age_h": 30.0}, "weight: was measured 30 h ago; at most 24 h are allowed"),
        ({"strength": 100, "diluent": "", "bag_ml": 0.35}, "100 mg/mL never runs undiluted"),
    ],
)
def test_what_nobody_can_override(changed, why):
    made = card(70, 0.5, **changed)

    assert [fault.says for fault in made.faults] == [why]
    assert not made.signable("a reason")


@pytest.mark.parametrize(
    ("duration_min", "standing", "signed_without_a_reason"),
    [
        (30, "shorter than what was studied: needs a signed reason", False),
        (40, "as studied", True),
        (41, "weak evidence: practice of some clinics, not of trials", True),
        (60, "weak evidence: practice of some clinics, not of trials", True),
        (61, "longer than this protocol: needs the pain protocol or a signed reason", False),
    ],
)
def test_how_well_a_duration_is_supported(duration_min, standing, signed_without_a_reason):
    made = card(70, 0.5, duration_min=duration_min)

    assert made.duration_standing.value == standing
    assert made.signable() is signed_without_a_reason
    assert made.signable("distress at 40 minutes last time")


def test_a_weight_of_nothing_gives_no_dose():
    with pytest.raises(DoseError, match="must be greater than 0"):
        card(0, 0.5)
