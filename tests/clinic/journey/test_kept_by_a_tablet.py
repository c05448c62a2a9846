"""What a tablet kept while the network was away: taken once, at the time at which it was done; what no longer fits is refused with why."""

import re
from datetime import timedelta

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import (
    GATE,
    checked,
    drawn,
    fitted_out,
    go_to,
    phase,
    planned,
    record,
    seated,
    started,
)

from openketamine.clinic.infusion import actions, before
from openketamine.clinic.infusion.models import GateAnswer, InfusionEvent
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import AlarmAnswer, AlarmEvent, Reading
from openketamine.clinic.people import actions as people
from openketamine.clinic.tasks.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    return seated(nurse, patient)


@pytest.fixture
def alarmed(nurse, infusion, now):
    """Infusing; at minute 10 a pressure of 172/96 warns."""
    started(nurse, infusion)
    go_to(now, 10)
    checked(nurse, infusion, 172, 96)
    return infusion


def minute(number):
    return AT + timedelta(minutes=number)


def warning():
    return AlarmEvent.objects.filter(rule="bp_systolic_warn", state="raised").latest("pk")


def answered(nurse, infusion, waited_min, *, seen, act="acknowledge", **more):
    """Answer the warning on a page that last heard from the server at minute `seen`, so many minutes before it arrives."""
    where = more.pop("event", None) or warning()
    fields = {"act": act, "waited_s": str(waited_min * 60), "shown": minute(seen).isoformat(), **more}
    return nurse.post("infusion:answer", infusion.reference, where.pk, **fields)


def standing(infusion, now):
    return {one.event.rule: one for one in alarms.standing(infusion.watch, at=now["at"])}


def test_an_acknowledgement_counts_from_when_it_was_given_and_says_when_it_was_entered(nurse, alarmed, now):
    go_to(now, 12.5)
    answered(nurse, alarmed, 1.25, seen=11)

    row = AlarmAnswer.objects.get()
    assert (row.at, row.recorded_at) == (minute(11.25), minute(12.5))
    one = standing(alarmed, now)["bp_systolic_warn"]
    assert not one.loud
    assert re.fullmatch(r"nils, entered \d\d:12", one.acknowledged_by)
    assert one.quiet_until - row.at == timedelta(minutes=5)


def test_it_does_not_quiet_anything_once_its_time_is_over(nurse, alarmed, now):
    go_to(now, 20)
    answered(nurse, alarmed, 9, seen=11)

    one = standing(alarmed, now)["bp_systolic_warn"]
    assert AlarmAnswer.objects.get().at == minute(11)
    assert one.loud
    assert "still there after nils" in one.again


def test_at_an_earlier_instant_it_was_not_known_yet(nurse, alarmed, now):
    go_to(now, 12.5)
    answered(nurse, alarmed, 1.25, seen=11)
    go_to(now, 12)

    assert standing(alarmed, now)["bp_systolic_warn"].loud


@pytest.mark.parametrize("act", ["acknowledge", "snooze"])
def test_what_got_worse_after_the_page_last_heard_of_it_is_not_quieted(nurse, alarmed, now, act):
    go_to(now, 11)
    checked(nurse, alarmed, 178, 98)
    go_to(now, 13)
    refused = answered(nurse, alarmed, 1, seen=10, act=act)

    assert refused.status_code == 409
    assert "got worse since this page last heard of it" in refused.text
    assert not AlarmAnswer.objects.exists()


def test_what_gets_worse_after_it_was_given_sounds_again(nurse, alarmed, now):
    go_to(now, 11.5)
    answered(nurse, alarmed, 1, seen=10)
    go_to(now, 12)
    checked(nurse, alarmed, 178, 98)

    assert standing(alarmed, now)["bp_systolic_warn"].loud


def test_an_alarm_that_is_over_or_was_raised_again_is_not_answered_late(nurse, alarmed, now):
    seen = warning()
    go_to(now, 12)
    checked(nurse, alarmed, 128, 78)
    over = answered(nurse, alarmed, 1.5, seen=10, event=seen)
    go_to(now, 14)
    checked(nurse, alarmed, 173, 96)
    again = answered(nurse, alarmed, 3.5, seen=10, event=seen)

    assert (over.status_code, again.status_code) == (409, 409)
    assert "this alarm is over" in over.text
    assert "raised again since" in again.text
    assert standing(alarmed, now)["bp_systolic_warn"].loud
    assert not AlarmAnswer.objects.exists()


