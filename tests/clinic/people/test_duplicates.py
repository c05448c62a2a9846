"""Who may be the same person: the slips of a hand are found, other people are left in peace."""

from datetime import date

import pytest
from tests.builders import make_patient

from openketamine.clinic.people.duplicates import likely_duplicates, near_dates, one_slip_apart

pytestmark = pytest.mark.django_db
BORN = date(1983, 4, 7)


def found(**changes):
    asked = {"given_name": "Zoë Anna", "family_name": "Müller-Example", "born_on": BORN, **changes}
    return likely_duplicates(**asked) != []


@pytest.fixture(autouse=True)
def known():
    return make_patient(given_name="Zoë Anna", family_name="Müller-Example", born_on=BORN, identifier="H-77")


@pytest.mark.parametrize(
    "slip",
    [
        {},
        {"given_name": "zoe anna", "family_name": "Muller Example"},
        {"given_name": "Müller-Example", "family_name": "Zoë Anna"},
        {"family_name": "Müler-Example"},
        {"family_name": "Mülelr-Example"},
        {"family_name": "Married-Now"},
        {"born_on": date(1983, 7, 4)},
        {"born_on": date(1983, 4, 17)},
        {"given_name": "Somebody", "family_name": "Else", "born_on": date(2001, 1, 1), "identifier": "H-77"},
    ],
)
def test_a_slip_of_the_hand_is_found(slip):
    assert found(**slip)


@pytest.mark.parametrize(
    "other",
    [
        {"given_name": "Otto", "family_name": "Demo"},
        {"born_on": date(1951, 12, 24)},
        {"born_on": date(1983, 4, 17), "given_name": "Otto"},
    ],
)
def test_another_person_is_left_in_peace(other):
    assert not found(**other)


def test_short_names_must_agree_to_the_letter():
    make_patient(given_name="Bo", family_name="Li", born_on=date(1990, 1, 1))

    assert not likely_duplicates(given_name="Jo", family_name="Lu", born_on=date(1990, 1, 1))


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("abcd", "abcd", True), ("abcd", "abxd", True), ("abcd", "acbd", True), ("abcd", "abd", True), ("abcd", "abcde", True),
     ("abcd", "dcba", False), ("abcd", "ab", False), ("abcd", "axyd", False)],
)  # fmt: skip
def test_one_slip_is_one_letter(one, other, near):
    assert one_slip_apart(one, other) is near
    assert one_slip_apart(other, one) is near


def test_near_dates_are_days_of_the_calendar():
    assert {BORN, date(1983, 7, 4), date(1933, 4, 7)} <= near_dates(BORN)
    assert date(1983, 4, 30) not in near_dates(BORN)
