"""What would follow, named by its assumption."""

import numpy as np
import pytest

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.population import population
from openketamine.core.pharmacology.substance import Person
from openketamine.core.pharmacology.what_if import Scenario, SoFar, ahead, doses_if, rate_under, tenths_below
from openketamine.evidence.subjects import subject

WHO = subject("kamp2020_racemic", Person(70.0))
DRAWS = population(WHO, 400, 1)
EQUAL = np.full(400, 1 / 400)
ORDERED = 35.0
PLAN = ((0.0, 52.5), (0.4, 30.0))
RUNNING = SoFar(given=((0.0, 52.5),), now_h=0.25, planned=PLAN, whole=ORDERED)
PAUSED = SoFar(given=((0.0, 52.5), (0.25, 0.0)), now_h=0.5, planned=PLAN, whole=ORDERED)


def total(doses):
    return sum(dose.amount_mg for dose in doses)


def ends(doses):
    return doses[-1].start_h + doses[-1].duration_h


def test_at_the_current_rate_until_the_whole_is_through():
    doses = doses_if(RUNNING, Scenario.CURRENT_RATE)

    assert (total(doses), ends(doses)) == pytest.approx((35.0, 35 / 52.5))
    assert total(doses_if(PAUSED, Scenario.CURRENT_RATE)) == pytest.approx(52.5 * 0.25)


def test_if_stopped_now_nothing_more_is_given():
    assert total(doses_if(RUNNING, Scenario.STOPPED_NOW)) == pytest.approx(52.5 * 0.25)


def test_if_set_to_another_rate_the_whole_is_through_at_another_time():
    doses = doses_if(RUNNING, Scenario.SET_TO, 20.0)

    assert (total(doses), ends(doses)) == pytest.approx((35.0, 0.25 + (35 - 52.5 * 0.25) / 20))


def test_if_the_plan_continues_on_time_it_ends_as_ordered():
    """21 mg by hour 0.4 as ordered, then 14 mg at 30 mg/h."""
    faster, slower = doses_if(RUNNING, Scenario.PLAN)

    assert (faster.start_h, faster.amount_mg, faster.duration_h) == pytest.approx((0.0, 21.0, 0.4))
    assert (slower.start_h, slower.amount_mg, slower.duration_h) == pytest.approx((0.4, 14.0, 14 / 30))


def test_if_the_plan_continues_after_a_pause_every_later_step_is_late_by_the_pause():
    """Paused from hour 0.25 to now, hour 0.5: the step of hour 0.4 comes at 0.65, and the end is as late."""
    before, to_the_step, after_it = doses_if(PAUSED, Scenario.PLAN)

    assert (before.start_h, before.duration_h, before.amount_mg) == pytest.approx((0.0, 0.25, 52.5 * 0.25))
    assert (to_the_step.start_h, to_the_step.amount_mg) == pytest.approx((0.5, 52.5 * 0.15))
    assert (after_it.start_h, after_it.amount_mg) == pytest.approx((0.65, 14.0))
    assert ends((after_it,)) == pytest.approx(0.65 + 14 / 30)


def test_if_the_plan_continues_after_running_slower_it_takes_up_where_it_was_left():
    """13.125 mg were given in half an hour instead of a quarter: the plan is a quarter of an hour late."""
    slow = SoFar(((0.0, 26.25),), 0.5, PLAN, ORDERED)

    assert ahead(slow, Scenario.PLAN) == (
        (0.5, 52.5),
        (pytest.approx(0.65), 30.0),
        (pytest.approx(0.65 + 14 / 30), 0.0),
    )


def test_if_the_whole_is_through_already_nothing_more_is_given_in_any_scenario():
    through = SoFar(((0.0, 52.5),), 1.0, PLAN, ORDERED)

    for scenario in (Scenario.CURRENT_RATE, Scenario.PLAN, Scenario.STOPPED_NOW):
        assert ahead(through, scenario) == ((1.0, 0.0),)


@pytest.mark.parametrize("rate", [None, -1.0, float("nan")])
def test_a_rate_to_set_is_named_and_not_negative(rate):
    with pytest.raises(ValueError, match="at least 0"):
        doses_if(RUNNING, Scenario.SET_TO, rate)


def test_the_rate_for_nine_in_ten_keeps_nine_in_ten_under_the_limit():
    answer = rate_under(WHO, DRAWS, EQUAL, (), (0.0, 40 / 60), 15.0, 105.0)
    rate = answer.rates_mg_per_h[0.90]
    peaks = WHO.outputs(DRAWS, (Dose(0, rate * 40 / 60, 40 / 60),), np.array([40 / 60]))["systolic_rise_mmhg"][:, 0]

    assert np.quantile(peaks, 0.90) == pytest.approx(15.0, rel=0.02)
    assert answer.rates_mg_per_h[0.95] < rate < answer.rates_mg_per_h[0.75]
    assert answer.rise_mmhg["p05"] < answer.rise_mmhg["p50"] < 15 < answer.rise_mmhg["p95"]


def test_a_generous_limit_is_answered_by_the_highest_rate_asked_about():
    answer = rate_under(WHO, DRAWS, EQUAL, (), (0.0, 40 / 60), 90.0, 105.0)

    assert answer.at_most == {0.95, 0.90, 0.75}
    assert set(answer.rates_mg_per_h.values()) == {105.0}


def test_what_was_given_already_counts():
    before = (Dose(0, 30, 20 / 60),)
    fresh, later = (
        rate_under(WHO, DRAWS, EQUAL, given, (20 / 60, 40 / 60), 15.0, 105.0).rates_mg_per_h[0.9]
        for given in ((), before)
    )

    assert later < fresh


@pytest.mark.parametrize(("span", "limit"), [((1.0, 1.0), 10.0), ((0.0, 1.0), 0.0)])
def test_an_empty_question_is_refused(span, limit):
    with pytest.raises(ValueError, match="greater than 0"):
        rate_under(WHO, DRAWS, EQUAL, (), span, limit, 50.0)


def test_standing_among_ten_simulated_patients():
    assert tenths_below(np.arange(100.0), 80.0) == 8
    assert tenths_below(np.arange(100.0), -1.0) == 0
