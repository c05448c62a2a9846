"""Rules against facts: what counts against, what passes, what is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.candidacy.assess import Outcome, Summary, assess
from openketamine.core.candidacy.facts import Fact, FactError, Kind
from openketamine.core.candidacy.rules import Comparator, Condition, Role, Rule, Weight
from openketamine.core.citation import Citation, Mark

CITE = Citation("textbook", "page 1", Mark.READ, "trial")
AGE = Fact("age", Kind.NUMBER, "How old?", "a", 0, 120)
PRESSURE = Fact("pressure", Kind.NUMBER, "Which pressure?", "mm[Hg]", 50, 300)
STROKE = Fact("stroke", Kind.BOOLEAN, "A stroke, ever?")
POSSIBLE = Fact("possible", Kind.BOOLEAN, "Could be pregnant?")
PREGNANT = Fact("pregnant", Kind.BOOLEAN, "Pregnant?")
LIVER = Fact("liver", Kind.CHOICE, "How is the liver?", choices=("well", "poor", "failing"))
SCALE = Fact("scale", Kind.CHOICE, "Which scale?", choices=("madrs", "phq9"))
MADRS = Fact("madrs", Kind.NUMBER, "Which total?", "{score}", 0, 60)


def rule(name, role, condition, weight, applies_if=None):
    return Rule(name, Role(role), condition, Weight(weight), f"{name} is fine", f"{name} was found", CITE, applies_if)


ADULT = rule("adult", "inclusion", Condition(AGE, Comparator.AT_LEAST, 18), "absolute")
RAISED = rule("raised", "exclusion", Condition(PRESSURE, Comparator.ABOVE, 140), "relative")
NO_STROKE = rule("no_stroke", "exclusion", Condition(STROKE, Comparator.IS, True), "absolute")
NO_PREGNANCY = rule(
    "no_pregnancy", "exclusion", Condition(PREGNANT, Comparator.IS, True), "absolute", Condition(POSSIBLE, Comparator.IS, True)
)  # fmt: skip
SEVERE = rule(
    "severe", "inclusion", Condition(MADRS, Comparator.ABOVE, 20), "relative", Condition(SCALE, Comparator.IN, ("madrs",))
)  # fmt: skip
ALL = (ADULT, RAISED, NO_STROKE, NO_PREGNANCY)
WELL = {"age": 40, "pressure": 120, "stroke": False, "possible": False}


def outcome(one, facts):
    return assess([one], facts).results[0].outcome


@pytest.mark.parametrize(
    ("one", "facts", "expected"),
    [
        (ADULT, {"age": 17}, "absolute"),
        (ADULT, {"age": 18}, "pass"),
        (RAISED, {"pressure": 140}, "pass"),
        (RAISED, {"pressure": 140.5}, "relative"),
        (NO_STROKE, {"stroke": True}, "absolute"),
        (NO_STROKE, {"stroke": False}, "pass"),
    ],
)
def test_a_known_fact_counts_against_or_passes(one, facts, expected):
    assert outcome(one, facts) == expected


@pytest.mark.parametrize("facts", [{}, {"stroke": None}])
def test_a_missing_fact_is_asked(facts):
    found = assess([NO_STROKE], facts)

    assert (found.summary, found.ask) == (Summary.ASK, ("stroke",))
    assert found.results[0].message == "not known: A stroke, ever?"


@pytest.mark.parametrize(
    ("comparator", "below", "at", "above"),
    [(">", False, False, True), (">=", False, True, True), ("<", True, False, False), ("<=", True, True, False)],
)
def test_each_comparator_at_its_threshold(comparator, below, at, above):
    condition = Condition(PRESSURE, Comparator(comparator), 140)

    assert [condition.holds({"pressure": value}) for value in (139.9, 140, 140.1)] == [below, at, above]


def test_a_choice_is_held_against_a_list_of_words():
    condition = Condition(LIVER, Comparator.IN, ("poor", "failing"))

    assert [condition.holds({"liver": word}) for word in ("well", "poor", "failing")] == [False, True, True]
    assert condition.holds({}) is None


@pytest.mark.parametrize(
    ("facts", "expected", "asks"),
    [
        ({"possible": False}, "pass", ()),
        ({"possible": True}, "ask", ("pregnant",)),
        ({"possible": True, "pregnant": False}, "pass", ()),
        ({"possible": True, "pregnant": True}, "absolute", ()),
        ({}, "ask", ("possible",)),
        ({"pregnant": False}, "ask", ("possible",)),
    ],
)
def test_a_rule_asks_only_the_people_it_is_about(facts, expected, asks):
    found = assess([NO_PREGNANCY], facts)

    assert found.results[0].outcome == expected
    assert found.ask == asks


@pytest.mark.parametrize("possible", [False, None])
def test_an_exclusion_that_counts_against_is_never_hidden_by_whom_it_is_about(possible):
    assert outcome(NO_PREGNANCY, {"possible": possible, "pregnant": True}) is Outcome.ABSOLUTE


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"scale": "phq9"}, "pass"),
        ({"scale": "phq9", "madrs": 3}, "pass"),
        ({"scale": "madrs", "madrs": 20}, "relative"),
        ({"scale": "madrs", "madrs": 21}, "pass"),
        ({"scale": "madrs"}, "ask"),
        ({"madrs": 3}, "ask"),
    ],
)
def test_an_inclusion_counts_only_for_the_people_it_is_about(facts, expected):
    assert outcome(SEVERE, facts) == expected


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({}, "include"),
        ({"pressure": 150}, "relative"),
        ({"pressure": 150, "age": None}, "ask"),
        ({"pressure": 150, "age": None, "stroke": True}, "absolute"),
    ],
)
def test_absolute_comes_before_ask_before_relative_before_include(changes, summary):
    assert assess(ALL, {**WELL, **changes}).summary == summary


def test_each_result_says_value_and_reason():
    found = assess(ALL, {**WELL, "pressure": 150, "stroke": True})

    assert [(result.value, result.message) for result in found.results] == [
        (40, "met: adult is fine"),
        (150, "caution: raised was found"),
        (True, "exclusion criterion present: no_stroke was found"),
        (None, "met: does not apply to this person (no_pregnancy is fine)"),
    ]


def test_what_is_missing_is_asked_once_and_what_resolves_most_comes_first():
    very_high = rule("very_high", "exclusion", Condition(PRESSURE, Comparator.ABOVE, 180), "absolute")

    assert assess([ADULT, RAISED, very_high], {}).ask == ("pressure", "age")
    assert assess([RAISED, ADULT], {}).ask == ("age", "pressure")
    assert assess([ADULT, very_high], {}).ask == ("age", "pressure")


@pytest.mark.parametrize(
    ("facts", "words"), [({"colour": 1}, "colour: unknown fact"), ({"age": "old"}, "age = 'old': must be a number")]
)
def test_facts_nobody_asks_and_values_that_cannot_be_are_refused(facts, words):
    with pytest.raises(FactError, match=words):
        assess(ALL, facts)


@pytest.mark.parametrize(
    ("fact", "comparator", "threshold"),
    [
        (AGE, Comparator.IS, 18),
        (STROKE, Comparator.ABOVE, True),
        (LIVER, Comparator.IS, "poor"),
        (LIVER, Comparator.IN, "poor"),
        (LIVER, Comparator.IN, ()),
        (LIVER, Comparator.IN, ("green",)),
        (AGE, Comparator.ABOVE, 121),
        (AGE, Comparator.ABOVE, (18,)),
        (STROKE, Comparator.IS, 1),
    ],
)
def test_a_threshold_that_does_not_suit_its_fact_is_refused(fact, comparator, threshold):
    with pytest.raises(ValueError, match=r"does not suit|held against|must be"):
        Condition(fact, comparator, threshold)


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "age": st.none() | st.integers(0, 120),
        "pressure": st.none() | st.floats(50, 300),
        "stroke": st.none() | st.booleans(),
        "possible": st.none() | st.booleans(),
        "pregnant": st.none() | st.booleans(),
    },
)


@given(FACTS)
def test_nothing_is_included_while_anything_is_asked(facts):
    found = assess(ALL, facts)

    assert bool(found.ask) == any(result.outcome is Outcome.ASK for result in found.results)
    assert not (found.ask and found.summary in {Summary.INCLUDE, Summary.RELATIVE})


@given(FACTS, st.sampled_from(["age", "pressure", "stroke", "possible", "pregnant"]))
def test_forgetting_a_fact_never_turns_caution_into_consent(facts, forgotten):
    known = assess(ALL, facts)
    less = assess(ALL, {code: value for code, value in facts.items() if code != forgotten})

    assert not (less.summary is Summary.INCLUDE and known.summary is not Summary.INCLUDE and forgotten != "pregnant")
