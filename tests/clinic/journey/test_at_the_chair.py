"""What is recorded at the chair: the drug is true, endings have owners, nothing counts twice, somebody is called."""

from decimal import Decimal

import pytest
from django.urls import reverse
from tests.clinic.journey.steps import (
    checked,
    drawn,
    fitted_out,
    go_to,
    phase,
    planned,
    record,
    seated,
    started,
    the_run,
)

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.infusion import actions, queries
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.people.models import Clinic, Finding
from openketamine.clinic.plan import regimens
from openketamine.clinic.portal.models import Press
from openketamine.clinic.tasks.models import Task
from openketamine.core.infusion import events

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    return seated(nurse, patient)


def test_delivered_and_reached_are_two_numbers_on_page_in_record_and_in_the_drug_book(nurse, infusion, now):
    record(nurse, infusion, "line_primed", volume_ml="15", fluid="saline")
    the_run(nurse, infusion, now)

    course = queries.course_of(infusion)
    where = queries.amounts(infusion, course, now["at"])
    assert (where.pump_delivered_mg, where.reached_mg, where.in_line_mg) == (D("24.50"), D("19.25"), D("5.25"))
    assert ledger.balance(infusion.reference).given_mg == D("19.25")
    page = " ".join(nurse.get("infusion:chair", infusion.reference).text.split())
    assert "24.50 mg</b> of 35.0 mg" in page
    assert "<b>19.25 mg</b>" in page
    chart = nurse.get("infusion:chart", infusion.reference).json()
    assert chart["drugs"][0]["total"] == "24.5 mg (reached 19.25 mg)"


def test_while_saline_still_fills_the_line_a_stop_now_would_mean_that_no_drug_reaches_anybody(
    nurse, infusion, clinic, now
):
    clinic.individual_prediction = True
    clinic.save()
    record(nurse, infusion, "line_primed", volume_ml="15", fluid="saline")
    started(nurse, infusion)
    go_to(now, 2)

    chart = nurse.get("infusion:chart", infusion.reference).json()

    assert set(chart["stopped"]["person"]["p95"]) == {0.0}
    assert max(chart["prediction"]["person"]["p50"]) > 0


def asked(nurse, infusion, rate):
    return nurse.client.get(reverse("infusion:chart", args=[infusion.reference]), {"rate": rate}).json()


def test_if_the_plan_continues_what_was_given_stays_given_and_the_rest_comes_as_late_as_the_infusion_is(
    nurse, infusion, now
):
    """100 mL at 150 mL/h, paused at minute 16 with 40 mL given: 14 minutes late at minute 30, the bag is through at minute 54."""
    Clinic.objects.update(individual_prediction=True)
    started(nurse, infusion)
    go_to(now, 10)
    checked(nurse, infusion, 150, 90)
    go_to(now, 16)
    record(nurse, infusion, "paused")
    go_to(now, 30)

    chart = asked(nurse, infusion, "plan")
    plan, paused = chart["what_if"], chart["prediction"]
    level, times = plan["person"]["p50"], plan["times"]

    assert plan["name"] == "if the plan continues (150 mL/h until the bag is through)"
    assert plan["learned_from"] == paused["learned_from"] > 0
    upto_now = slice(times.index(30) + 1)
    assert level[upto_now] == pytest.approx(paused["person"]["p50"][upto_now], rel=0.02)
    assert times[level.index(max(level))] == 54
    assert chart["learned"].endswith(" mmHg if the plan continues.")
    assert f"90 % band {max(plan['systolic']['p05']):.0f}-{max(plan['systolic']['p95']):.0f}" in chart["learned"]


def test_while_it_runs_as_ordered_the_plan_is_what_goes_on_and_after_the_end_what_was_recorded(nurse, infusion, now):
    Clinic.objects.update(individual_prediction=True)
    started(nurse, infusion)
    go_to(now, 10)

    chart = asked(nurse, infusion, "plan")
    assert chart["what_if"]["person"] == chart["prediction"]["person"]
    assert asked(nurse, infusion, "nan")["what_if"] is None

    record(nurse, infusion, "stopped")
    go_to(now, 20)
    assert asked(nurse, infusion, "plan")["what_if"]["name"] == "as recorded, the infusion has ended"


def test_without_a_line_what_reached_the_patient_is_not_claimed(nurse, infusion, now):
    the_run(nurse, infusion, now)

    assert ledger.balance(infusion.reference).given_mg == D("24.50")
    assert "line not recorded" in nurse.get("infusion:chair", infusion.reference).text


