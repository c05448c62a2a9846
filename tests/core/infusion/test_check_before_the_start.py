"""Where an item of the check before the start stands."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.infusion.gate import (
    HOLDS,
    NO,
    NOT_ASKED,
    NOT_KNOWN,
    YES,
    Cuff,
    InDate,
    Severity,
    Stand,
    Tier,
    in_date,
    same_name,
    stand,
    tier_of,
    weighed,
)

severities, answers = st.sampled_from(Severity), st.sampled_from((YES, NO, NOT_KNOWN, NOT_ASKED))


@given(severities, st.booleans(), st.text(max_size=5))
def test_a_yes_is_done_whatever_it_weighs(severity, final, reason):
    assert stand(severity, YES, reason, final=final) is Stand.DONE


@given(
    severities.filter(lambda one: one is not Severity.INFORMS), answers.filter(lambda one: one != YES), st.booleans()
)
def test_without_a_reason_everything_but_a_yes_holds(severity, answer, final):
    assert stand(severity, answer, "", final=final) in HOLDS


@given(st.sampled_from((NO, NOT_KNOWN)), severities.filter(lambda one: one is not Severity.INFORMS))
def test_a_reason_opens_what_is_not_final(answer, severity):
    assert stand(severity, answer, "why") is Stand.REASON_GIVEN
    assert stand(severity, answer, "why", final=True) in HOLDS


@given(severities.filter(lambda one: one is not Severity.INFORMS))
def test_a_reason_never_replaces_asking(severity):
    assert stand(severity, NOT_ASKED, "why") is Stand.NOT_ASKED


@given(answers.filter(lambda one: one != YES))
def test_what_informs_never_holds(answer):
    assert stand(Severity.INFORMS, answer, "") is Stand.INFORMS


TIERS = (Tier(140, 90, Severity.NEEDS_REASON, "a"), Tier(180, 100, Severity.BLOCKS, "b"))


@pytest.mark.parametrize(
    ("systolic", "diastolic", "says"),
    [(140, 90, None), (141, 70, "a"), (120, 91, "a"), (180, 100, "a"), (181, 70, "b"), (120, 101, "b")],
)
def test_the_gravest_tier_that_either_pressure_reaches_counts(systolic, diastolic, says):
    found = tier_of(systolic, diastolic, TIERS)
    assert (found and found.says) == says


@pytest.mark.parametrize(
    ("said", "known", "same"),
    [
        ("alba demo-aspen", "Alba Demo-Aspen", True), ("Demo-Aspen, Alba", "Alba Demo-Aspen", True), ("José Müller", "Jose Muller", True),
        ("Alba", "Alba Demo-Aspen", False), ("", "", False), ("Alba Demo-Birch", "Alba Demo-Aspen", False),
    ],
)  # fmt: skip
def test_a_name_is_the_same_in_any_order_case_and_accent(said, known, same):
    assert same_name(said, known) is same


@pytest.mark.parametrize(
    ("age", "clear", "needless", "interval", "stands"),
    [
        (None, False, None, None, InDate.NO_INTERVAL),
        (None, False, None, 7, InDate.NONE_RECORDED),
        (7, True, None, 7, InDate.IN_DATE),
        (8, True, None, 7, InDate.DUE),
        (8, True, None, None, InDate.NO_INTERVAL),
        (0, True, None, None, InDate.IN_DATE),
        (0, False, None, 7, InDate.NOT_CLEAR),
        (900, False, None, None, InDate.NOT_CLEAR),
        (None, False, 300, 7, InDate.NOT_APPLICABLE),
        (3, True, 300, 7, InDate.NOT_APPLICABLE),
        (10, False, 3, 7, InDate.NOT_APPLICABLE),
        (3, False, 10, 7, InDate.NOT_CLEAR),
        (3, False, 3, 7, InDate.NOT_CLEAR),
    ],
)
def test_a_result_stands_by_its_age_the_clinics_interval_and_whether_one_is_needed(
    age, clear, needless, interval, stands
):
    found = in_date(age_days=age, clear=clear, needless_days=needless, interval_days=interval)
    assert found is stands


NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AGAIN = timedelta(minutes=5)


def cuff(minute, systolic, diastolic):
    return Cuff(NINE + timedelta(minutes=minute), systolic, diastolic)


@pytest.mark.parametrize(
    ("cuffs", "counts", "says", "again_minute"),
    [
        ([(0, 128, 78)], 128, None, None),
        ([(0, 150, 95)], 150, "a", 5),
        ([(0, 150, 95), (1, 139, 89)], 150, "a", 5),
        ([(0, 150, 95), (5, 139, 89)], 139, None, None),
        ([(0, 150, 95), (5, 152, 94)], 152, "a", None),
        ([(0, 190, 112), (1, 172, 95)], 190, "b", 5),
        ([(0, 190, 112), (5, 172, 95)], 172, "a", None),
        ([(0, 128, 78), (1, 150, 95)], 150, "a", 6),
    ],
)
def test_the_last_pressure_counts_unless_it_came_too_soon_after_a_graver_one(cuffs, counts, says, again_minute):
    found = weighed([cuff(*one) for one in cuffs], TIERS, AGAIN)

    assert (found.cuff.systolic, found.tier and found.tier.says) == (counts, says)
    assert found.again_from == (None if again_minute is None else NINE + timedelta(minutes=again_minute))


def test_without_a_whole_measurement_nothing_is_weighed():
    assert weighed([], TIERS, AGAIN) is None
