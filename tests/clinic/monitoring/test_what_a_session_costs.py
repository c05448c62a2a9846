"""Two hours of a monitor: how many bytes its readings take, and that each of them is still read one by one."""

import sys
from datetime import timedelta

import pytest
from django.db import connection
from tests.builders import AT, make_watch

from openketamine.clinic.monitoring import charting
from openketamine.clinic.monitoring.charting import Memory, Said, Seen
from openketamine.clinic.monitoring.models import Device, DeviceOnChair, Reading, StreamReading

pytestmark = pytest.mark.django_db
SECONDS, SIGNALS = 7200, 8
VALUES = {
    "spo2": (97.0, "%"), "heart_rate": (70.0, "/min"), "respiratory_rate": (15.0, "/min"), "pulse_rate": (71.0, "/min"),
    "temperature": (36.6, "Cel"), "etco2": (38.0, "mm[Hg]"), "abp_systolic": (120.0, "mm[Hg]"), "abp_diastolic": (80.0, "mm[Hg]"),
}  # fmt: skip


@pytest.fixture
def watch():
    watch = make_watch()
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    DeviceOnChair(device=device, chair=watch.chair, at=AT, by="nils").save()
    return watch


def session(seconds):
    """Return what a monitor says in so many seconds; times are those of a clock that is never on the second."""
    for second in range(seconds):
        at = AT + timedelta(seconds=second, microseconds=123_000 + second)
        seen = [
            Seen(obx, signal, value + second % 7, unit, "", at)
            for obx, (signal, (value, unit)) in enumerate(VALUES.items(), 1)
        ]
        yield Said("MON", second + 1, at + timedelta(milliseconds=40), seen)


def chart(seconds):
    memory, messages = Memory(), list(session(seconds))
    for start in range(0, seconds, 500):
        written(messages[start : start + 500], memory)


def written(messages, memory):
    places, _fresh = charting.places_of(messages, memory)
    charting.chart(messages, places, memory)


def size():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            pages, page = cursor.execute("PRAGMA page_count").fetchone(), cursor.execute("PRAGMA page_size").fetchone()
            return pages[0] * page[0]
        tables = ("monitoring_streamreading", "monitoring_reading")
        cursor.execute("SELECT pg_total_relation_size(%s) + pg_total_relation_size(%s)", tables)
        return cursor.fetchone()[0]


def test_two_hours_of_eight_signals_once_a_second_take_less_than_1500_kilobytes(watch):
    before = size()

    chart(SECONDS)

    took = size() - before
    each = f"{took / SECONDS:.0f} a second"
    sys.stdout.write(f"\na session of 2 h, 8 signals at 1 Hz: {took} bytes on {connection.vendor}, {each}\n")
    assert Reading.objects.filter(watch=watch).count() == SECONDS * SIGNALS
    assert 100_000 < took < 1_500_000


def test_each_value_keeps_its_message_its_place_in_it_its_times_its_device_and_its_unit(watch):
    chart(3)

    one = Reading.objects.get(watch=watch, signal="temperature", seq=2)
    assert (one.obx, one.value, one.unit, one.source, one.device.identity) == (5, 37.6, "Cel", "device", "MON")
    assert one.observed_at == AT + timedelta(seconds=1, microseconds=123_001)
    assert one.received_at == one.observed_at + timedelta(milliseconds=40)
    assert Reading.objects.get(pk=one.pk).value == 37.6


def test_a_value_that_a_device_takes_back_comes_after_the_value(watch):
    chart(2)
    at = AT + timedelta(microseconds=123_000)
    back = [Said("MON", 9, at + timedelta(seconds=5), [Seen(1, "spo2", None, "%", "status D", at)])]

    written(back, Memory())

    rows = Reading.objects.filter(watch=watch, signal="spo2", observed_at=at)
    assert list(rows.values_list("value", "reason")) == [(97.0, ""), (None, "status D")]


def test_values_of_two_instants_in_one_message_and_a_second_probe_are_rows_of_their_own(watch):
    early, late = AT + timedelta(seconds=1), AT + timedelta(seconds=2)
    seen = [
        Seen(1, "spo2", 97.0, "%", "", late), Seen(2, "heart_rate", 70.0, "/min", "", early), Seen(3, "spo2", 96.0, "%", "", late),
        Seen(70, "etco2", 38.0, "mm[Hg]", "", late), Seen(4, "nibp_systolic", 120.0, "mm[Hg]", "", late),
    ]  # fmt: skip
    messages = [Said("MON", 1, late, seen)]

    written(messages, Memory())

    assert StreamReading.objects.get().spo2 == 97.0
    found = Reading.objects.filter(watch=watch).values_list("signal", "value", "obx", "observed_at")
    assert sorted(found) == sorted((one.signal, one.value, one.obx, one.observed_at) for one in seen)


def test_a_reading_that_is_written_anew_is_a_row_of_its_own(watch):
    chart(1)
    old = Reading.objects.get(signal="spo2")

    copies = Reading.objects.bulk_create([
        Reading(watch=watch, signal="spo2", value=old.value, unit="%", observed_at=old.observed_at, received_at=AT, source="typed", by="nils")
    ])  # fmt: skip

    assert len(copies) == 1
    assert [one.source for one in Reading.objects.filter(signal="spo2")] == ["typed", "device"]
