"""From stored bytes to the chart, exactly once."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.builders import AT, make_clinic, make_infusing, make_watch

from openketamine.clinic.monitoring import actions, charting
from openketamine.clinic.monitoring.models import (
    AlarmEvent,
    Chair,
    Device,
    DeviceNotice,
    NotCharted,
    Pulse,
    PumpStatement,
    Reading,
)
from openketamine.clinic.people.models import Clinic, Finding
from openketamine.clinic.tasks.models import Task
from openketamine.doors.hl7v2.drain import Drain, drain
from openketamine.doors.hl7v2.inbox import Arrived, Inbox
from openketamine.doors.hl7v2.read import read
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
    assert (notice.watch, "Else" in notice.words) == (watch, False)
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
    watch = make_watch(chair, required=["spo2"])
    work = worker.Worker()
    arrive(work.inbox, message(value="85"))
    for seconds in (0, 11, 200):
        monkeypatch.setattr(worker.clock, "clinic_time", lambda seconds=seconds: AT + timedelta(seconds=seconds))
        monkeypatch.setattr(worker.clock, "wall", lambda seconds=seconds: AT + timedelta(seconds=seconds))
        work.round()
    work.inbox.close()

    assert set(AlarmEvent.objects.values_list("rule", flat=True)) >= {"spo2_very_low", "spo2_missing"}
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


def cuffs(*sent):
    return [message(at=AT + timedelta(seconds=at), value=value, code="150021^MDC_PRESS_BLD_NONINV_SYS^MDC", unit="mm[Hg]")
            .replace(f"|||{AT + timedelta(seconds=at):%Y%m%d%H%M%S}+0000\r".encode(), b"\r") for at, value in sent]  # fmt: skip


def test_a_cuff_pressure_sent_again_each_second_is_one_reading(inbox, chair):
    make_watch(chair)
    for second, raw in enumerate(cuffs(*((second, "184") for second in range(5)), (5, "186"), (6, "186"))):
        arrive(inbox, raw, at=AT + timedelta(seconds=second))
    drain(inbox, make_clinic(device_stream=True), same)

    assert [(row.value, row.observed_at - AT) for row in Reading.objects.all()] == [
        (184, timedelta(0)),
        (186, timedelta(seconds=5)),
    ]


def test_a_worker_that_has_just_begun_charts_no_cuff_pressure_once_more(inbox, chair):
    make_watch(chair)
    clinic = make_clinic(device_stream=True)
    for second, raw in enumerate(cuffs(*((second, "184") for second in range(120)), (120, "186"))):
        arrive(inbox, raw, at=AT + timedelta(seconds=second))
        if second % 17 == 0:
            Drain(inbox).take(clinic, same)
    Drain(inbox).take(clinic, same)

    assert [(row.value, row.observed_at - AT) for row in Reading.objects.all()] == [
        (184, timedelta(0)),
        (186, timedelta(seconds=120)),
    ]


def test_the_same_pressure_five_minutes_later_is_another_reading(inbox, chair):
    make_watch(chair)
    for second, raw in zip((0, 300), cuffs((0, "184"), (300, "184")), strict=True):
        arrive(inbox, raw, at=AT + timedelta(seconds=second))
    drain(inbox, make_clinic(device_stream=True), same)

    assert Reading.objects.count() == 2


def test_one_message_that_cannot_be_charted_is_named_and_the_others_are(inbox, chair, monkeypatch):
    make_watch(chair)
    later = AT + timedelta(seconds=2)
    arrive(inbox, message(), message(at=AT + timedelta(seconds=1), value="66"), message(at=later), at=later)
    charted = charting.chart

    def broken(messages, *rest):
        if any(one.value == 66 for said in messages for one in said.seen):
            raise ValueError("disk on fire")
        return charted(messages, *rest)

    monkeypatch.setattr(charting, "chart", broken)
    drain(inbox, make_clinic(device_stream=True), same)

    assert [row.value for row in Reading.objects.all()] == [97, 97]
    assert [(row.code, row.seq) for row in DeviceNotice.objects.exclude(code="unknown")] == [("unreadable", 2)]
    assert Pulse.objects.get().inbox_seq == 3


def test_an_accepted_message_that_could_not_be_charted_is_remembered_each_time(inbox, chair, monkeypatch):
    broken = "openketamine.doors.hl7v2.drain.read"
    monkeypatch.setattr(broken, lambda raw, *rest: read(raw, *rest) if raw.startswith(b"MSH") else 1 / 0)
    arrive(inbox, b"no message at all", b"nor is this", message())
    arrive(inbox, b"x" * 50, outcome="dropped")
    drain(inbox, make_clinic(device_stream=True), same)
    Pulse.objects.update(inbox_seq=0)
    drain(inbox, Clinic.objects.get(), same)

    assert [one.seq for one in NotCharted.objects.order_by("seq")] == [1, 2]


def test_a_message_whose_bytes_are_gone_before_it_was_charted_here_is_told_and_stops_nothing(inbox, chair):
    """So after an older copy of the database was put back."""
    arrive(inbox, message(), message(at=AT + timedelta(seconds=1), value="66"))
    inbox.let_go([1], held=set(), days=30)
    drain(inbox, make_clinic(device_stream=True), same)

    assert [reading.value for reading in Reading.objects.all()] == [66]
    notice = DeviceNotice.objects.get(code="let go")
    assert (notice.seq, notice.says) == (1, "message 1: bytes no longer kept (clinic's policy, 30 days)")
    assert "no longer kept" in notice.words


def test_two_workers_that_take_turns_chart_as_one(inbox, chair):
    make_watch(chair)
    clinic, workers = make_clinic(device_stream=True), [Drain(inbox), Drain(inbox)]
    for second in range(6):
        arrive(
            inbox,
            message(at=AT + timedelta(seconds=second)),
            message(control="again", at=AT + timedelta(seconds=second)),
            at=AT + timedelta(seconds=second),
        )
        workers[second % 2].take(clinic, same)

    assert [row.observed_at - AT for row in Reading.objects.all()] == [timedelta(seconds=second) for second in range(6)]


def test_what_a_worker_has_read_ahead_is_charted_once_whoever_comes_first(inbox, chair):
    make_watch(chair)
    clinic, (one, other) = make_clinic(device_stream=True), [Drain(inbox), Drain(inbox)]
    arrive(inbox, message())
    one.look_ahead(clinic, same)
    arrive(inbox, message(control="2", at=AT + timedelta(seconds=1)), at=AT + timedelta(seconds=1))
    arrive(inbox, message(control="3"), outcome="error")
    other.look_ahead(clinic, same)

    assert [one.take(clinic, same), other.take(clinic, same), one.take(clinic, same)] == [1, 2, 0]
    assert [row.seq for row in DeviceNotice.objects.exclude(code="unknown")] == [3]
    assert [row.observed_at - AT for row in Reading.objects.exclude(value=None)] == [timedelta(0), timedelta(seconds=1)]


def test_a_batch_asks_the_database_as_often_as_a_single_message(inbox, chair, django_assert_max_num_queries):
    make_watch(chair)
    clinic, worker_ = make_clinic(device_stream=True), Drain(inbox)
    arrive(inbox, message())
    worker_.take(clinic, same)
    said = (message(at=AT + timedelta(seconds=second / 3)) for second in range(3, 300, 3))
    arrive(inbox, *said, at=AT + timedelta(seconds=99))

    with django_assert_max_num_queries(16):
        worker_.take(clinic, same)
    assert Reading.objects.count() == 100


def test_a_pump_s_running_total_far_from_the_recorded_rates_opens_a_finding_in_the_same_round(
    tmp_path, settings, monkeypatch
):
    """150 mL/h for ten minutes are 25 mL; the pump says 40, twice."""
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    make_clinic(device_stream=True)
    infusion = make_infusing()
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    actions.accept_device(device=device, chair=infusion.watch.chair, by="nils", at=AT)
    for name in ("clinic_time", "wall"):
        monkeypatch.setattr(worker.clock, name, lambda: AT + timedelta(minutes=10))
    work = worker.Worker()
    for control in ("C1", "C2"):
        now, code = AT + timedelta(minutes=10), "157993^MDC_VOL_FLUID_DELIV_TOTAL^MDC"
        arrive(work.inbox, message(now, "40", control=control, code=code, unit="263762^MDC_DIM_MILLI_L^MDC"), at=now)
    work.round()
    work.inbox.close()

    assert "Pump says 40 mL delivered, recorded rates give 25.0 mL" in Finding.objects.get().says
