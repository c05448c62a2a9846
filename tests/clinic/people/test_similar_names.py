"""Two people whose names are easily taken for one another are flagged; two whose names only share a few letters are not."""

import pytest

from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.similar_names import similar


def person(words):
    given, family = words.split(" ")
    return Patient(given_name=given, family_name=family)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Testa Schmidt", "Anna Schmidt"),
        ("Testa Schmidt", "Anna Schmitt"),
        ("Testa Johnson", "Anna Johnston"),
        ("Testa Andersen", "Anna Andersson"),
        ("Karl Berg", "Carl Tal"),
        ("Testa Müller", "Anna MULLER"),
        ("Maria Thomas", "Thomas Berg"),
    ],
)
def test_equal_and_similar_names_are_flagged_both_ways_round(one, other):
    assert similar(person(one), person(other))
    assert similar(person(other), person(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Testa Schmidt", "Anna Schneider"),
        ("Alba Demo-Aspen", "Bruno Demo-Birch"),
        ("Elio Demo-Elm", "Hedda Demo-Hazel"),
        ("Ivo Tal", "Ina Tor"),
        ("Testa Berg", "Anna Bergström"),
        ("Testa -", "Anna -"),
    ],
)
def test_names_that_only_share_some_letters_are_not(one, other):
    assert not similar(person(one), person(other))
    assert not similar(person(other), person(one))
