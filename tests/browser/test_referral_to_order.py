"""From a referral to a signed order, by links and buttons alone: every click and key is counted and printed."""

import re

import pytest
from tests.browser.prescriber import Hand, decided, planned_and_ordered, referred

EIGHT_MINUTES = 480


@pytest.fixture
def hand(desk):
    prescriber = desk("ada")
    return Hand(prescriber.page)


def test_from_referral_to_signed_order_without_an_address_and_without_a_filled_in_fact(hand, pytestconfig):
    for step in (referred, decided, planned_and_ordered):
        step(hand)
        pytestconfig.get_terminal_writer().line(f"{step.__name__}: {hand.told()}")

    page = hand.page.locator("main").inner_text()
    assert re.search(r"Signed and locked: Ada Example, \d{4}-\d\d-\d\d", page)
    assert "Clinician decided: candidate for ketamine" in page
    assert hand.seconds() < EIGHT_MINUTES