def test_a_rate_is_recorded_not_confirmed_until_somebody_looks_again(nurse, infusion, now):
    started(nurse, infusion)
    assert "recorded, not confirmed by pump" in nurse.get("infusion:chair", infusion.reference).text

    record(nurse, infusion, "pump_seen", rate_ml_per_h="120")
    assert "does not agree with" in nurse.get("infusion:chair", infusion.reference).text
    go_to(now, 1)
    record(nurse, infusion, "pump_seen", rate_ml_per_h="150")
    assert "confirmed (nils: 150 mL/h" in " ".join(nurse.get("infusion:chair", infusion.reference).text.split())


def test_a_pump_total_far_from_the_rates_opens_a_finding(nurse, infusion, now):
    started(nurse, infusion)
    go_to(now, 20)
    record(nurse, infusion, "stopped", delivered_ml="60")

    assert "Pump says 60 mL delivered, recorded rates give 50.0 mL" in Finding.objects.get(code="pump_differs").says


@pytest.mark.parametrize(("tolerated", "opened"), [("9", 1), ("10", 0), (None, 0)])
def test_how_far_the_pump_may_differ_is_the_clinic_s_to_set(nurse, prescriber, patient, now, tolerated, opened):
    after = {"pump.differs": None if tolerated is None else D(tolerated)}
    regimens.sign_version(
        name="depression_iv_racemic", after=after, second_check="at_the_draw", reason="", signed_name="Ada Example", by="ada", at=now["at"]
    )  # fmt: skip
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    go_to(now, 20)
    record(nurse, infusion, "stopped", delivered_ml="60")

    assert Finding.objects.filter(code="pump_differs").count() == opened


def test_a_late_entry_takes_its_place_in_time_and_says_what_it_changed(nurse, infusion, now):
    started(nurse, infusion)
    go_to(now, 20)
    answer = record(nurse, infusion, "paused", happened=f"{now['at']:%H}:10")

    assert "pump delivered 50.0 mL before it, 25.0 mL with it" in answer.text
    row = InfusionEvent.objects.get(kind="paused")
    assert (row.recorded_at - row.at).total_seconds() == 600
    go_to(now, 30)
    assert (
        "cannot be recorded"
        in record(nurse, infusion, "rate_set", rate_ml_per_h="90", happened=f"{now['at']:%H}:15").text
    )


def test_a_form_that_arrives_twice_counts_once(nurse, infusion, now):
    started(nurse, infusion)
    for _ in range(2):
        record(nurse, infusion, "observation", says="music", key="k1")
        checked(nurse, infusion, 130, 80, key="k2")

    assert InfusionEvent.objects.filter(kind="observation").count() == 1
    assert Reading.objects.filter(signal="nibp_systolic", value=130).count() == 1


def test_a_form_that_waited_for_the_network_is_timed_when_it_was_tapped(nurse, infusion, now):
    started(nurse, infusion)
    go_to(now, 10)
    record(nurse, infusion, "paused", waited_s="120", key="k1")

    row = InfusionEvent.objects.get(kind="paused")
    assert (row.recorded_at - row.at).total_seconds() == 120


def test_an_observation_takes_two_taps_and_no_value_that_the_scale_has_not(nurse, infusion, now):
    started(nurse, infusion)
    nurse.post("infusion:observe", infusion.reference, signal="dissociation", value="4")
    refused = nurse.post("infusion:observe", infusion.reference, signal="dissociation", value="11")

    assert refused.status_code == 422
    assert [row.value for row in Reading.objects.filter(signal="dissociation")] == [4.0]


@pytest.mark.parametrize(
    ("kind", "owner", "says"),
    [
        ("cancelled", "nurse", "agree on what comes next"),
        ("transferred", "prescriber", "receiving team"),
        ("left", "prescriber", "phone this person"),
    ],
)
def test_every_other_ending_has_a_reason_a_task_and_a_drug_to_account_for(nurse, infusion, now, kind, owner, says):
    started(nurse, infusion)
    go_to(now, 10)
    assert record(nurse, infusion, kind, says="").status_code == 422
    record(nurse, infusion, kind, says="wishes to stop")

    assert phase(nurse, infusion) == kind
    assert Task.objects.filter(owner=owner, says__contains=says, patient=infusion.patient).exists()
    assert "26.25 mg are not accounted for" in Task.objects.get(key=f"balance {infusion.reference}").says
    infusion.refresh_from_db()
    assert infusion.watch.ended_at == now["at"]


def test_a_session_cancelled_after_the_draw_leaves_the_drug_to_account_for(nurse, infusion, now):
    drawn(nurse, infusion)
    record(nurse, infusion, "cancelled", says="fever")

    assert ledger.balance(infusion.reference).unaccounted_mg == 35
    assert "35.0 mg are not accounted for" in Task.objects.get(key=f"balance {infusion.reference}").says


