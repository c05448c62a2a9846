"""What would follow, named by its assumption."""

import numpy as np
import pytest

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.population import population
from openketamine.core.pharmacology.substance import Person
from openketamine.core.pharmacology.what_if import Scenario, SoFar, doses_if, rate_under, tenths_below
from openketamine.evidence.subjects import subject

WHO = subject("kamp2020_racemic", Person(70.0))
DRAWS = population(WHO, 400, 1)
EQUAL = np.full(400, 1 / 400)
PAUSED = SoFar(given=((0.0, 52.5), (0.25, 0.0)), now_h=0.3, planned=((0.0, 52.5),), planned_end_h=0.5)
RUNNING = SoFar(given=((0.0, 52.5),), now_h=0.25, planned=((0.0, 52.5), (0.4, 30.0)), planned_end_h=0.5)


def total(doses):
    return sum(dose.amount_mg for dose in doses)


def test_at_the_current_rate_until_the_planned_end():
    assert total(doses_if(RUNNING, Scenario.CURRENT_RATE)) == pytest.approx(52.5 * 0.5)
    assert total(doses_if(PAUSED, Scenario.CURRENT_RATE)) == pytest.approx(52.5 * 0.25)


def test_if_stopped_now_nothing_more_is_given():
    assert total(doses_if(RUNNING, Scenario.STOPPED_NOW)) == pytest.approx(52.5 * 0.25)


def test_if_slowed_the_rest_runs_at_the_slower_rate():
    assert total(doses_if(RUNNING, Scenario.SLOWED, 20.0)) == pytest.approx(52.5 * 0.25 + 20 * 0.25)


def test_if_the_plan_goes_on_its_later_steps_follow_and_a_pause_ends():
    assert total(doses_if(RUNNING, Scenario.PLAN)) == pytest.approx(52.5 * 0.4 + 30 * 0.1)
    assert total(doses_if(PAUSED, Scenario.PLAN)) == pytest.approx(52.5 * 0.25 + 52.5 * 0.2)


@pytest.mark.parametrize("rate", [None, -1.0, 60.0])
def test_a_slowed_rate_lies_between_nothing_and_the_current_one(rate):
    with pytest.raises(ValueError, match="between 0 and the current"):
        doses_if(RUNNING, Scenario.SLOWED, rate)


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
