"""What nobody answers calls further people: also an alarm that comes and goes, and a monitor that has gone silent altogether."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_watch

from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import AlarmEvent, Reading

pytestmark = pytest.mark.django_db


def later(seconds):
    return AT + timedelta(seconds=seconds)


def streamed(watch, first, last, value):
    """One reading a second."""
    for second in range(first, last):
        Reading(watch=watch, signal="spo2", value=value, observed_at=later(second), received_at=later(second), source="device", seq=second, obx=1).save()  # fmt: skip
    alarms.evaluate(watch.pk, at=later(last - 1))
    watch.refresh_from_db()


def flapping(watch, *, good_for=30, times=2):
    """90 seconds too low, then good for a while, again and again."""
    for start in range(1, times * (90 + good_for), 90 + good_for):
        streamed(watch, start, start + 90, 85.0)
        streamed(watch, start + 90, start + 90 + good_for, 97.0)
    return times * (90 + good_for) + 1


def first_of(rule):
    return AlarmEvent.objects.filter(rule=rule, state="raised").order_by("number").first()


def test_an_alarm_that_comes_and_goes_is_counted_from_the_first_that_nobody_answered():
    watch = make_watch()
    start = flapping(watch)
    streamed(watch, start, start + 60, 85.0)

    first = first_of("spo2_very_low")
    assert [(one.event_pk, one.loud_since, one.level) for one in alarms.calls(at=later(start + 60))] == [
        (first.pk, first.at, 2)
    ]


def test_an_answer_ends_the_count():
    watch = make_watch()
    start = flapping(watch, times=1)
    alarms.acknowledge(first_of("spo2_very_low"), by="nils", at=later(100))
    streamed(watch, start, start + 60, 85.0)

    assert alarms.calls(at=later(start + 60)) == []


def test_an_alarm_that_was_clear_for_five_minutes_is_counted_anew():
    watch = make_watch()
    start = flapping(watch, good_for=320, times=1)
    streamed(watch, start, start + 60, 85.0)

    assert alarms.calls(at=later(start + 60)) == []


def test_a_loss_of_every_signal_that_must_be_there_calls_further_people_and_is_never_muted():
    watch = make_watch(required=["spo2", "heart_rate"])
    alarms.evaluate(watch.pk, at=later(20))
    watch.refresh_from_db()
    event = AlarmEvent.objects.get(rule="spo2_missing")
    with pytest.raises(alarms.UrgentIsNeverMutedError):
        alarms.snooze(event, by="nils", at=later(21))

    assert alarms.calls(at=later(125)) == []
    assert [(one.level, one.says) for one in alarms.calls(at=later(140))] == [
        (1, "nothing of what must be there is measured")
    ]
    alarms.acknowledge(event, by="nils", at=later(141))
    assert alarms.calls(at=later(300)) == []


def test_one_of_two_signals_lost_calls_nobody():
    watch = make_watch(required=["spo2", "heart_rate"])
    streamed(watch, 1, 200, 97.0)

    assert [one.event.rule for one in alarms.standing(watch, at=later(200))] == ["heart_rate_missing"]
    assert alarms.calls(at=later(1000)) == []
