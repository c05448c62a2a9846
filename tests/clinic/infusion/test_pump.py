"""What a pump says of itself: it confirms a recorded rate, offers one that nobody recorded, and a volume that differs is told once."""

import re
from datetime import timedelta

import pytest
from tests.builders import AT, make_infusing

from openketamine.clinic.infusion import actions, pump, queries
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.monitoring.models import Device, PumpStatement
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding
from openketamine.core.infusion.events import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(patient, now):
    """150 mL/h from minute 0 on."""
    return make_infusing(patient)


def minutes(number):
    return AT + timedelta(minutes=number)


def says(infusion, minute, rate=None, delivered=None, status=""):
    device, _made = Device.objects.get_or_create(identity="PUMP-7", defaults={"first_seen_at": AT})
    number = PumpStatement.objects.count() + 1
    PumpStatement.objects.create(
        watch=infusion.watch, device=device, status=status, rate_ml_per_h=rate, delivered_ml=delivered, at=minutes(minute), seq=number,
    )  # fmt: skip


def chair(nurse, infusion, now, minute):
    now["at"] = minutes(minute)
    return " ".join(nurse.get("infusion:live", infusion.reference).text.split())


def offered(page):
    """The button that records what the pump says, and the fields of its form; None where there is none."""
    found = re.search(r"<form[^>]*>((?:(?!</form>).)*)<button[^>]*>(Record[^<]*pump says[^<]*)</button>", page)
    return found and (
        found[2],
        dict(re.findall(r'name="(kind|sure|rate_ml_per_h|happened|says)" value="([^"]*)"', found[1])),
    )


def test_the_pump_s_own_message_confirms_the_recorded_rate(nurse, infusion, now):
    assert "recorded, not confirmed by pump" in chair(nurse, infusion, now, 1)
    says(infusion, 2, rate=150.0)
    page = chair(nurse, infusion, now, 3)

    assert "confirmed (the pump: 150 mL/h at 09:02)" in page
    assert offered(page) is None


def test_another_rate_that_the_pump_says_is_offered_since_when_it_says_so_and_nothing_is_recorded_by_itself(
    nurse, infusion, now
):
    for minute, rate in ((10, 150.0), (14, 30.0), (15, 30.0), (16, 30.0)):
        says(infusion, minute, rate=rate)
    words, fields = offered(chair(nurse, infusion, now, 17))

    assert words == "Record: pump says 30 mL/h since 09:14"
    assert fields == {
        "kind": "rate_set", "sure": "yes", "rate_ml_per_h": "30", "happened": "09:14:00.000000",
        "says": "read from the message of the pump PUMP-7",
    }  # fmt: skip
    assert queries.course_of(infusion).rate_ml_per_h == 150.0


def test_pressed_it_becomes_the_rate_from_that_instant_on_which_the_pump_confirms(nurse, infusion, now):
    says(infusion, 14.51, rate=30.0)
    fields = offered(chair(nurse, infusion, now, 17))[1]
    nurse.post("infusion:record", infusion.reference, **fields)
    page = chair(nurse, infusion, now, 18)

    row = InfusionEvent.objects.get(kind="rate_set")
    assert (row.at, row.rate_ml_per_h, row.by) == (minutes(14.51), 30.0, "nils")
    assert row.says == "read from the message of the pump PUMP-7"
    assert "confirmed (the pump: 30 mL/h at 09:14)" in page
    assert offered(page) is None


def test_a_pump_that_stands_is_offered_as_a_pause_and_one_that_runs_again_as_resumed(nurse, infusion, now):
    says(infusion, 10, rate=0.0)
    words, fields = offered(chair(nurse, infusion, now, 11))
    assert (words, fields["kind"]) == ("Record as paused: pump says 0 mL/h since 09:10", "paused")

    nurse.post("infusion:record", infusion.reference, **fields)
    says(infusion, 12, rate=100.0)
    words, fields = offered(chair(nurse, infusion, now, 13))
    assert (words, fields["kind"]) == ("Record as resumed: pump says 100 mL/h since 09:12", "resumed")


