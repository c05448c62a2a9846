"""The course: when to look, what a checkpoint proposes, and what a clinic may change

A checkpoint proposes; the clinician decides each time. Scores of two questionnaires are never compared with each other.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from openketamine.core.followup.checkpoint import Score, look
from openketamine.core.plan.calendar import infusion_days
from openketamine.core.plan.protocol import changes
from openketamine.evidence import load
from openketamine.evidence.regimen import KIND, regimen
from openketamine.evidence.regimen_edit import settings

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = regimen("depression_iv_racemic")


def looked(infusions, before, after, hours=24, instrument="madrs", checkpoint=0):
    given = [FIRST + timedelta(days=day) for day in (0, 3, 7, 10, 14, 17)[:infusions]]
    scores = [
        Score(instrument, before, FIRST - timedelta(days=1)),
        Score(instrument, after, given[-1] + timedelta(hours=hours)),
    ]
    return look(RULES.checkpoints[checkpoint], given, scores, RULES.instruments)


@pytest.mark.parametrize(
    ("before", "after", "standing"),
    [
        (30, 24, "does not meet the line"),
        (30, 25, "meets the line"),
        (30, 30, "meets the line"),
        (30, 33, "meets the line"),
    ],
)
def test_a_day_after_the_fourth_infusion_less_than_a_fifth_better_proposes_a_review(before, after, standing):
    """MADRS totals. It is not asked after one or two infusions: more than half of those without early gain had it by the fourth."""
    assert looked(4, before, after).standing.value == standing
    assert RULES.checkpoints[0].proposes == "review"


@pytest.mark.parametrize("infusions", [1, 2, 3])
def test_before_the_fourth_infusion_nothing_is_proposed(infusions):
    assert looked(infusions, 30, 30).standing.value == "not yet"


@pytest.mark.parametrize(("after", "standing"), [(15, "does not meet the line"), (16, "meets the line")])
def test_after_the_sixth_infusion_without_a_response_an_ending_is_proposed(after, standing):
    """A response is half of the MADRS total before the course, 30 here."""
    assert looked(6, 30, after, checkpoint=1).standing.value == standing
    assert RULES.checkpoints[1].proposes == "ending"


def test_a_score_of_the_same_evening_does_not_count():
    assert looked(4, 30, 10, hours=8).standing.value == "due, no score yet"


def test_the_phq_9_asks_about_two_weeks_and_is_marked_as_overlapping():
    assert "phq9" in RULES.overlapping_recall
    assert "madrs" not in RULES.overlapping_recall


@pytest.mark.parametrize(
    ("name", "score", "reached"),
    [
        ("phq9_below_5", 4, True),
        ("phq9_below_5", 5, False),
        ("madrs_at_most_10", 10, True),
        ("madrs_at_most_10", 11, False),
    ],
)
def test_remission_has_names_because_it_has_several_definitions(name, score, reached):
    assert next(one for one in RULES.remissions if one.id == name).reached(score) is reached


def test_twice_a_week_is_every_third_and_fourth_day_in_turn():
    assert [day.day for day in infusion_days(FIRST.date(), 6, 2)] == [2, 5, 9, 12, 16, 19]


@pytest.mark.parametrize(
    ("setting", "value", "effect"),
    [
        ("caps.per_session", "60", "tighter"),
        ("caps.per_kg", "0.8", "tighter"),
        ("caps.per_kg", "1.2", "looser than its source: needs a signed reason"),
        ("recovery.observation", "90", "looser than its source: needs a signed reason"),
        ("recovery.observation", "150", "tighter"),
        ("weight.oldest", "48", "looser"),
    ],
)
def test_a_clinic_may_tighten_freely_and_loosens_a_sourced_limit_only_with_a_reason(setting, value, effect):
    assert changes(settings(RULES), {setting: Decimal(value)})[0].effect.value == effect


@pytest.mark.parametrize("name", load.names(KIND))
def test_inpatient_evidence_is_for_reading_and_an_unread_dose_is_the_clinic_s_to_set(name):
    """Every indication has a protocol; which of them can be ordered from as they ship follows from their evidence."""
    rules = regimen(name)

    assert rules.orderable is (not rules.view_only and rules.dose_mg_per_kg is not None)
    assert rules.view_only is ("INPATIENT" in rules.setting)
