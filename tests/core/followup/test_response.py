"""Response and remission against the score before treatment."""

import pytest

from openketamine.core.followup.response import Lines, Outcome, outcome, reduction_percent

LINES = Lines(50, 5)


@pytest.mark.parametrize(
    ("baseline", "score", "says"),
    [
        (20, 4, Outcome.REMISSION),
        (20, 10, Outcome.RESPONSE),
        (20, 11, Outcome.PARTIAL),
        (20, 20, Outcome.NONE),
        (20, 24, Outcome.NONE),
        (0, 6, Outcome.NONE),
    ],
)
def test_a_score_against_its_baseline(baseline, score, says):
    assert outcome(baseline, score, LINES) is says


def test_no_reduction_can_be_said_of_a_baseline_of_zero():
    assert reduction_percent(0, 3) is None
