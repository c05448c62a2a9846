"""A person moves to another chair within a session, or a device is exchanged: from an instant on, and never before it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.builders import AT, make_patient, make_staff
from tests.two_chairs import MOVED, NOW, anew, both_speak, chair, device, moves, own, says, tile

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.infusion import actions, chairs, panels, queries
from openketamine.clinic.infusion.actions import NotNowError
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import (
    AlarmEvent,
    Chair,
    Device,
    DeviceOnChair,
    PumpStatement,
    Reading,
    Rebound,
    StreamReading,
)
from openketamine.clinic.portal import actions as portal
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.infusion.events import Kind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_minute_twelve")]


@pytest.mark.parametrize(
    ("since", "counts"),
    [
        (MOVED - timedelta(seconds=1), [8.0, 9.0, 60.0, 61.0]),
        (MOVED, [8.0, 9.0, 60.0, 61.0]),
        (MOVED + timedelta(microseconds=1), [8.0, 9.0, 10.0, 61.0]),
        (NOW, [8.0, 9.0, 10.0, 11.0]),
        (AT + timedelta(minutes=3), [58.0, 59.0, 60.0, 61.0]),
    ],
)
def test_the_old_chair_s_readings_count_until_the_instant_and_the_new_one_s_from_it_on(infusion, since, counts):
    both_speak(infusion, 8, 9, 10, 11)
    moves(infusion, since=since)

    assert own(infusion) == counts


def test_what_comes_later_is_bound_by_the_move_too_also_when_it_was_measured_before(infusion):
    moves(infusion, at=MOVED)
    both_speak(infusion, 9, 11)

    assert own(infusion) == [9.0, 61.0]


def test_what_leaves_stays_on_file_and_is_nobodys(infusion):
    both_speak(infusion, 8, 11)
    moves(infusion)

    assert StreamReading.objects.count() == 4
    assert Rebound.objects.filter(watch=infusion.watch, to=None).count() == 1
    nobodys = Reading.objects.filter(watch=None, device=device("MON-1")).values_list("value", flat=True)
    assert list(nobodys) == [11.0]
    assert Reading.objects.filter(device=device("MON-1"), value=11.0).count() == 1, "each thing said counts once"


def test_a_time_that_was_wrong_is_put_right_by_saying_it_again_and_nothing_is_counted_twice(infusion):
    both_speak(infusion, 8, 9, 10, 11)
    moves(infusion)
    moves(infusion, since=AT + timedelta(minutes=9))
    assert own(infusion) == [8.0, 59.0, 60.0, 61.0]

    moves(infusion, to=1, since=AT + timedelta(minutes=9))
    assert own(infusion) == [8.0, 9.0, 10.0, 11.0]
    assert anew(infusion).watch.chair == chair(1)

    moves(infusion, since=AT + timedelta(minutes=11))
    assert own(infusion) == [8.0, 9.0, 10.0, 61.0]
    assert Reading.objects.filter(signal="spo2", device__isnull=False).count() == 8


def test_what_was_typed_stays_this_person_s_whichever_chair_it_was_typed_at(infusion):
    at = MOVED + timedelta(minutes=1)
    monitoring.chart_typed(watch=infusion.watch, values={"spo2": 97.0}, reasons={}, by="nils", observed_at=at, at=at)
    moves(infusion)

    assert tile(infusion)["tile"].value == 97.0
    assert not tile(infusion)["unconfirmed"]


def test_a_device_that_comes_along_is_this_person_s_on_both_chairs(infusion):
    pump = Device.objects.create(identity="PUMP", first_seen_at=AT)
    monitoring.accept_device(device=pump, chair=chair(1), by="nils", at=AT)
    for minute in (9, 11):
        PumpStatement(
            watch=infusion.watch, device=pump, rate_ml_per_h=150, at=AT + timedelta(minutes=minute), seq=minute
        ).save()
    moves(infusion, along=[pump])

    standing = PumpStatement.objects.filter(watch=infusion.watch, rebound=None)
    assert [row.seq for row in standing.order_by("at")] == [9, 11]
    assert DeviceOnChair.objects.filter(device=pump).last().chair == chair(2)


def test_a_pump_that_stayed_behind_speaks_for_nobody_from_then_on(infusion):
    pump = Device.objects.create(identity="PUMP", first_seen_at=AT)
    monitoring.accept_device(device=pump, chair=chair(1), by="nils", at=AT)
    for minute in (9, 11):
        PumpStatement(
            watch=infusion.watch, device=pump, rate_ml_per_h=minute, at=AT + timedelta(minutes=minute), seq=minute
        ).save()
    moves(infusion)

    assert panels.live(anew(infusion), at=NOW)["pump"].seq == 9


def test_a_monitor_that_is_exchanged_counts_from_the_instant_on(infusion):
    both_speak(infusion, 8, 9, 10, 11)
    done = chairs.rearrange(
        infusion=infusion, comes=device("MON-2"), goes=device("MON-1"), since=MOVED, by="nora", now=NOW
    )

    assert own(infusion) == [8.0, 9.0, 60.0, 61.0]
    assert (done.went, done.came) == (2, 2)
    assert done.event.kind == "devices"
    assert anew(infusion).watch.chair == chair(1)


# the signals are confirmed anew


def test_a_value_of_the_new_chair_is_marked_until_the_signals_are_confirmed(infusion):
    monitoring.require(watch=infusion.watch, signals=["spo2"], at=AT)
    both_speak(infusion, 9, 11)
    moves(infusion)
    assert tile(infusion)["unconfirmed"]
    assert panels.live(anew(infusion), at=NOW)["unconfirmed"].says.startswith("Chair 1 → Chair 2")

    actions.watch_signals(infusion=anew(infusion), required=["spo2"], reason="", by="nora", at=NOW)
    assert not tile(infusion)["unconfirmed"]
    assert panels.live(anew(infusion), at=NOW)["unconfirmed"] is None


def test_a_value_that_the_old_chair_measured_before_the_move_is_not_marked(infusion):
    says("MON-1", MOVED - timedelta(seconds=5), spo2=97.0)
    moves(infusion, at=MOVED)

    assert tile(infusion, at=MOVED)["tile"].value == 97.0
    assert not tile(infusion, at=MOVED)["unconfirmed"]


def test_confirming_asks_why_for_each_signal_that_is_left_out(infusion):
    monitoring.require(watch=infusion.watch, signals=["spo2"], at=AT)
    moves(infusion)

    with pytest.raises(NotNowError, match="Say why"):
        actions.watch_signals(infusion=anew(infusion), required=[], reason="", by="nora", at=NOW)
    assert queries.unconfirmed(anew(infusion)) is not None


def test_a_monitor_at_the_new_chair_brings_the_signals_of_the_protocol_to_be_confirmed(infusion):
    moves(infusion)

    assert "spo2" in actions.wanted_signals(anew(infusion))


def test_the_form_ticks_nothing_by_itself_after_a_move(client, infusion):
    make_staff()
    client.force_login(make_staff(role="prescriber"))
    monitoring.require(watch=infusion.watch, signals=["spo2"], at=AT)
    moves(infusion)
    page = client.get(reverse("infusion:chair", args=[infusion.reference])).content.decode()

    assert 'name="required" value="spo2">' in page
    assert "device not confirmed yet" not in page, "nothing has been measured there yet"


def test_before_the_start_a_move_asks_for_ready_anew(infusion):
    watch = anew(infusion).watch
    ready = actions.open_session(
        patient=make_patient(),
        order=infusion.order,
        chair=Chair.objects.create(name="Chair 3"),
        by="nils",
        at=AT,
        required=(),
    )
    for kind in ("checked", "ready"):
        InfusionEvent(
            infusion=ready, number=1 + ready.events.count(), kind=kind, at=AT, recorded_at=AT, by="nils"
        ).save()
    moves(ready)

    assert watch.chair == chair(1)
    assert queries.unconfirmed(anew(ready)) is not None


# alarms


def test_an_alarm_of_the_old_chair_goes_on_with_the_person(infusion):
    says("MON-1", MOVED - timedelta(minutes=1), spo2=80.0)
    alarms.evaluate(infusion.watch_id, at=MOVED)
    moves(infusion, at=MOVED)

    assert "spo2_very_low" in {one.event.rule for one in alarms.standing(anew(infusion).watch, at=MOVED)}


def test_an_alarm_of_what_was_measured_elsewhere_is_closed_and_says_why(infusion):
    says("MON-1", MOVED - timedelta(seconds=1), spo2=97.0)
    for second in range(0, 110, 5):
        says("MON-1", MOVED + timedelta(seconds=second), spo2=80.0)
        says("MON-2", MOVED + timedelta(seconds=second), spo2=97.0)
    alarms.evaluate(infusion.watch_id, at=NOW)
    assert "spo2_very_low" in {one.event.rule for one in alarms.standing(infusion.watch, at=NOW)}
    done = moves(infusion)

    assert "spo2_very_low" not in {one.event.rule for one in alarms.standing(anew(infusion).watch, at=NOW)}
    last = AlarmEvent.objects.filter(watch=infusion.watch, rule="spo2_very_low").order_by("number").last()
    assert (last.state, last.at, last.reason) == ("cleared", NOW, "measured where this person did not sit")
    assert last in done.alarms


def test_an_alarm_that_the_new_chair_s_readings_ask_for_is_raised_when_they_become_known(infusion):
    for second in range(0, 110, 5):
        says("MON-1", MOVED + timedelta(seconds=second), spo2=97.0)
        says("MON-2", MOVED + timedelta(seconds=second), spo2=80.0)
    alarms.evaluate(infusion.watch_id, at=NOW)
    assert alarms.standing(infusion.watch, at=NOW) == []
    moves(infusion)

    raised = {one.event.rule: one.event.at for one in alarms.standing(anew(infusion).watch, at=NOW)}
    assert raised["spo2_very_low"] == NOW
    assert alarms.tick_all(at=NOW + timedelta(seconds=1)) == []


def test_whoever_is_called_is_called_to_the_new_chair(infusion):
    actions.record(infusion=infusion, kind=Kind.EMERGENCY, by="nils", at=MOVED, now=MOVED, says="fell asleep")
    moves(infusion, since=NOW)

    assert [task.says for task in tasks.calls_to(infusion.patient)] == [
        "Chair 2: emergency, a second person is wanted now"
    ]


def test_values_before_the_start_are_taken_anew_when_the_person_had_moved_by_then(infusion):
    before = AT - timedelta(seconds=30)
    says("MON-1", before, heart_rate=120.0)
    says("MON-2", before, heart_rate=60.0)
    monitoring.take_baseline(watch=infusion.watch, at=AT)
    moves(infusion, since=AT - timedelta(seconds=40))

    assert anew(infusion).watch.baseline["heart_rate"] == 60.0


def test_the_person_s_own_phone_goes_along_and_calls_to_the_new_chair(infusion):
    link = followup.chair_link(infusion=infusion, wall=NOW)
    portal.press(link=link, asks="help", key="one", at=MOVED, wall=NOW)
    moves(infusion, since=NOW)
    portal.press(
        link=followup.chair_link(infusion=anew(infusion), wall=NOW), asks="slower", key="two", at=NOW, wall=NOW
    )

    calls = [task.says for task in tasks.calls_to(infusion.patient)]
    assert len(calls) == 2
    assert all(says.startswith("Chair 2: ") for says in calls)
