"""From stored bytes to the chart, exactly once."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.builders import AT, make_clinic, make_watch

from openketamine.clinic.monitoring import actions
from openketamine.clinic.monitoring.models import (
    AlarmEvent,
    Chair,
    Device,
    DeviceNotice,
    Pulse,
    PumpStatement,
    Reading,
)
from openketamine.clinic.tasks.models import Task
from openketamine.doors.hl7v2.drain import drain
from openketamine.doors.hl7v2.inbox import Arrived, Inbox
from openketamine.site import worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(tmp_path):
    inbox = Inbox(tmp_path / "inbox.sqlite3")
    yield inbox
    inbox.close()


@pytest.fixture
def chair():
    chair = Chair.objects.create(name="Chair 1")
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    actions.accept_device(device=device, chair=chair, by="nils", at=AT)
    return chair


def message(at=AT, value="97", name="", control="C1", code="150456^MDC_PULS_OXIM_SAT_O2^MDC", unit="%"):
    return (
        f"MSH|^~\\&|MON||||{at:%Y%m%d%H%M%S}+0000||ORU^R01|{control}|P|2.6\rPID|||X||{name}\rOBR|1\r"
        f"OBX|1|NM|{code}|1|{value}|{unit}|||||F|||{at:%Y%m%d%H%M%S}+0000\r"
    ).encode()


def arrive(inbox, *messages, at=AT, outcome="accept"):
    inbox.store([Arrived(at, "127.0.0.1", "C", "MON", outcome, "AA", "too long", raw) for raw in messages])


def same(at):
    return at


def test_a_stored_message_becomes_a_reading_of_the_person_on_the_chair(inbox, chair):
    watch = make_watch(chair)
    arrive(inbox, message())

    assert drain(inbox, make_clinic(device_stream=True), same) == 1
    assert [(row.watch, row.value) for row in Reading.objects.all()] == [(watch, 97.0)]


def test_draining_again_charts_nothing_again(inbox, chair):
    clinic = make_clinic(device_stream=True)
    arrive(inbox, message())
    drain(inbox, clinic, same)
    Pulse.objects.update(inbox_seq=0)
    drain(inbox, clinic, same)

    assert Reading.objects.count() == 1


def test_the_same_message_sent_again_counts_once(inbox, chair):
    make_watch(chair)
    arrive(inbox, message(), message(), message(control="C2"))
    drain(inbox, make_clinic(device_stream=True), same)

    assert Reading.objects.count() == 1


def test_with_the_stream_switched_off_nothing_has_a_value(inbox, chair):
    make_watch(chair)
    arrive(inbox, message())
    drain(inbox, make_clinic(), same)

    assert [(row.value, row.reason) for row in Reading.objects.all()] == [
        (None, "the live device stream is switched off")
    ]


def test_an_unknown_device_is_told_to_people_once(inbox):
    arrive(inbox, message(), message(AT + timedelta(seconds=1)))
    drain(inbox, make_clinic(device_stream=True), same)

    assert [notice.code for notice in DeviceNotice.objects.all()] == ["unknown"]
    assert {row.watch for row in Reading.objects.all()} == {None}


def test_another_name_in_the_message_is_shown_and_binds_nothing(inbox, chair):
    watch = make_watch(chair)
    arrive(inbox, message(name="Else^Somebody"))
    drain(inbox, make_clinic(device_stream=True), same)

    notice = DeviceNotice.objects.get(code="name")
    assert (notice.watch, "Else" in notice.says) == (watch, False)
    assert Reading.objects.get().watch == watch


def test_a_message_that_was_not_taken_and_one_that_breaks_never_stop_the_next(inbox, chair, monkeypatch):
    make_watch(chair)
    arrive(inbox, b"x" * 50, outcome="dropped")
    arrive(inbox, b"no message at all", message())
    drain(inbox, make_clinic(device_stream=True), same)

    assert {notice.code for notice in DeviceNotice.objects.all()} >= {"dropped"}
    assert Reading.objects.get().value == 97


def test_what_a_pump_says_is_kept_beside_the_record(inbox, chair):
    make_watch(chair)
    rate = message(code="158014^MDC_FLOW_FLUID_PUMP_CURRENT^MDC", value="150", unit="265266^MDC_DIM_MILLI_L_PER_HR^MDC")
    arrive(inbox, rate)
    drain(inbox, make_clinic(device_stream=True), same)

    assert [row.rate_ml_per_h for row in PumpStatement.objects.all()] == [150.0]


def test_one_round_of_work_charts_ticks_and_calls_a_second_nurse(tmp_path, settings, chair, monkeypatch):
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    make_clinic(device_stream=True, session_alarms=True)
    watch = make_watch(chair)
    work = worker.Worker("w1")
    arrive(work.inbox, message(value="85"))
    for seconds in (0, 11, 200):
        monkeypatch.setattr(worker.clock, "clinic_time", lambda seconds=seconds: AT + timedelta(seconds=seconds))
        monkeypatch.setattr(worker.clock, "wall", lambda seconds=seconds: AT + timedelta(seconds=seconds))
        work.round()
    work.inbox.close()

    assert set(AlarmEvent.objects.values_list("rule", flat=True)) >= {"spo2_low", "spo2_very_low", "spo2_missing"}
    assert "second nurse" in Task.objects.get().says
    pulse = Pulse.objects.get()
    assert (pulse.inbox_seq, pulse.tick_at) == (1, AT + timedelta(seconds=200))
    assert watch.pk


def test_a_clinic_reads_device_times_without_a_zone_in_its_own_zone(inbox, chair):
    make_watch(chair)
    local = AT.astimezone(ZoneInfo("America/New_York"))
    raw = message().replace(f"{AT:%Y%m%d%H%M%S}+0000".encode(), f"{local:%Y%m%d%H%M%S}".encode())
    arrive(inbox, raw)
    drain(inbox, make_clinic(device_stream=True, time_zone="America/New_York"), same)

    assert Reading.objects.get().observed_at == AT
