"""A session that was closed by a wrong button goes on, alarms and all; one that was closed late keeps nothing of afterwards."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_patient, make_watch
from tests.clinic.journey.steps import go_to, phase, record

from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.charting import Seen
from openketamine.clinic.monitoring.models import AlarmEvent, Device, Reading
from openketamine.clinic.tasks import actions as tasks

pytestmark = pytest.mark.django_db


def minutes(count):
    return AT + timedelta(minutes=count)


@pytest.fixture
def running(running):
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    monitoring.accept_device(device=device, chair=running.watch.chair, by="nils", at=AT)
    return running


def says(seq, minute, spo2):
    seen = [Seen(1, "spo2", spo2, "%", "", minutes(minute))]
    monitoring.chart_message(identity="MON", seq=seq, received_at=minutes(minute), seen=seen)


def saturations(infusion):
    rows = Reading.objects.filter(watch=infusion.watch_id, signal="spo2", source="device").order_by("observed_at")
    return list(rows.values_list("value", flat=True))


def taken_out(nurse, infusion, kind):
    event = InfusionEvent.objects.filter(kind=kind).order_by("number").last()
    return nurse.post(
        "infusion:correct", infusion.reference, event.number, kind=kind, says="wrong button", in_error="yes"
    )


@pytest.mark.parametrize("kind", ["left", "cancelled", "transferred"])
def test_a_session_that_was_closed_while_the_drug_runs_goes_on(nurse, running, now, kind):
    go_to(now, 10)
    record(nurse, running, kind, says="meant: escort absent")
    assert Infusion.objects.get().closed_at == minutes(10)
    go_to(now, 12)
    taken_out(nurse, running, kind)

    infusion = Infusion.objects.get()
    assert (infusion.closed_at, infusion.watch.ended_at, phase(nurse, infusion)) == (None, None, "infusing")
    assert "wrong button" in nurse.get("infusion:chair", infusion.reference).text
    assert not tasks.open_tasks().filter(key__startswith=f"{kind} ").exists()


def test_what_its_monitor_said_meanwhile_is_this_persons_and_raises_its_alarms(nurse, running, now):
    go_to(now, 10)
    record(nurse, running, "left", says="wrong button")
    for second in range(12):
        says(1 + second, 11 + second / 12, 84.0)
    assert saturations(running) == []
    go_to(now, 12)
    taken_out(nurse, running, "left")
    alarms.tick_all(at=minutes(12))

    assert saturations(running) == [84.0] * 12
    assert AlarmEvent.objects.filter(watch=running.watch_id, signal="spo2", state="raised", priority="urgent").exists()


def test_it_does_not_go_on_where_somebody_else_has_sat_down(nurse, running, now):
    go_to(now, 10)
    record(nurse, running, "left", says="wrong button")
    go_to(now, 12)
    make_watch(running.watch.chair, patient=make_patient(family_name="Other"), at=minutes(11))
    answer = taken_out(nurse, running, "left")

    assert answer.status_code == 422
    assert "this one cannot go on" in answer.text
    assert Infusion.objects.get().closed_at == minutes(10)


def test_a_closing_written_down_late_keeps_nothing_that_its_devices_said_afterwards(nurse, running, now):
    go_to(now, 20)
    record(nurse, running, "stopped")
    says(1, 30, 97.0)
    says(2, 50, 71.0)
    go_to(now, 60)
    record(nurse, running, "left", says="left at 09:40", happened="09:40")

    assert Infusion.objects.get().watch.ended_at == minutes(40)
    assert saturations(running) == [97.0]


def test_escort_absent_stands_apart_from_what_ends_the_session(nurse, running):
    text = nurse.get("infusion:chair", running.reference).text
    forms = [form for form in text.split("<form") if 'value="escort_absent"' in form.split("</form>")[0]]

    assert len(forms) == 1
    assert not any(f'value="{kind}"' in forms[0].split("</form>")[0] for kind in ("left", "cancelled", "transferred"))
