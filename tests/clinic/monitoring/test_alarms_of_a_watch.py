"""Alarms over stored readings: raised once, answered by people, urgent never muted."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_patient, make_watch

from openketamine.clinic.monitoring import actions, alarms
from openketamine.clinic.monitoring.models import AlarmEvent, Chair, Device, Reading, Watch
from openketamine.core.monitoring.replay import replay
from openketamine.core.monitoring.signal import Reading as Seen
from openketamine.core.monitoring.signal import Signal

pytestmark = pytest.mark.django_db


def later(seconds):
    return AT + timedelta(seconds=seconds)


def typed(watch, at, **values):
    actions.chart_typed(watch=watch, values=values, reasons={}, by="nils", observed_at=at, at=at)


def rules(events):
    return [(event.rule, event.state) for event in events]


def test_a_typed_pressure_beyond_its_limit_is_flagged_at_once():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=170.0)

    assert rules(alarms.evaluate(watch.pk, at=later(60))) == [("bp_systolic_warn", "raised")]


def test_evaluating_again_raises_nothing_twice():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=170.0)
    alarms.evaluate(watch.pk, at=later(60))

    assert alarms.evaluate(watch.pk, at=later(61)) == []
    assert AlarmEvent.objects.count() == 1


def test_typed_values_are_no_stream_that_could_be_lost():
    watch = make_watch()
    typed(watch, later(10), spo2=97.0)

    assert alarms.evaluate(watch.pk, at=later(600)) == []


def test_a_required_signal_that_never_came_is_a_technical_alarm():
    watch = make_watch(required=["spo2"])

    assert rules(alarms.evaluate(watch.pk, at=later(11))) == [("spo2_missing", "raised")]


def test_a_signal_that_nobody_requires_is_read_and_its_loss_is_no_alarm():
    watch = make_watch(required=["heart_rate"])
    sent = {"heart_rate": 70.0, "spo2": 97.0}
    for number, (signal, value) in enumerate(sent.items()):
        Reading(
            watch=watch, signal=signal, value=value, observed_at=AT, received_at=AT, source="device", seq=1, obx=number,
        ).save()  # fmt: skip

    assert rules(alarms.evaluate(watch.pk, at=later(30))) == [("heart_rate_missing", "raised")]


def test_leaving_a_signal_out_clears_its_alarm_and_naming_it_anew_watches_for_it_from_then_on():
    watch = make_watch(required=["spo2", "heart_rate"])
    assert len(alarms.evaluate(watch.pk, at=later(11))) == 2
    actions.require(watch=watch, signals=["heart_rate"], at=later(20))
    assert rules(alarms.evaluate(watch.pk, at=later(21))) == [("spo2_missing", "cleared")]
    assert alarms.evaluate(watch.pk, at=later(60)) == []

    actions.require(watch=watch, signals=["spo2", "heart_rate"], at=later(100))

    assert alarms.evaluate(watch.pk, at=later(109)) == []
    assert rules(alarms.evaluate(watch.pk, at=later(110))) == [("spo2_missing", "raised")]


def test_a_late_old_value_never_clears_an_alarm():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=170.0)
    alarms.evaluate(watch.pk, at=later(60))
    typed(watch, later(30), nibp_systolic=120.0)

    assert alarms.evaluate(watch.pk, at=later(61)) == []


def sent(watch, seq, at, **values):
    for number, (signal, value) in enumerate(values.items(), 1):
        Reading(
            watch=watch, signal=signal, value=value, observed_at=at, received_at=at, source="device", seq=seq, obx=number,
        ).save()  # fmt: skip


def test_a_high_pressure_that_is_typed_a_little_late_is_an_alarm_although_a_cuff_has_been_read_since():
    watch = make_watch()
    sent(watch, 1, later(60), nibp_systolic=150.0, nibp_diastolic=90.0)
    alarms.evaluate(watch.pk, at=later(60))
    typed(watch, later(40), nibp_systolic=215.0, nibp_diastolic=125.0)

    assert ("bp_systolic_extreme", "raised") in rules(alarms.evaluate(watch.pk, at=later(70)))


def test_a_good_pressure_that_is_typed_late_ends_no_alarm_of_a_cuff_read_since():
    watch = make_watch()
    sent(watch, 1, later(60), nibp_systolic=215.0, nibp_diastolic=125.0)
    alarms.evaluate(watch.pk, at=later(60))
    typed(watch, later(40), nibp_systolic=130.0, nibp_diastolic=80.0)

    assert alarms.evaluate(watch.pk, at=later(70)) == []


def test_a_typed_value_silences_no_monitor_whose_values_are_older():
    """What the monitor says is always 30 seconds old; 84 % for ten seconds is urgent."""
    watch, told = make_watch(), []
    for second in range(60, 90):
        sent(watch, second, later(second - 30), spo2=98.0 if second < 66 else 84.0)
        if second == 65:
            typed(watch, later(second), spo2=98.0)
        told += rules(alarms.evaluate(watch.pk, at=later(second)))

    assert ("spo2_very_low", "raised") in told


def test_what_one_worker_left_the_next_takes_up_at_once():
    watch = make_watch(required=["spo2"])
    alarms.tick_all(at=later(1))

    assert rules(alarms.tick_all(at=later(12))) == [("spo2_missing", "raised")]
    assert alarms.tick_all(at=later(12)) == []
    assert Watch.objects.get().pk == watch.pk


def test_an_acknowledged_urgent_alarm_also_quiets_the_warning_of_its_signal():
    watch = make_watch()
    typed(watch, later(30), nibp_systolic=170.0)
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))
    urgent, *warnings = alarms.standing(watch, at=later(61))
    assert urgent.event.rule == "bp_systolic_extreme"
    assert {one.event.rule for one in warnings} == {"bp_systolic_warn"}

    alarms.acknowledge(urgent.event, by="nils", at=later(62))

    assert not any(one.loud for one in alarms.standing(watch, at=later(63)))


def test_acknowledging_a_warning_never_quiets_the_urgent_one():
    watch = make_watch()
    typed(watch, later(30), nibp_systolic=170.0)
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))
    alarms.acknowledge(AlarmEvent.objects.get(rule="bp_systolic_warn"), by="nils", at=later(62))

    assert {one.event.rule: one.loud for one in alarms.standing(watch, at=later(63))} == {
        "bp_systolic_extreme": True, "bp_systolic_warn": False,
    }  # fmt: skip


def test_a_snooze_ends_by_itself_and_is_refused_to_urgent():
    watch = make_watch()
    typed(watch, later(30), nibp_systolic=170.0)
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))
    alarms.snooze(AlarmEvent.objects.get(rule="bp_systolic_warn"), by="nils", at=later(62))

    assert {one.event.rule: one.loud for one in alarms.standing(watch, at=later(63))} == {
        "bp_systolic_extreme": True, "bp_systolic_warn": False,
    }  # fmt: skip
    assert all(one.loud for one in alarms.standing(watch, at=later(63 + 600)))
    with pytest.raises(alarms.UrgentIsNeverMutedError):
        alarms.snooze(AlarmEvent.objects.get(rule="bp_systolic_extreme"), by="nils", at=later(62))


def test_an_urgent_alarm_nobody_answers_calls_a_second_person_and_then_the_owner():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))

    assert alarms.calls(at=later(179)) == []
    assert [(one.rule, one.level) for one in alarms.calls(at=later(180))] == [("bp_systolic_extreme", 1)]
    assert [one.level for one in alarms.calls(at=later(300))] == [2]


def test_hundreds_of_unanswered_alarms_are_looked_for_with_four_questions(django_assert_num_queries):
    for number in range(5):
        watch = make_watch(Chair.objects.create(name=f"Seat {number}"), patient=make_patient(family_name=f"N{number}"))
        typed(watch, later(60), nibp_systolic=210.0)
        alarms.evaluate(watch.pk, at=later(60))
    typed(watch, later(120), nibp_systolic=120.0)
    alarms.evaluate(watch.pk, at=later(120))

    with django_assert_num_queries(4):
        assert len(alarms.calls(at=later(180))) == 4
    assert (alarms.anybody_waits(at=later(61)), alarms.anybody_waits(at=later(59))) == (True, False)


def test_what_is_about_the_person_stands_before_what_is_about_the_means_of_watching():
    watch = make_watch()
    alarms.tell_technical(watch, rule_id="check_overdue", holds=True, says="a check is overdue", at=later(10))
    typed(watch, later(60), nibp_systolic=184.0)
    alarms.evaluate(watch.pk, at=later(60))

    raised = [(one.event.priority, one.event.kind) for one in alarms.standing(watch, at=later(60))]
    assert raised[0] == ("warning", "physiological")
    assert raised[-1] == ("warning", "technical")


def test_an_alarm_of_a_session_that_is_over_calls_nobody():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))
    Watch.objects.filter(pk=watch.pk).update(ended_at=later(100))

    assert alarms.calls(at=later(300)) == []


def test_an_acknowledgement_ends_by_itself_and_the_call_begins_anew():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))
    alarms.acknowledge(AlarmEvent.objects.get(rule="bp_systolic_extreme"), by="nils", at=later(62))

    assert not alarms.standing(watch, at=later(361))[0].loud
    again = alarms.standing(watch, at=later(362))[0]
    assert (again.loud, again.again) == (True, "still there after nils acknowledged it")
    assert (alarms.calls(at=later(481)), len(alarms.calls(at=later(482)))) == ([], 1)


def test_an_acknowledged_alarm_that_gets_worse_sounds_again():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))
    alarms.acknowledge(AlarmEvent.objects.get(rule="bp_systolic_extreme"), by="nils", at=later(62))
    typed(watch, later(90), nibp_systolic=218.0)
    alarms.evaluate(watch.pk, at=later(90))
    assert not alarms.standing(watch, at=later(90))[0].loud

    typed(watch, later(120), nibp_systolic=222.0)
    alarms.evaluate(watch.pk, at=later(120))

    assert [one.again for one in alarms.standing(watch, at=later(121)) if one.event.rule == "bp_systolic_extreme"] == [
        "worse than when nils acknowledged it"
    ]


def test_another_urgent_alarm_of_the_same_signal_sounds_for_itself():
    watch = make_watch()
    typed(watch, later(0), nibp_systolic=184.0)
    typed(watch, later(60), nibp_systolic=186.0)
    alarms.evaluate(watch.pk, at=later(60))
    alarms.acknowledge(AlarmEvent.objects.get(rule="bp_high"), by="nils", at=later(61))
    typed(watch, later(120), nibp_systolic=205.0)
    alarms.evaluate(watch.pk, at=later(120))

    assert {one.event.rule: one.loud for one in alarms.standing(watch, at=later(120))}["bp_systolic_extreme"]


def test_an_acknowledged_pressure_sounds_again_when_either_of_its_numbers_gets_worse():
    watch = make_watch()
    for second, systolic, diastolic in ((0, 184.0, 100.0), (300, 178.0, 112.0)):
        typed(watch, later(second), nibp_systolic=systolic, nibp_diastolic=diastolic)
    alarms.evaluate(watch.pk, at=later(300))
    alarms.acknowledge(AlarmEvent.objects.get(rule="bp_high"), by="nils", at=later(310))
    assert not any(one.loud for one in alarms.standing(watch, at=later(311)))

    typed(watch, later(400), nibp_systolic=184.0, nibp_diastolic=108.0)
    alarms.evaluate(watch.pk, at=later(400))

    assert {one.event.rule: one.again for one in alarms.standing(watch, at=later(401)) if one.loud} == {
        "bp_high": "worse than when nils acknowledged it"
    }


def test_high_pressure_snoozed_leaves_low_pressure_and_saturation_live():
    watch = make_watch()
    typed(watch, later(10), nibp_systolic=170.0, spo2=91.0)
    alarms.evaluate(watch.pk, at=later(25))
    alarms.snooze(AlarmEvent.objects.get(rule="bp_systolic_warn"), by="nils", at=later(26))

    assert {one.event.rule: one.loud for one in alarms.standing(watch, at=later(27))} == {
        "bp_systolic_warn": False, "spo2_very_low": True,
    }  # fmt: skip


def test_a_pressure_that_waits_for_its_recheck_says_when_it_is_due():
    watch = make_watch()
    typed(watch, later(30), nibp_systolic=184.0)
    alarms.evaluate(watch.pk, at=later(31))
    watch.refresh_from_db()

    (recheck,) = alarms.rechecks(watch, at=later(200))
    assert (recheck.signal, recheck.value, recheck.overdue) == ("nibp_systolic", 184.0, False)
    assert (recheck.due_at, recheck.overdue_at) == (later(330), later(390))

    typed(watch, later(320), nibp_systolic=150.0)
    alarms.evaluate(watch.pk, at=later(321))
    watch.refresh_from_db()
    assert alarms.rechecks(watch, at=later(322)) == []


HAPPENED = (
    (30, 30, 184.0), (200, 200, 184.0), (320, 320, 186.0), (325, 310, 120.0), (500, 500, 178.0), (700, 700, 192.0), (2000, 2000, 150.0),
)  # fmt: skip
"""Received at, measured at, systolic: the same again, once more too high, one that came late and is older, back, high again, back."""


def test_what_waits_for_a_recheck_at_an_earlier_instant_is_what_waited_then():
    watch, waited = make_watch(), {}
    for received, measured, systolic in HAPPENED:
        actions.chart_typed(
            watch=watch, values={"nibp_systolic": systolic}, reasons={}, by="nils", observed_at=later(measured), at=later(received)
        )  # fmt: skip
        for now in (received, received + 4):
            alarms.evaluate(watch.pk, at=later(now))
            watch.refresh_from_db()
            waited[now] = alarms.rechecks(watch, at=later(now))

    assert {now: alarms.rechecks_as_of(watch, at=later(now)) for now in waited} == waited
    assert {now: one.value for now, found in waited.items() for one in found} == {
        30: 184, 34: 184, 200: 184, 204: 184, 320: 186, 324: 186, 325: 186, 329: 186, 700: 192, 704: 192,
    }  # fmt: skip


def test_a_rise_over_the_own_baseline_is_a_warning_once_the_baseline_is_taken():
    watch = make_watch()
    typed(watch, later(10), nibp_systolic=112.0)
    typed(watch, later(20), nibp_systolic=110.0)
    assert actions.take_baseline(watch=watch, at=later(30)) == {"nibp_systolic": 110.0}
    typed(watch, later(600), nibp_systolic=150.0)

    assert rules(alarms.evaluate(watch.pk, at=later(600))) == [("bp_systolic_rise", "raised")]


def test_what_the_clinic_has_set_no_number_for_is_named():
    assert "no low-BP rule set by your clinic" in [one.says for one in alarms.unset(make_watch())]


def test_only_air_makes_the_rule_about_oxygen_silent():
    watch = make_watch()
    actions.chart_typed(
        watch=watch,
        values={"spo2": 88.0},
        reasons={},
        words={"oxygen": "air"},
        by="nils",
        observed_at=later(5),
        at=later(5),
    )
    assert "spo2_despite_oxygen" not in {event.rule for event in alarms.evaluate(watch.pk, at=later(30))}

    actions.chart_typed(
        watch=watch,
        values={"spo2": 88.0},
        reasons={},
        words={"oxygen": "mask"},
        by="nils",
        observed_at=later(40),
        at=later(40),
    )
    assert "spo2_despite_oxygen" in {event.rule for event in alarms.evaluate(watch.pk, at=later(60))}


@pytest.mark.parametrize("pause", [1, 7, 61])
def test_the_stored_record_tells_the_same_events_as_the_replay_of_its_readings(pause):
    """However often the worker looks: every second, every seven, or once a minute after it was killed."""
    chair = Chair.objects.create(name="Chair 1")
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    actions.accept_device(device=device, chair=chair, by="nils", at=AT - timedelta(seconds=1))
    watch = make_watch(chair, required=["spo2"])
    tape = [(0, "spo2", 97.0), (0, "nibp_systolic", 184.0), (40, "spo2", 91.0), (52, "spo2", 88.0), (70, "spo2", None), (90, "spo2", 97.0),
            (300, "nibp_systolic", 186.0), (400, "spo2", 97.0), (500, "nibp_systolic", 150.0), (610, "spo2", 97.0)]  # fmt: skip
    expected = replay(alarms.rules_of(watch), [Seen(at, Signal(signal), value) for at, signal, value in tape])

    for until in [*range(0, 610, pause), 610]:
        for number, (at, signal, value) in enumerate(tape):
            if until - pause < at <= until or (at == until == 0):
                seen = actions.Seen(number, signal, value, "%", "" if value else "off", later(at))
                actions.chart_message(identity="MON", seq=number + 1, seen=[seen], received_at=later(at))
        alarms.evaluate(watch.pk, at=later(until))

    rows = AlarmEvent.objects.order_by("pk")
    assert [(row.rule, row.state, row.at) for row in rows] == [(e.rule, e.state.value, later(e.at_s)) for e in expected]
    assert len(rows) > 8
