"""What is recorded of the drug against the bag and the order: an empty bag, a total that it never held, a rate far from the order."""

import pytest
from tests.clinic.journey.steps import go_to, record

from openketamine.clinic.infusion import curves, queries
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.people.models import Clinic

pytestmark = pytest.mark.django_db


def test_a_bag_whose_end_nobody_records_gives_what_it_holds(nurse, running, now):
    go_to(now, 60)

    assert "<b>35 mg</b> of 35.0 mg" in nurse.get("infusion:chair", running.reference).text
    assert "35.0 mg delivered" in nurse.get("infusion:chart", running.reference).json()["said"]["drug"]


def test_the_chair_and_the_board_say_since_when_the_bag_should_be_empty(nurse, running, now):
    said = "the bag should be empty since 09:40, the end is not recorded"
    go_to(now, 39)
    assert said not in nurse.get("infusion:chair", running.reference).text

    go_to(now, 60)
    assert said in nurse.get("infusion:chair", running.reference).text
    assert said in nurse.get("chart:board").text
    assert said in nurse.get("chart:wall").text

    record(nurse, running, "completed")
    assert said not in nurse.get("infusion:chair", running.reference).text


def test_the_chart_draws_the_pump_until_now_and_nothing_from_an_empty_bag(nurse, running, now):
    go_to(now, 20)
    assert nurse.get("infusion:chart", running.reference).json()["delivered"] == [[0.0, 150.0], [20.0, 150.0]]

    go_to(now, 60)
    assert nurse.get("infusion:chart", running.reference).json()["delivered"] == [
        [0.0, 150.0],
        [40.0, 0.0],
        [60.0, 0.0],
    ]


def test_the_drug_book_posts_no_more_than_was_drawn_when_the_end_is_recorded_late(nurse, running, now):
    go_to(now, 90)
    record(nurse, running, "completed")

    balance = ledger.balance(running.reference)
    assert (balance.given_mg, balance.unaccounted_mg) == (35, 0)


def test_the_level_of_the_model_falls_once_the_bag_must_be_empty(running, now):
    Clinic.objects.update(individual_prediction=True)
    levels = []
    for minute in (39, 60, 90):
        go_to(now, minute)
        levels.append(curves.level_now(running, at=now["at"])["p50"])

    assert levels[0] > levels[1] > levels[2]


def test_a_total_above_the_bag_is_refused_with_its_value_and_a_way_out(nurse, running, now):
    go_to(now, 20)

    answer = nurse.post("infusion:record", running.reference, kind="stopped", delivered_ml="4999", follow=False)

    assert answer.status_code == 422
    assert "4999 mL is more than the bag holds (100 mL): read the pump again" in answer.text
    assert not InfusionEvent.objects.filter(kind="stopped").exists()


def test_no_correction_brings_a_total_above_the_bag_in(nurse, running, now):
    go_to(now, 20)
    record(nurse, running, "stopped", delivered_ml="50")
    event = InfusionEvent.objects.get(kind="stopped")

    answer = nurse.post(
        "infusion:correct", running.reference, event.number, says="misread", delivered_ml="4999", kind="x"
    )

    assert answer.status_code == 422
    assert queries.course_of(running).pump_total_ml == 50.0


@pytest.mark.parametrize("rate", ["1500", "301", "14"])
def test_a_rate_far_from_the_order_is_asked_about_again(nurse, running, now, rate):
    go_to(now, 5)

    answer = nurse.post("infusion:record", running.reference, kind="rate_set", rate_ml_per_h=rate, follow=False)

    assert answer.status_code == 422
    assert f"{rate} mL/h is far from the ordered 150 mL/h" in answer.text
    assert not InfusionEvent.objects.filter(kind="rate_set").exists()


def test_a_far_rate_that_somebody_confirms_is_recorded_with_the_confirmation(nurse, running, now):
    go_to(now, 5)
    record(nurse, running, "rate_set", rate_ml_per_h="400", sure="yes")

    event = InfusionEvent.objects.get(kind="rate_set")
    assert (event.rate_ml_per_h, event.says) == (400.0, "confirmed, though 150 mL/h are ordered")


@pytest.mark.parametrize("rate", ["300", "75", "15"])
def test_a_rate_near_the_order_is_taken_without_a_question(nurse, running, now, rate):
    go_to(now, 5)
    record(nurse, running, "rate_set", rate_ml_per_h=rate)

    assert InfusionEvent.objects.get(kind="rate_set").says == ""


def test_the_tick_for_a_far_rate_knows_which_rates_are_near_and_stands_there_after_a_refusal(nurse, running, now):
    go_to(now, 5)
    page = nurse.get("infusion:chair", running.reference).text
    assert '<label class="sure" data-lowest="15" data-highest="300">' in page

    refused = nurse.post("infusion:record", running.reference, kind="rate_set", rate_ml_per_h="1500", follow=False).text
    assert 'class="sure far"' in refused
    assert 'name="rate_ml_per_h" inputmode="decimal" required autocomplete="off" value="1500"' in refused
