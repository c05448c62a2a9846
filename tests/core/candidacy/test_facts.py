"""What a fact accepts, and what it refuses."""

from datetime import date

import pytest

from openketamine.core.candidacy.facts import Fact, FactError, Kind, whole_months

AGE = Fact("age", Kind.NUMBER, "How old?", "a", 0, 120, dated=True)
MONTHS = Fact("months", Kind.NUMBER, "How long ago?", "mo", 0, 1200, dated=True)
PRESSURE = Fact("pressure", Kind.NUMBER, "Which pressure?", "mm[Hg]", 50, 300)
ALLERGY = Fact("allergy", Kind.BOOLEAN, "Allergic?")
LIVER = Fact("liver", Kind.CHOICE, "Which liver?", choices=("none", "severe"))
ON = date(2026, 3, 2)


@pytest.mark.parametrize("fact", [AGE, PRESSURE, ALLERGY, LIVER])
def test_a_fact_that_nobody_knows_is_none(fact):
    assert fact.read(None) is None


@pytest.mark.parametrize(
    ("fact", "given"),
    [(AGE, 0), (AGE, 120), (PRESSURE, 141.5), (ALLERGY, True), (ALLERGY, False), (LIVER, "none")],
)
def test_a_fact_keeps_what_was_given(fact, given):
    assert fact.read(given) is given


@pytest.mark.parametrize(
    ("fact", "given", "words"),
    [
        (AGE, -1, "age = -1: must be from 0 to 120 a"),
        (AGE, 121, "from 0 to 120 a"),
        (AGE, float("nan"), "age = nan: must be from 0 to 120 a"),
        (AGE, float("inf"), "age = inf"),
        (AGE, 10**400, "..."),
        (AGE, True, "age = True: must be a number"),
        (AGE, "forty", "age = 'forty': must be a number or a date"),
        (AGE, [45], "age = a list: must be a number"),
        (PRESSURE, "120", "pressure = '120': must be a number"),
        (PRESSURE, "2026-01-01", "must be a number"),
        (ALLERGY, 1, "allergy = 1: must be true or false"),
        (ALLERGY, "yes", "must be true or false"),
        (LIVER, "some", "liver = 'some': must be one of none, severe"),
        (LIVER, {"a": 1}, "liver = a dict: must be one of none, severe"),
    ],
)
def test_anything_else_is_refused_with_its_name_and_what_it_must_be(fact, given, words):
    with pytest.raises(FactError) as refused:
        fact.read(given, ON)

    assert words in str(refused.value)
    assert len(str(refused.value)) < 130


@pytest.mark.parametrize(
    ("fact", "given", "value"),
    [
        (AGE, "1980-03-02", 46),
        (AGE, "1980-03-03", 45),
        (AGE, date(2008, 3, 2), 18),
        (AGE, "2008-03-03", 17),
        (MONTHS, "2025-03-02", 12),
        (MONTHS, "2025-03-03", 11),
        (MONTHS, "2026-03-02", 0),
    ],
)
def test_years_and_months_count_from_a_date(fact, given, value):
    assert fact.read(given, ON) == value


@pytest.mark.parametrize(
    ("given", "on", "words"),
    [
        ("1980-02-30", ON, "must be a day of the calendar"),
        ("2026-03-03", ON, "must be from 0 to 120 a"),
        (date(1980, 1, 1), None, "age = 1980-01-01: must be a number, or come with the date on which it is read"),
    ],
)
def test_a_date_that_cannot_be_counted_is_refused(given, on, words):
    with pytest.raises(FactError, match=words):
        AGE.read(given, on)


def test_a_month_is_complete_on_its_day():
    assert whole_months(date(2026, 1, 31), date(2026, 2, 28)) == 0
    assert whole_months(date(2026, 1, 31), date(2026, 3, 31)) == 2
    assert whole_months(date(2026, 3, 3), date(2026, 3, 2)) == -1


@pytest.mark.parametrize(
    "parts",
    [
        ("", Kind.BOOLEAN, "Allergic?"),
        ("a", Kind.BOOLEAN, ""),
        ("a", Kind.BOOLEAN, "Allergic?", "kg"),
        ("a", Kind.NUMBER, "How much?"),
        ("a", Kind.NUMBER, "How much?", "kg", 5, 5),
        ("a", Kind.CHOICE, "Which?", "", 0, 0, ("one",)),
        ("a", Kind.BOOLEAN, "Which?", "", 0, 0, ("one", "two")),
        ("a", Kind.NUMBER, "How much?", "kg", 0, 5, (), True),
    ],
)
def test_a_question_that_lacks_a_part_does_not_exist(parts):
    with pytest.raises(ValueError, match=r"needs a code|a number, and only|a choice, and only|only years"):
        Fact(*parts)
