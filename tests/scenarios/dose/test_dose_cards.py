"""Worked orders of every indication: what is typed, what the card must say, what stands against signing it.

The expected numbers were computed with fractions outside the program.
"""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from openketamine.core.plan.dose import Preparation, dose_card
from openketamine.evidence.regimen import regimen

CASES = json.loads(Path(__file__).with_name("cards.json").read_text(encoding="utf-8"))
NUMBERS = ("dose_mg", "draw_ml", "concentration_mg_per_ml", "rate_ml_per_h", "rate_mg_per_h")


@pytest.mark.parametrize("case", CASES, ids=[case["who"] for case in CASES])
def test_a_worked_order(case):
    typed, expected = case["given"], case["expected"]
    made = Preparation(
        Decimal(typed["strength_mg_per_ml"]), Decimal(typed["bag_ml"]), Decimal(typed["duration_min"]), typed["diluent"]
    )
    card = dose_card(
        Decimal(typed["weight_kg"]), Decimal(typed["dose_mg_per_kg"]), made, regimen(case["regimen"]).rules,
        given_today_mg=Decimal(typed["given_today_mg"]), weight_age_h=typed["weight_age_h"],
    )  # fmt: skip

    shown = {name: str(getattr(card, name)) for name in NUMBERS}
    assert shown == {name: expected[name] for name in NUMBERS}
    assert [fault.id for fault in card.faults] == expected["faults"]
    assert card.signable(typed["reason"]) is expected["signed"]


def test_every_regimen_that_can_be_ordered_as_it_ships_has_a_worked_order():
    from openketamine.evidence import load

    orderable = {name for name in load.names("regimens") if regimen(name).orderable}

    assert {case["regimen"] for case in CASES} == orderable
