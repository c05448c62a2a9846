"""A bag gives what it holds and no more, however long nobody records that it is through."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from openketamine.core.infusion.amounts import amounts, drug_steps
from openketamine.core.infusion.events import Event, Kind, Step, by_rates, fold
from openketamine.core.pharmacology.what_if import Scenario, SoFar, doses_if

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
DRUG_LINE = Event(Kind.LINE_PRIMED, AT - timedelta(minutes=5), volume_ml=10.0, fluid="drug")
SALINE_LINE = Event(Kind.LINE_PRIMED, AT - timedelta(minutes=5), volume_ml=10.0, fluid="saline")


def minute(number):
    return AT + timedelta(minutes=number)


def course(*before, after=()):
    """100 mL at 150 mL/h: through after 40 minutes."""
    return fold([*before, Event(Kind.STARTED, AT, 150.0), *after], 100.0)


def test_after_the_bag_is_empty_nothing_more_is_delivered():
    forgotten = course()

    assert forgotten.delivered_ml(minute(20)) == pytest.approx(50.0)
    assert forgotten.delivered_ml(minute(90)) == pytest.approx(100.0)
    assert amounts(forgotten, minute(90), Decimal("0.35")).in_bag_mg == Decimal("0.00")


def test_what_the_line_was_primed_with_came_out_of_the_bag_before():
    assert course(DRUG_LINE).empty_at == minute(36)
    assert course(DRUG_LINE).delivered_ml(minute(90)) == pytest.approx(90.0)
    assert course(SALINE_LINE).empty_at == minute(40)


@pytest.mark.parametrize("rate", [1e-7, 5e-324])
def test_at_a_rate_at_which_it_lasts_beyond_the_calendar_it_is_never_empty(rate):
    crawling = fold([Event(Kind.STARTED, AT, rate)], 100.0)

    assert crawling.empty_at is None
    assert crawling.delivered_ml(minute(60)) == pytest.approx(rate)


def test_a_pump_total_counts_for_at_most_the_bag():
    ended = course(after=[Event(Kind.STOPPED, minute(40), delivered_ml=4999.0)])

    assert ended.delivered_ml(minute(41)) == 100.0


def test_the_bag_is_said_to_be_empty_only_from_then_on_and_until_the_end_is_recorded():
    ended = course(after=[Event(Kind.COMPLETED, minute(45))])

    assert course().empty_since(minute(39)) is None
    assert course().empty_since(minute(60)) == minute(40)
    assert ended.empty_since(minute(60)) is None


def test_an_infusion_that_runs_slower_or_pauses_is_not_empty():
    slower = course(after=[Event(Kind.RATE_SET, minute(20), 60.0)])
    paused = course(after=[Event(Kind.PAUSED, minute(20))])

    assert slower.empty_at == minute(70)
    assert paused.empty_at is None


def test_the_drug_reaches_the_vein_only_until_the_bag_is_empty():
    steps = drug_steps(course())

    assert by_rates(steps, minute(90)) == pytest.approx(100.0)
    assert steps[-1].rate_ml_per_h == 0.0


def test_another_rate_from_now_on_empties_the_bag_later():
    steps = drug_steps(course(), [Step(minute(20), 60.0), Step(minute(70), 0.0)])

    assert [(step.at, step.rate_ml_per_h) for step in steps] == [
        (minute(0), 150.0),
        (minute(20), 60.0),
        (minute(70), 0.0),
    ]


@pytest.mark.parametrize(("scenario", "set_to"), [(Scenario.CURRENT_RATE, None), (Scenario.SET_TO, 300.0), (Scenario.PLAN, None)])  # fmt: skip
def test_no_assumption_about_the_pump_gives_more_than_the_bag(scenario, set_to):
    forgotten = SoFar(((0.0, 52.5),), 1.5, ((0.0, 52.5),), 35.0)

    given = doses_if(forgotten, scenario, set_to)

    assert sum(dose.amount_mg for dose in given) == pytest.approx(35.0)
    assert max(dose.start_h + dose.duration_h for dose in given) == pytest.approx(2 / 3)
