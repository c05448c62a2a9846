"""Milligrams move; they never appear or vanish."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.infusion.drug_book import Account, Transfer, balances

D = Decimal
transfers = st.lists(
    st.tuples(st.sampled_from(Account), st.sampled_from(Account), st.decimals(0, 500, places=2))
    .filter(lambda one: one[0] is not one[1])
    .map(lambda one: Transfer(*one))
)  # fmt: skip


@given(transfers)
def test_all_accounts_sum_to_nothing(moved):
    assert sum(balances(moved).values()) == 0


def test_one_session_from_the_vial_to_the_waste():
    stood = balances([
        Transfer(Account.SUPPLIER, Account.STOCK, D(500)), Transfer(Account.STOCK, Account.SYRINGE, D(35)),
        Transfer(Account.SYRINGE, Account.PATIENT, D("24.5")), Transfer(Account.SYRINGE, Account.WASTE, D(10)),
    ])  # fmt: skip

    assert stood[Account.STOCK] == 465
    assert stood[Account.SYRINGE] == D("0.5")


def test_a_transfer_within_one_account_or_of_less_than_nothing_is_refused():
    with pytest.raises(ValueError, match="from one account to another"):
        Transfer(Account.STOCK, Account.STOCK, D(1))
    with pytest.raises(ValueError, match="negative"):
        Transfer(Account.STOCK, Account.WASTE, D(-1))