@pytest.mark.parametrize(
    "status",
    ["pump-status-stopped", "pump-status-paused", "pump-status-not-infusing", "pump-delivery-status-not-delivering", "pump-status-standby", "MDC_EVT_PUMP_DELIV_STOP", "MDC_EVT_PUMP_DELIV_COMP"],
)  # fmt: skip
@pytest.mark.parametrize("rate", [None, 150.0])
def test_a_pump_that_says_it_stands_gives_nothing_whatever_rate_it_is_set_to(nurse, infusion, now, status, rate):
    says(infusion, 2, rate=150.0, status="pump-status-infusing")
    says(infusion, 5, rate=rate, status=status)
    page = chair(nurse, infusion, now, 6)
    words, fields = offered(page)

    assert "does not agree with the pump: 0 mL/h at 09:05" in page
    assert (words, fields["kind"]) == ("Record as paused: pump says 0 mL/h since 09:05", "paused")

    nurse.post("infusion:record", infusion.reference, **fields)
    assert "confirmed (the pump: 0 mL/h at 09:05)" in chair(nurse, infusion, now, 7)


@pytest.mark.parametrize("status", ["pump-status-infusing", "MDC_EVT_PUMP_DELIV_START"])
def test_a_pump_that_runs_again_and_does_not_say_how_fast_neither_confirms_nor_contradicts(infusion, status):
    says(infusion, 2, rate=150.0)
    says(infusion, 5, status="pump-status-paused")
    says(infusion, 5, status=status)

    assert pump.unrecorded(infusion) is None
    assert (pump.confirmation(infusion).confirmed_by, pump.confirmation(infusion).contradicted_by) == ("", "")


def test_a_running_pump_that_leaves_its_rate_out_once_keeps_what_it_said_before(infusion):
    says(infusion, 2, rate=150.0)
    says(infusion, 3, status="pump-status-infusing")

    assert pump.confirmation(infusion).confirmed_by == "the pump: 150 mL/h at 09:02"


def test_what_the_pump_said_before_the_last_recorded_rate_or_after_the_end_is_not_offered(infusion, now):
    says(infusion, 10, rate=30.0)
    record(infusion, Kind.RATE_SET, 11, rate_ml_per_h=120.0)
    assert pump.unrecorded(infusion) is None

    record(infusion, Kind.STOPPED, 20)
    says(infusion, 21, rate=200.0)
    assert pump.unrecorded(Infusion.objects.get()) is None


def record(infusion, kind, minute, **fields):
    actions.record(infusion=infusion, kind=kind, by="nils", at=minutes(minute), now=minutes(minute), **fields)


def compared(infusion, minute):
    pump.compare_running({infusion.watch_id}, at=minutes(minute))
    return [row.says for row in Finding.objects.filter(code="pump_differs")]


@pytest.mark.parametrize(("delivered", "told"), [(23.1, 0), (27.0, 0), (22.9, 1), (27.1, 1)])
def test_while_it_runs_a_volume_beyond_what_the_clinic_tolerates_opens_a_finding(infusion, delivered, told):
    """150 mL/h for 10 minutes are 25 mL; 2 mL are tolerated."""
    says(infusion, 10, delivered=delivered)

    assert len(compared(infusion, 11)) == told


def test_the_finding_says_both_volumes_at_the_instant_of_the_message_and_holds_nothing(infusion):
    says(infusion, 10, delivered=40.0)

    assert compared(infusion, 12) == [
        "Pump says 40 mL delivered, recorded rates give 25.0 mL: look for a rate nobody recorded"
    ]
    assert not Finding.objects.get(code="pump_differs").holds_infusion


def test_it_opens_once_in_a_session_and_not_again_after_somebody_has_resolved_it(infusion):
    says(infusion, 10, delivered=40.0)
    compared(infusion, 10)
    people.close_finding(finding=Finding.objects.get(), reason="total was not cleared", by="nils", at=minutes(11))
    says(infusion, 12, delivered=45.0)

    assert len(compared(infusion, 12)) == 1


def test_before_the_start_and_after_the_end_a_pump_counts_what_is_none_of_the_infusion(infusion):
    says(infusion, -1, delivered=15.0)
    assert compared(infusion, 1) == []

    record(infusion, Kind.STOPPED, 20)
    says(infusion, 21, delivered=70.0)
    assert compared(infusion, 22) == []
