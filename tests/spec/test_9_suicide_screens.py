"""What a suicide screen leads to

By item and by change, never by a sum: known and unchanged is reviewed and signed; new, worse or grave holds the start of an infusion until
an assessment of the same day is documented.
"""

import pytest

from openketamine.core.instruments.suicide import triage
from openketamine.evidence.questionnaires import questionnaire

ASQ, CSSRS = questionnaire("asq"), questionnaire("cssrs_screener")


def asq(*yes, asked=4):
    return {str(item): int(item in yes) for item in range(1, (6 if yes else 5) if asked == 4 else asked + 1)}


def cssrs(*yes):
    asked = ["1", "2", "6"] + (["3", "4", "5"] if "2" in yes else []) + (["6b"] if "6" in yes else [])
    return {item: int(item in yes) for item in asked}


@pytest.mark.parametrize(
    ("now", "before", "step"),
    [
        (asq(), None, "nothing"),
        (asq(), asq(1), "nothing"),
        (asq(4), asq(4), "review"),
        (asq(1, 4), asq(1, 4), "review"),
        (asq(1), asq(1, 2), "review"),
        (asq(4), None, "hold"),
        (asq(1, 4), asq(4), "hold"),
        (asq(1, 5), asq(1, 5), "hold"),
        ({"1": 0, "2": 0, "3": 0}, None, "ask"),
        ({"4": 1}, asq(4), "ask"),
        ({"1": 1}, None, "hold"),
    ],
)
def test_the_asq_holds_when_new_worse_or_right_now(now, before, step):
    assert triage(ASQ, now, before).step == step


@pytest.mark.parametrize(
    ("now", "before", "step"),
    [
        (cssrs(), None, "nothing"),
        (cssrs("6"), cssrs("6"), "review"),
        (cssrs("1", "2", "3"), cssrs("1", "2", "3"), "review"),
        (cssrs("1"), None, "hold"),
        (cssrs("1", "2"), cssrs("1"), "hold"),
        (cssrs("1", "2", "4"), cssrs("1", "2", "4"), "hold"),
        (cssrs("1", "2", "5"), cssrs("1", "2", "5"), "hold"),
        (cssrs("6", "6b"), cssrs("6", "6b"), "hold"),
        ({"1": 1, "2": 1, "6": 0}, {"1": 1, "2": 1, "6": 0}, "ask"),
    ],
)
def test_the_c_ssrs_holds_when_new_worse_or_item_4_5_or_6b(now, before, step):
    assert triage(CSSRS, now, before).step == step


def test_what_is_new_is_named():
    found = triage(ASQ, asq(1, 4), asq(4))

    assert (found.changed, found.grave) == (("1",), False)
    assert triage(ASQ, asq(4, 5), asq(4, 5)).grave
