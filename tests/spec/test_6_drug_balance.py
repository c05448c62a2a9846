"""The drug adds up

What was drawn is what was given, wasted with a witness, or not accounted for; nothing is typed twice.
"""

from decimal import Decimal

import pytest

from openketamine.core.infusion.balance import Balance, given_mg
from openketamine.core.infusion.line import Fluid, Line, whereabouts


@pytest.mark.parametrize(
    ("drawn_mg", "given", "wasted_mg", "unaccounted_mg"),
    [("35.0", "35.0", "0", "0.0"), ("35.0", "24.5", "10.0", "0.5"), ("35.0", "30.0", "5.5", "-0.5")],
)
def test_the_balance_of_a_session(drawn_mg, given, wasted_mg, unaccounted_mg):
    """Above zero something is missing, below zero there is too much; either keeps the record open until somebody says why."""
    balance = Balance(Decimal(drawn_mg), Decimal(given), Decimal(wasted_mg))

    assert balance.unaccounted_mg == Decimal(unaccounted_mg)
    assert balance.closes is (Decimal(unaccounted_mg) == 0)


def test_milligrams_given_follow_the_volume_that_the_pump_delivered():
    assert given_mg(70, Decimal("0.35")) == Decimal("24.50")


@pytest.mark.parametrize(
    ("primed_with", "flushed_ml", "reached_mg", "in_line_mg", "in_bag_mg"),
    [
        ("saline", 0, "19.25", "5.25", "10.50"),
        ("saline", 20, "24.50", "0.00", "10.50"),
        ("drug", 0, "24.50", "5.25", "5.25"),
    ],
)
def test_what_the_pump_delivered_and_what_reached_the_patient_are_two_numbers(
    primed_with, flushed_ml, reached_mg, in_line_mg, in_bag_mg
):
    """35 mg in 100 mL, 70 mL (24.5 mg) through the pump, a line of 15 mL: a line holds back what filled it last until it is flushed."""
    where = whereabouts(100, 70, Line(15, Fluid(primed_with)), flushed_ml)

    found = [given_mg(volume, Decimal("0.35")) for volume in (where.reached_ml, where.in_line_ml, where.in_bag_ml)]
    assert found == [Decimal(reached_mg), Decimal(in_line_mg), Decimal(in_bag_mg)]
