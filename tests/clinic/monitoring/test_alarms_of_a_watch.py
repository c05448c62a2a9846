"""Alarms over stored readings: raised once, answered by people, urgent never muted."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_watch

from openketamine.clinic.monitoring import actions, alarms
from openketamine.clinic.monitoring.models import AlarmEvent, Watch

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


def test_a_late_old_value_never_clears_an_alarm():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=170.0)
    alarms.evaluate(watch.pk, at=later(60))
    typed(watch, later(30), nibp_systolic=120.0)

    assert alarms.evaluate(watch.pk, at=later(61)) == []


def test_another_worker_s_lease_is_left_alone_until_it_runs_out():
    watch = make_watch(required=["spo2"])
    alarms.tick(watch.pk, at=later(1), worker="one", wall=later(1))

    assert alarms.tick(watch.pk, at=later(12), worker="two", wall=later(3)) == []
    assert rules(alarms.tick(watch.pk, at=later(12), worker="two", wall=later(7))) == [("spo2_missing", "raised")]
    assert Watch.objects.get().lease_holder == "two"


def test_an_acknowledged_urgent_alarm_also_quiets_the_warning_of_its_signal():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))
    urgent, warning = alarms.standing(watch, at=later(61))
    assert (urgent.event.rule, warning.event.rule) == ("bp_systolic_extreme", "bp_systolic_warn")

    alarms.acknowledge(urgent.event, by="nils", at=later(62))

    assert [one.loud for one in alarms.standing(watch, at=later(63))] == [False, False]


def test_acknowledging_a_warning_never_quiets_the_urgent_one():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))
    alarms.acknowledge(AlarmEvent.objects.get(rule="bp_systolic_warn"), by="nils", at=later(62))

    assert {one.event.rule: one.loud for one in alarms.standing(watch, at=later(63))} == {
        "bp_systolic_extreme": True,
        "bp_systolic_warn": False,
    }


def test_a_snooze_ends_by_itself_and_is_refused_to_urgent():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))
    alarms.snooze(AlarmEvent.objects.get(rule="bp_systolic_warn"), by="nils", at=later(62))

    assert [one.loud for one in alarms.standing(watch, at=later(63))] == [True, False]
    assert [one.loud for one in alarms.standing(watch, at=later(63 + 600))] == [True, True]
    with pytest.raises(alarms.UrgentIsNeverMutedError):
        alarms.snooze(AlarmEvent.objects.get(rule="bp_systolic_extreme"), by="nils", at=later(62))


def test_an_urgent_alarm_nobody_answers_is_found_after_two_minutes():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=210.0)
    alarms.evaluate(watch.pk, at=later(60))

    assert alarms.unanswered_urgent(at=later(179)) == []
    assert [event.rule for event in alarms.unanswered_urgent(at=later(180))] == ["bp_systolic_extreme"]