def test_nobody_is_ready_on_a_chair_that_was_not_gone_through_today(nurse, infusion, now):
    page = nurse.get("infusion:chair", infusion.reference).text
    assert "readiness check of today has not been done" in page

    fitted_out(nurse, infusion)
    assert "readiness check of today has not been done" not in nurse.get("infusion:chair", infusion.reference).text


def test_an_emergency_runs_on_the_page_calls_a_second_person_and_hands_over(nurse, infusion, now):
    started(nurse, infusion)
    record(nurse, infusion, "drug_given", says="midazolam", dose="1 mg i.v.")
    record(nurse, infusion, "emergency", says="emergency")

    assert Task.objects.filter(owner="prescriber", urgent=True, says__contains="second person is wanted").exists()
    page = nurse.get("infusion:handover", infusion.reference).text
    for words in ("midazolam 1 mg i.v.", "Allergies", "128/78", "Pump delivered"):
        assert words in page
    record(nurse, infusion, "emergency_over", says="over")
    assert queries.course_of(infusion).emergency_since is None


def test_what_was_logged_by_mistake_is_taken_back_and_stays_in_the_record(nurse, infusion, now):
    started(nurse, infusion)
    record(nurse, infusion, "emergency", says="emergency")
    number = InfusionEvent.objects.get(kind="emergency").number
    nurse.post("infusion:undo", infusion.reference, number)

    assert queries.course_of(infusion).emergency_since is None
    assert InfusionEvent.objects.filter(kind__in=("emergency", "undone")).count() == 2
    assert not Task.objects.filter(key__startswith="emergency", done__isnull=True).exists()


def test_the_page_offers_undo_for_ten_seconds_to_who_logged_it_and_the_rule_says_the_same(
    nurse, prescriber, infusion, now
):
    started(nurse, infusion)
    record(nurse, infusion, "observation", says="music")
    number = InfusionEvent.objects.get(says="music").number
    button = reverse("infusion:undo", args=[infusion.reference, number])

    go_to(now, 10 / 60)
    assert button in nurse.get("infusion:live", infusion.reference).text
    assert button not in prescriber.get("infusion:live", infusion.reference).text
    go_to(now, 11 / 60)
    assert button not in nurse.get("infusion:live", infusion.reference).text
    assert "entered in error" in nurse.post("infusion:undo", infusion.reference, number).text
    assert not InfusionEvent.objects.filter(kind="undone").exists()


def test_later_a_step_is_entered_in_error_with_a_reason_and_what_follows_is_computed_anew(nurse, infusion, now):
    started(nurse, infusion)
    go_to(now, 10)
    record(nurse, infusion, "paused")
    row = InfusionEvent.objects.get(kind="paused")
    go_to(now, 20)
    assert (
        nurse.post("infusion:correct", infusion.reference, row.number, kind="paused", in_error="yes").status_code == 422
    )

    nurse.post("infusion:correct", infusion.reference, row.number, kind="paused", in_error="yes", says="wrong chair")

    assert queries.course_of(infusion).delivered_ml(now["at"]) == pytest.approx(50)
    assert "entered in error: wrong chair" in nurse.get("infusion:chair", infusion.reference).text
    start = InfusionEvent.objects.get(kind="started").number
    refused = nurse.post("infusion:correct", infusion.reference, start, kind="started", in_error="yes", says="no")
    assert "cannot be taken out" in refused.text


def test_the_phone_calls_asks_to_go_slower_and_its_loss_is_seen_on_the_board(nurse, infusion, now):
    link = followup.chair_link(infusion=infusion, wall=now["at"])
    press = reverse("portal:chair", args=[link.token])
    assert (
        "Somebody is coming"
        in nurse.client.post(press, {"asks": "help", "key": "a"}, headers={"Accept": "application/json"}).json()["says"]
    )
    nurse.client.post(press, {"asks": "help", "key": "a"}, headers={"Accept": "application/json"})
    nurse.client.post(press, {"asks": "slower", "key": "b"})

    assert [(row.asks, row.trial) for row in Press.objects.all()] == [("help", True), ("slower", True)]
    assert Task.objects.filter(urgent=True).count() == 2
    board = nurse.get("chart:board").text
    assert "the person asks to go slower" in board
    assert "help control lost" not in board
    go_to(now, 1)
    assert "help control lost" in nurse.get("chart:board").text
    nurse.client.post(reverse("portal:beat", args=[link.token]))
    assert "help control lost" not in nurse.get("chart:board").text


def test_what_the_core_refuses_stands_in_the_catalogue_of_texts():
    assert actions.REFUSALS == events.REFUSALS