def test_a_kept_answer_quiets_its_own_alarm_alone(nurse, alarmed, now):
    go_to(now, 11)
    checked(nurse, alarmed, 210, 98)
    urgent = AlarmEvent.objects.get(rule="bp_systolic_extreme")
    go_to(now, 12)
    answered(nurse, alarmed, 0.5, seen=11.4, event=urgent)

    assert {rule: one.loud for rule, one in standing(alarmed, now).items() if rule.startswith("bp_systolic")} == {
        "bp_systolic_extreme": False,
        "bp_systolic_warn": True,
    }


def test_an_answer_that_arrives_twice_counts_once(nurse, alarmed, now):
    go_to(now, 11)
    for _ in range(2):
        answered(nurse, alarmed, 0.5, seen=10, key="a1")

    assert AlarmAnswer.objects.count() == 1


def test_the_check_before_the_start_is_answered_when_it_was_and_once(nurse, infusion, now):
    go_to(now, 6)
    for _ in range(2):
        nurse.post("infusion:gate", infusion.reference, **GATE, waited_s="240", key="g1")

    rows = GateAnswer.objects.filter(item="fasting")
    assert [(row.at, row.recorded_at) for row in rows] == [(minute(2), minute(6))]
    step = InfusionEvent.objects.get(kind="checked")
    assert (step.at, step.recorded_at) == (minute(2), minute(6))
    assert re.fullmatch(r"nils, entered \d\d:06", next(one for one in before.gate(infusion) if one.id == "fasting").by)


def test_a_tablet_that_kept_two_forms_is_not_told_that_somebody_else_had_answered(nurse, prescriber, infusion, now):
    stale = {f"base_{one.id}": one.base for one in before.gate(infusion)}
    go_to(now, 6)
    nurse.post("infusion:gate", infusion.reference, **stale, fasting="yes", sober="yes", waited_s="240")
    second = nurse.post("infusion:gate", infusion.reference, **stale, fasting="no", sober="yes", waited_s="180")
    prescriber.post("infusion:gate", infusion.reference, sober="no")
    third = nurse.post("infusion:gate", infusion.reference, **stale, fasting="no", sober="yes", waited_s="170")

    assert second.status_code == 200
    assert (third.status_code, "Answered by somebody else" in third.text) == (409, True)
    found = {one.id: one for one in before.gate(infusion)}
    assert (found["fasting"].answer, found["sober"].answer) == ("no", "no")


def made_ready(nurse, infusion):
    nurse.post("infusion:gate", infusion.reference, **GATE)
    drawn(nurse, infusion)
    checked(nurse, infusion, heart_rate=70, spo2=98)
    fitted_out(nurse, infusion)
    return nurse.post("infusion:ready", infusion.reference)


def test_ready_is_judged_when_it_arrives(nurse, infusion, patient, now):
    nurse.post("infusion:gate", infusion.reference, **GATE)
    go_to(now, 5)
    refused = nurse.post("infusion:ready", infusion.reference, waited_s="120")
    assert (refused.status_code, phase(nurse, infusion)) == (409, "checked")

    drawn(nurse, infusion)
    checked(nurse, infusion, heart_rate=70, spo2=98)
    fitted_out(nurse, infusion)
    go_to(now, 8)
    nurse.post("infusion:ready", infusion.reference, waited_s="120")
    assert InfusionEvent.objects.get(kind="ready").at == minute(6)


def held(patient, now):
    people.open_finding(
        patient=patient, code="x", room="plan", says="Liver values are high", by="ada", at=now["at"], holds=True
    )


