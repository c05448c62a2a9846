"""Points at which a clinician looks whether to go on."""

from datetime import UTC, datetime, timedelta

import pytest

from openketamine.core.followup.checkpoint import Checkpoint, Remission, Score, Standing, look

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
GIVEN = [FIRST + timedelta(days=days) for days in (0, 3, 7, 10)]
AFTER_FOUR = Checkpoint("after_four", "Less than 20 % better", 4, 20.0, 24.0, "review", "early_nonimprovement2024")
BEFORE = Score("madrs", 30, FIRST - timedelta(days=1))


def later(value, hours=24, instrument="madrs"):
    return Score(instrument, value, GIVEN[3] + timedelta(hours=hours))


@pytest.mark.parametrize(("value", "standing"), [(24, Standing.PASSED), (25, Standing.MET), (31, Standing.MET)])
def test_a_fifth_better_a_day_after_the_fourth_infusion_is_the_line(value, standing):
    found = look(AFTER_FOUR, GIVEN, [BEFORE, later(value)], ["madrs", "phq9"])

    assert found.standing is standing
    assert found.improvement_percent == pytest.approx(100 * (30 - value) / 30)


def test_it_is_not_asked_after_two_infusions():
    assert look(AFTER_FOUR, GIVEN[:2], [BEFORE], ["madrs"]).standing is Standing.NOT_YET


def test_a_score_too_early_or_after_the_next_infusion_does_not_count():
    fifth = [*GIVEN, GIVEN[3] + timedelta(days=4)]
    scores = [BEFORE, later(10, hours=20), later(10, hours=24 * 5)]

    assert look(AFTER_FOUR, fifth, scores, ["madrs"]).standing is Standing.NOT_KNOWN


def test_scores_of_two_questionnaires_are_never_compared():
    assert (
        look(AFTER_FOUR, GIVEN, [BEFORE, later(3, instrument="phq9")], ["madrs", "phq9"]).standing is Standing.NOT_KNOWN
    )


def test_the_preferred_questionnaire_is_used_where_both_are_there():
    scores = [BEFORE, later(29), Score("phq9", 20, BEFORE.at), later(5, instrument="phq9")]

    assert look(AFTER_FOUR, GIVEN, scores, ["madrs", "phq9"]).after.instrument == "madrs"


def test_remission_is_named_and_each_name_has_its_own_line():
    assert Remission("madrs_at_most_10", "MADRS 10 or less", "madrs", 10, inclusive=True).reached(10)
    assert not Remission("phq9_below_5", "PHQ-9 below 5", "phq9", 5, inclusive=False).reached(5)
