"""From answers to a score: nothing is guessed, flags are raised on every answer that is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.citation import Citation, Mark
from openketamine.core.instruments.pattern import Pattern
from openketamine.core.instruments.questionnaire import Band, Choice, Flag, Item, Licence, Questionnaire, Tier, Urgency
from openketamine.core.instruments.scoring import AnswerError, score

CITE = Citation("somebody", "page 1", Mark.READ)
FOUR = tuple(Choice(value, str(value)) for value in range(4))
FREE = Licence(Tier.TEXT, "free")


def asks(**changes):
    fields = {
        "id": "three", "title": "Three", "asks": "How?", "items": tuple(Item(name, name, FOUR) for name in "abc"),
        "bands": (Band(0, "low"), Band(5, "high")), "flags": (), "sources": ("somebody",), "licence": FREE,
    }  # fmt: skip
    return Questionnaire(**{**fields, **changes})


@pytest.mark.parametrize(
    ("answers", "total", "band"),
    [
        ({"a": 0, "b": 0, "c": 0}, 0, "low"),
        ({"a": 2, "b": 2, "c": 0}, 4, "low"),
        ({"a": 2, "b": 2, "c": 1}, 5, "high"),
        ({"a": 2, "b": 2}, None, None),
        ({}, None, None),
    ],
)
def test_a_sum_and_its_band_or_nothing(answers, total, band):
    found = score(asks(), answers)

    assert (found.score, found.band) == (total, band)
    assert set(found.missing) == set("abc") - set(answers)


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)))
def test_a_missing_answer_never_gives_a_score(answers):
    found = score(asks(), answers)

    assert (found.score is None) == (len(answers) < 3)
    assert found.score in {None, sum(answers.values())}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"d": 1}, "answers.d: is no item of three (items: a, b, c)"),
        ({"a": 4}, "answers.a = 4: must be one of 0, 1, 2, 3"),
        ({"a": True}, "answers.a = True: must be one of 0, 1, 2, 3"),
        ({"a": -1}, "answers.a = -1"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(answers, words):
    with pytest.raises(AnswerError) as refused:
        score(asks(), answers)

    assert words in str(refused.value)


def test_a_flag_is_raised_although_the_sum_is_missing():
    flag = Flag("grave", (Pattern((("c", 2),)),), Urgency.URGENT, "found", CITE)

    assert [one.id for one in score(asks(flags=(flag,)), {"c": 2}).flags] == ["grave"]
    assert score(asks(flags=(flag,)), {"c": 1}).flags == ()


def test_a_flag_with_an_exception_waits_until_the_exception_can_be_judged():
    flag = Flag("only_a", (Pattern((("a", 1),)),), Urgency.NOTICE, "found", CITE, unless=Pattern((("b", 1), ("c", 1))))
    raised = [bool(score(asks(flags=(flag,)), answers).flags) for answers in (
        {"a": 1}, {"a": 1, "b": 0}, {"a": 1, "b": 0, "c": 0}, {"a": 1, "b": 0, "c": 1},
    )]  # fmt: skip

    assert raised == [False, False, True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {"bands": (Band(5, "high"), Band(0, "low"))},
        {"flags": (Flag("x", (Pattern((("z", 1),)),), Urgency.NOTICE, "found", CITE),)},
    ],
)
def test_a_questionnaire_whose_parts_do_not_fit_does_not_exist(changes):
    with pytest.raises(ValueError, match=r"bands must rise|not there"):
        asks(**changes)


def test_an_item_has_choices_or_a_range():
    for parts in ({}, {"choices": FOUR, "low": 0, "high": 3}):
        with pytest.raises(ValueError, match="either choices or a range"):
            Item("a", "a", **parts)
    with pytest.raises(ValueError, match="cannot need"):
        Pattern((("a", 1),), 2)
