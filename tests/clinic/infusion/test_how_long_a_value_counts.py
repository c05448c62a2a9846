"""Tile and alarm go by the same interval: the cuff's own cycle, else the check that is due; after a sedative every five minutes."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_infusing, make_patient

from openketamine.clinic.infusion import actions, corrections, panels
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import AlarmEvent, Device, Watch
from openketamine.core.infusion.events import Kind

pytestmark = pytest.mark.django_db


def later(seconds):
    return AT + timedelta(seconds=seconds)


@pytest.fixture
def running(clinic, now):
    infusion = make_infusing(make_patient())
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    monitoring.accept_device(device=device, chair=infusion.watch.chair, by="nils", at=AT - timedelta(minutes=3))
    monitoring.require(watch=infusion.watch, signals=["nibp_systolic", "respiratory_rate"], at=AT)
    alarms.evaluate(infusion.watch_id, at=AT)
    return Infusion.objects.get()


def cuff(second, number):
    seen = [
        monitoring.Seen(place, signal, value, "mm[Hg]", "", later(second))
        for place, (signal, value) in enumerate({"nibp_systolic": 130.0 + number, "nibp_diastolic": 80.0}.items())
    ]
    monitoring.chart_message(identity="MON", seq=number, seen=seen, received_at=later(second))


def counted(infusion, second, value=14.0):
    monitoring.chart_typed(
        watch=infusion.watch, values={"respiratory_rate": value}, reasons={}, by="nils", observed_at=later(second), at=later(second)
    )  # fmt: skip


def struck(infusion, signal, second):
    shown = {
        one["signal"]: one["tile"].struck
        for one in panels.tiles(Infusion.objects.get(pk=infusion.pk), at=later(second))
    }
    return shown[signal]


def missed_at(infusion, rule, until):
    alarms.evaluate(infusion.watch_id, at=later(until))
    raised = AlarmEvent.objects.filter(rule=rule, state="raised").order_by("-number").first()
    return None if raised is None else (raised.at - AT).total_seconds()


def sedated(infusion, second):
    return actions.record(
        infusion=infusion, kind=Kind.DRUG_GIVEN, by="nils", at=later(second), now=later(second), says="midazolam", dose="1 mg"
    )  # fmt: skip


def test_a_cuff_of_five_minutes_counts_for_six_on_the_tile_and_in_the_alarm(running):
    for number in (1, 2, 3):
        cuff(300 * number, number)

    assert (struck(running, "nibp_systolic", 1260), struck(running, "nibp_systolic", 1261)) == (False, True)
    assert missed_at(running, "cuff_missing", 1300) == 1260


def test_a_single_cuff_counts_as_long_as_the_checks_of_the_infusion_say(running):
    cuff(300, 1)

    assert (struck(running, "nibp_systolic", 960), struck(running, "nibp_systolic", 961)) == (False, True)
    assert missed_at(running, "cuff_missing", 1000) == 960


def test_breaths_that_are_counted_are_due_every_five_minutes_after_a_sedative(running):
    sedated(running, 60)
    counted(running, 120)

    assert (struck(running, "respiratory_rate", 480), struck(running, "respiratory_rate", 481)) == (False, True)
    assert missed_at(running, "respiratory_rate_missing", 500) == 480


def test_a_sedative_that_was_never_given_makes_nothing_due_sooner(running):
    row = sedated(running, 60)
    counted(running, 120)

    corrections.entered_in_error(event=row, by="nils", now=later(130), reason="another chair")

    assert not struck(running, "respiratory_rate", 780)
    assert missed_at(running, "respiratory_rate_missing", 800) == 780


def test_a_signal_that_a_session_begun_with_an_older_text_requires_is_watched_for(running):
    from openketamine.clinic.audit import texts
    from openketamine.evidence import load

    text = load.text("limits", "vital_signs")
    older = text[: text.index('[[source]]\nid = "pulse_rate_missing"')]
    Watch.objects.filter(pk=running.watch_id).update(
        limits_sha256=texts.keep("limits", "vital_signs", text=older, at=AT)
    )

    assert missed_at(running, "respiratory_rate_missing", 700) is not None


def test_a_rule_that_latches_waits_for_somebody_and_then_clears(running):
    from openketamine.clinic.audit import texts
    from openketamine.evidence import load

    text = load.text("limits", "vital_signs").replace(
        'id = "bp_systolic_extreme"\n', 'id = "bp_systolic_extreme"\nlatching = true\n'
    )
    Watch.objects.filter(pk=running.watch_id).update(
        limits_sha256=texts.keep("limits", "vital_signs", text=text, at=AT)
    )
    for second, value in ((60, 210.0), (120, 130.0)):
        monitoring.chart_typed(
            watch=running.watch, values={"nibp_systolic": value, "nibp_diastolic": 80.0}, reasons={}, by="nils",
            observed_at=later(second), at=later(second),
        )  # fmt: skip
        alarms.evaluate(running.watch_id, at=later(second))
    watch = Watch.objects.get(pk=running.watch_id)
    (standing,) = [one for one in alarms.standing(watch, at=later(121)) if one.event.rule == "bp_systolic_extreme"]

    alarms.acknowledge(standing.event, by="nils", at=later(130))
    cleared = alarms.evaluate(running.watch_id, at=later(131))

    assert [(one.rule, one.state, one.at) for one in cleared] == [("bp_systolic_extreme", "cleared", later(130))]
    assert alarms.evaluate(running.watch_id, at=later(132)) == []
