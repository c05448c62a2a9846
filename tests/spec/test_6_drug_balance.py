"""The drug adds up

What was drawn is what was given, wasted with a witness, or not accounted for; nothing is typed twice.
"""

from decimal import Decimal

import pytest

from openketamine.core.infusion.balance import Balance, given_mg


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


def test_the_fluid_that_filled_the_line_carried_no_drug():
    assert given_mg(100, Decimal("0.35"), line_ml=10) == Decimal("31.50")
