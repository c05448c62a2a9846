"""Arithmetic that two people check, and what stands against signing it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.plan.calendar import infusion_days
from openketamine.core.plan.dose import DoseError, Preparation, Rules, dose_card, vial_volume_ml
from openketamine.core.plan.protocol import Caps, DurationLines, DurationStanding

D = Decimal
LINES = DurationLines(D(40), D(60))


def rules(**caps):
    return Rules(Caps(**{"per_kg": D("1.0"), **caps}), LINES, (D(10), D(50), D(100)), D(100), 24.0)


def made(**changes):
    fields = {"strength_mg_per_ml": D(50), "bag_ml": D(100), "duration_min": D(40), "diluent": "sodium chloride 0.9 %"}
    return Preparation(**{**fields, **changes})


def faults(card):
    return [fault.id for fault in card.faults]


def test_seventy_kilograms_at_half_a_milligram_per_kilogram():
    card = dose_card(D(70), D("0.5"), made(), rules())

    assert (card.dose_mg, card.draw_ml, card.rate_ml_per_h) == (D("35.0"), D("0.700"), D("150.0"))
    assert (card.concentration_mg_per_ml, card.rate_mg_per_h, card.rate_mg_per_kg_per_h) == (
        D("0.350"),
        D("52.5"),
        D("0.750"),
    )
    assert card.lines() == (
        "0.5 mg/kg x 70 kg (actual weight) = 35 mg, drawn as 35.0 mg",
        "35.0 mg / 50 mg/mL = 0.700 mL from the vial",
        "made up to 100 mL with sodium chloride 0.9 %: 35.0 mg / 100 mL = 0.350 mg/mL",
        "100 mL over 40 min = 150.0 mL/h",
        "150.0 mL/h = 52.5 mg/h = 0.750 mg/kg/h",
    )
    assert card.signable()


def test_eighty_kilograms_from_either_vial():
    assert dose_card(D(80), D("0.5"), made(strength_mg_per_ml=D(10)), rules()).draw_ml == D("4.000")
    assert dose_card(D(80), D("0.5"), made(), rules()).draw_ml == D("0.800")


@pytest.mark.parametrize(("minutes", "rate"), [(40, "150.0"), (60, "100.0"), (90, "66.7")])
def test_a_hundred_millilitres_over_some_minutes(minutes, rate):
    assert dose_card(D(80), D("0.5"), made(duration_min=D(minutes)), rules()).rate_ml_per_h == D(rate)


@pytest.mark.parametrize(
    ("field", "value"), [("weight_kg", D(0)), ("dose_mg_per_kg", D(-1)), ("bag_ml", D(0)), ("duration_min", D("NaN"))]
)
def test_what_is_not_positive_is_refused_by_name(field, value):
    fields = {"weight_kg": D(70), "dose_mg_per_kg": D("0.5")}
    preparation = made(**({field: value} if field in {"bag_ml", "duration_min"} else {}))
    fields |= {field: value} if field in fields else {}

    with pytest.raises(DoseError, match=field):
        dose_card(fields["weight_kg"], fields["dose_mg_per_kg"], preparation, rules())


@pytest.mark.parametrize(
    ("caps", "given", "says"),
    [
        ({"per_kg": D("0.4")}, 0, "dose per weight = 0.5 mg/kg: is above the cap of 0.4 mg/kg"),
        (
            {"per_kg_per_hour": D("0.35")},
            0,
            "dose per weight and hour = 0.75 mg/kg/h: is above the cap of 0.35 mg/kg/h",
        ),
        ({"per_hour": D(25)}, 0, "dose per hour = 52.5 mg/h: is above the cap of 25 mg/h"),
        ({"per_session": D(30)}, 0, "dose of the session = 35 mg: is above the cap of 30 mg"),
        ({"per_day": D(60)}, 30, "dose of the day = 65 mg: is above the cap of 60 mg"),
    ],
)
def test_above_a_cap_no_reason_helps(caps, given, says):
    card = dose_card(D(70), D("0.5"), made(), rules(**caps), given_today_mg=D(given))

    assert [fault.says for fault in card.faults] == [says]
    assert "cannot be signed without changing the dose or a signed protocol version" in card.faults[0].way_out
    assert not card.signable("because I say so")


def test_an_unset_cap_refuses_nothing():
    assert dose_card(D(70), D("5"), made(), rules(per_kg=None)).faults == ()


@given(
    st.decimals(30, 200, places=1),
    st.decimals("0.1", "1.5", places=2),
    st.integers(10, 240),
    st.integers(5, 200),
    st.integers(5, 100),
)
def test_the_dose_that_a_card_names_as_highest_is_one_that_no_cap_refuses(weight, per_kg, minutes, session, hour):
    caps = Caps(per_kg=D("1.0"), per_session=D(session), per_hour=D(hour))
    highest = caps.highest_mg_per_kg(weight, D(minutes), D(0))
    held = Rules(caps, LINES, (D(50),), D(100), 24.0)

    if highest > 0 and highest * weight >= D("0.1"):
        best = dose_card(weight, highest, made(duration_min=D(minutes)), held)
        assert "cap" not in faults(best) or best.dose_mg > best.exact_mg
    if per_kg > highest + D("0.02"):
        assert "cap" in faults(dose_card(weight, per_kg, made(duration_min=D(minutes)), held))


def test_wrong_strength_stale_weight_and_undiluted_hundred_are_absolute():
    for card, fault in (
        (dose_card(D(70), D("0.5"), made(strength_mg_per_ml=D(20)), rules()), "strength"),
        (dose_card(D(70), D("0.5"), made(), rules(), weight_age_h=25), "weight"),
        (
            dose_card(D(70), D("0.5"), made(strength_mg_per_ml=D(100), diluent="", bag_ml=D("0.35")), rules()),
            "undiluted",
        ),
    ):
        assert faults(card) == [fault]
        assert not card.signable("a reason")


def test_ten_milligrams_per_millilitre_may_run_undiluted_as_drawn_and_not_otherwise():
    weak = {"strength_mg_per_ml": D(10), "diluent": ""}

    assert faults(dose_card(D(70), D("0.5"), made(**weak, bag_ml=D("3.5")), rules())) == []
    assert faults(dose_card(D(70), D("0.5"), made(**weak, bag_ml=D(50)), rules())) == ["bag"]


@pytest.mark.parametrize(
    ("minutes", "standing"),
    [
        (39, DurationStanding.SHORTER), (40, DurationStanding.STUDIED), (41, DurationStanding.WEAK),
        (60, DurationStanding.WEAK), (61, DurationStanding.LONG),
    ],
)  # fmt: skip
def test_forty_minutes_are_studied_up_to_sixty_is_weak_and_beyond_needs_a_reason(minutes, standing):
    card = dose_card(D(70), D("0.5"), made(duration_min=D(minutes)), rules())

    assert card.duration_standing is standing
    assert card.signable() is (not standing.needs_reason)
    assert card.signable("did not tolerate forty")


@given(st.decimals(30, 200, places=1), st.decimals("0.1", "1.0", places=2))
def test_the_drawn_dose_is_never_further_than_half_a_tenth_from_the_exact_one(weight, per_kg):
    card = dose_card(weight, per_kg, made(), rules())

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
