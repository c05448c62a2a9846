"""A reading belongs to the chair assignment in force at its observation time."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from tests.builders import AT, make_patient

from openketamine.clinic.monitoring import actions, queries
from openketamine.clinic.monitoring.actions import Seen
from openketamine.clinic.monitoring.models import Chair, Device, Reading, Watch

pytestmark = pytest.mark.django_db
STALE = timedelta(minutes=1)


@pytest.fixture
def chair():
    return Chair.objects.create(name="Chair 1")


@pytest.fixture
def device(chair):
    device = Device.objects.create(identity="monitor-a", first_seen_at=AT)
    actions.accept_device(device=device, chair=chair, by="nils", at=AT)
    return device


def watch(chair, at=AT, **changes):
    fields = {
        "patient": make_patient(),
        "chair": chair,
        "limits": "default",
        "limits_sha256": "0" * 64,
        "started_at": at,
    }
    return Watch.objects.create(**{**fields, **changes})


def spo2(value, at, reason="", obx=1):
    return Seen(obx, "spo2", value, "%", reason, at)


def test_a_device_nobody_accepted_charts_to_nobody(chair):
    watch(chair)

    rows = actions.chart_message(identity="stranger", seq=1, seen=[spo2(97, AT)], received_at=AT)

    assert [row.watch for row in rows] == [None]


def test_a_reading_of_the_person_before_stays_with_the_person_before(chair, device):
    first = watch(chair, ended_at=AT + timedelta(minutes=30))
    second = watch(chair, at=AT + timedelta(minutes=40))
    late = AT + timedelta(minutes=45)

    rows = actions.chart_message(
        identity="monitor-a", seq=1, seen=[spo2(96, AT + timedelta(minutes=20))], received_at=late
    )

    assert rows[0].watch == first
    assert queries.tile(second, "spo2", at=late, stale_after=STALE).value is None


def test_a_reading_between_two_people_belongs_to_neither(chair, device):
    watch(chair, ended_at=AT + timedelta(minutes=30))

    rows = actions.chart_message(
        identity="monitor-a", seq=1, seen=[spo2(96, AT + timedelta(minutes=35))], received_at=AT + timedelta(minutes=35)
    )

    assert rows[0].watch is None


def test_the_same_stored_message_is_charted_once(chair, device):
    watch(chair)
    for _ in range(2):
        actions.chart_message(identity="monitor-a", seq=7, seen=[spo2(97, AT)], received_at=AT)

    assert Reading.objects.count() == 1


def test_a_tile_without_a_reading_shows_no_number(chair):
    assert queries.tile(watch(chair), "spo2", at=AT, stale_after=STALE).value is None


def test_a_probe_that_came_off_strikes_the_last_value_at_once(chair, device):
    on = watch(chair)
    off = AT + timedelta(seconds=5)
    actions.chart_message(identity="monitor-a", seq=1, seen=[spo2(97, AT)], received_at=AT)
    actions.chart_message(identity="monitor-a", seq=2, seen=[spo2(None, off, "no value")], received_at=off)

    tile = queries.tile(on, "spo2", at=off, stale_after=STALE)

    assert (tile.value, tile.struck, tile.why) == (97, True, "no value")


def test_an_old_value_is_struck_when_its_time_has_passed(chair, device):
    on = watch(chair)
    actions.chart_message(identity="monitor-a", seq=1, seen=[spo2(97, AT)], received_at=AT)

    fresh = queries.tile(on, "spo2", at=AT + timedelta(seconds=60), stale_after=STALE)
    stale = queries.tile(on, "spo2", at=AT + timedelta(seconds=61), stale_after=STALE)

    assert (fresh.struck, stale.struck) == (False, True)


def test_a_value_that_arrives_late_never_replaces_a_newer_one(chair, device):
    on = watch(chair)
    now = AT + timedelta(seconds=20)
    actions.chart_message(identity="monitor-a", seq=1, seen=[spo2(97, now)], received_at=now)
    actions.chart_message(identity="monitor-a", seq=2, seen=[spo2(80, AT)], received_at=now)

    assert queries.tile(on, "spo2", at=now, stale_after=STALE).value == 97


def test_a_typed_check_writes_values_reasons_and_nothing_for_blanks(chair):
    on = watch(chair)
    values = {"nibp_systolic": 128.0, "spo2": None, "heart_rate": None}

    rows = actions.chart_typed(
        watch=on, values=values, reasons={"spo2": "patient declined"}, by="nils", observed_at=AT, at=AT
    )

    assert [(row.signal, row.value, row.reason) for row in rows] == [
        ("nibp_systolic", 128.0, ""),
        ("spo2", None, "patient declined"),
    ]


def test_a_chair_holds_one_person_at_a_time(chair):
    watch(chair)

    with pytest.raises(IntegrityError), transaction.atomic():
        watch(chair)


def test_the_database_itself_refuses_to_change_a_reading(chair):
    actions.chart_typed(watch=watch(chair), values={"spo2": 97.0}, reasons={}, by="nils", observed_at=AT, at=AT)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE monitoring_reading SET value = 100")
