"""A snooze covers its own rule and ends when the value gets worse; it silences nothing that it was not asked for."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_watch

from openketamine.clinic.monitoring import actions, alarms
from openketamine.clinic.monitoring.models import AlarmEvent

pytestmark = pytest.mark.django_db


def later(seconds):
    return AT + timedelta(seconds=seconds)


def typed(watch, at, **values):
    actions.chart_typed(watch=watch, values=values, reasons={}, by="nils", observed_at=at, at=at)


def test_a_snoozed_warning_that_gets_worse_sounds_again():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=168.0)
    alarms.evaluate(watch.pk, at=later(60))
    alarms.snooze(AlarmEvent.objects.get(), by="nils", at=later(61))
    typed(watch, later(90), nibp_systolic=173.0)
    alarms.evaluate(watch.pk, at=later(90))
    assert not alarms.standing(watch, at=later(91))[0].loud

    typed(watch, later(120), nibp_systolic=174.0)
    alarms.evaluate(watch.pk, at=later(120))

    again = alarms.standing(watch, at=later(121))[0]
    assert (again.loud, again.again) == (True, "worse than when nils snoozed it")


def test_a_snooze_does_not_silence_that_a_higher_pressure_has_to_be_read_again():
    watch = make_watch()
    typed(watch, later(60), nibp_systolic=168.0)
    alarms.evaluate(watch.pk, at=later(60))
    alarms.snooze(AlarmEvent.objects.get(), by="nils", at=later(61))

    typed(watch, later(120), nibp_systolic=198.0, nibp_diastolic=100.0)
    alarms.evaluate(watch.pk, at=later(120))

    assert {one.event.rule: one.loud for one in alarms.standing(watch, at=later(121))}["bp_recheck_due"]


def test_a_snooze_covers_its_own_rule_when_it_is_raised_again_no_worse():
    watch = make_watch()
    for seconds, value in ((60, 168.0), (120, 150.0), (180, 168.0)):
        typed(watch, later(seconds), nibp_systolic=value)
        alarms.evaluate(watch.pk, at=later(seconds))
        if seconds == 60:
            alarms.snooze(AlarmEvent.objects.get(), by="nils", at=later(61))

    assert [one.loud for one in alarms.standing(watch, at=later(181))] == [False]