def test_a_start_that_a_tablet_kept_is_a_fact_and_what_stood_against_it_is_said(nurse, infusion, patient, now):
    made_ready(nurse, infusion)
    go_to(now, 5)
    held(patient, now)
    go_to(now, 9)
    answer = record(nurse, infusion, "started", rate_ml_per_h="150", waited_s="180", key="s1")

    row = InfusionEvent.objects.get(kind="started")
    assert (row.at, row.recorded_at) == (minute(6), minute(9))
    assert "Liver values are high" in row.although[0]["open"][0]
    assert "started without network (although open: Liver values are high" in answer.text
    assert phase(nurse, infusion) == "infusing"
    task = Task.objects.get(key=f"start {row.pk}")
    assert (task.owner, task.urgent) == ("prescriber", True)


def test_a_start_at_once_is_held_by_it_and_nobody_starts_who_was_not_ready(nurse, infusion, patient, now):
    early = record(nurse, infusion, "started", rate_ml_per_h="150", waited_s="0")
    go_to(now, 2)
    unready = record(nurse, infusion, "started", rate_ml_per_h="150", waited_s="60")
    made_ready(nurse, infusion)
    held(patient, now)
    at_once = record(nurse, infusion, "started", rate_ml_per_h="150")

    assert [one.status_code for one in (early, unready, at_once)] == [409, 409, 409]
    assert "not ready yet" in unready.text
    assert not InfusionEvent.objects.filter(kind="started").exists()


@pytest.mark.parametrize("kind", ["cancelled", "transferred", "left"])
def test_an_ending_closes_the_session_when_it_happened_and_asks_for_what_follows(nurse, infusion, now, kind):
    started(nurse, infusion)
    go_to(now, 30)
    for _ in range(2):
        record(nurse, infusion, kind, says="wishes to stop", waited_s="600", key="x1")

    infusion.refresh_from_db()
    assert (infusion.closed_at, infusion.watch.ended_at) == (minute(20), minute(20))
    row = InfusionEvent.objects.get(kind=kind)
    assert (row.says, row.recorded_at) == ("wishes to stop", minute(30))
    assert Task.objects.get(key=f"{kind} {row.pk}").due_at == minute(20)


def test_what_was_measured_before_somebody_left_is_taken_after_it_and_what_came_later_is_not(nurse, infusion, now):
    started(nurse, infusion)
    go_to(now, 20)
    record(nurse, infusion, "left", says="went home")
    go_to(now, 25)
    taken = checked(nurse, infusion, 131, 81, waited_s="480")
    scale = nurse.post("infusion:observe", infusion.reference, signal="distress", value="3", waited_s="480")
    refused = checked(nurse, infusion, 132, 82, waited_s="120")

    assert (taken.status_code, scale.status_code, refused.status_code) == (200, 200, 409)
    assert "closed at" in refused.text
    found = {row.value: row.observed_at for row in Reading.objects.filter(signal__in=("nibp_systolic", "distress"))}
    assert (found[131.0], found[3.0]) == (minute(17), minute(17))
    assert 132.0 not in found


def test_what_is_older_than_the_session_by_the_clock_of_the_tablet_is_refused_and_not_set_to_its_opening(
    nurse, infusion, now
):
    started(nurse, infusion)
    go_to(now, 10)
    refused = [
        checked(nurse, infusion, 131, 81, waited_s="3600"),
        record(nurse, infusion, "observation", says="calm", waited_s="inf"),
        nurse.post("infusion:observe", infusion.reference, signal="distress", value="3", waited_s="601"),
    ]

    assert [one.status_code for one in refused] == [409, 409, 409]
    assert all("so the time is not known" in one.text for one in refused)
    assert not Reading.objects.filter(value__in=(131, 3)).exists()
    assert not InfusionEvent.objects.filter(kind="observation").exists()


def test_of_two_arrivals_of_one_form_at_the_same_instant_one_counts_and_the_other_is_no_failure(
    nurse, infusion, now, monkeypatch
):
    started(nurse, infusion)
    sent = {"kind": "observation", "says": "eyes closed, calm", "key": "one form"}
    nurse.post("infusion:record", infusion.reference, **sent)
    known = actions.arrived_before
    asked = iter([False])
    monkeypatch.setattr(actions, "arrived_before", lambda key: next(asked, known(key)))

    second = nurse.post("infusion:record", infusion.reference, follow=False, **sent)

    assert second.status_code == 302
    assert InfusionEvent.objects.filter(says="eyes closed, calm").count() == 1
