"""An overdue check is an alarm at every chair until it is done; a monitor that comes late is asked about whenever it comes."""

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import checked, go_to, planned, record, seated, started

from openketamine.clinic.infusion import actions, overdue
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import Device

pytestmark = pytest.mark.django_db
SHEET = {"heart_rate": 70, "spo2": 98, "respiratory_rate": 14, "moaas": 5, "distress": 0, "nausea": 0}


@pytest.fixture
def typed_chair(nurse, prescriber, patient, clinic, now):
    """Running since minute 0 on a chair without a monitor, in a clinic with session alarms; the first check was made in full."""
    clinic.session_alarms = True
    clinic.save()
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    checked(nurse, infusion, **SHEET)
    return infusion


def standing(infusion, now, minute):
    go_to(now, minute)
    overdue.tell(overdue.open_sessions(), at=now["at"])
    return [(one.event.rule, one.event.priority, one.event.kind) for one in alarms.standing(infusion.watch, at=now["at"])]  # fmt: skip


OVERDUE = [("check_overdue", "warning", "technical")]


def test_a_typed_chair_says_that_a_check_is_overdue_until_it_is_done_however_late(nurse, typed_chair, now):
    assert standing(typed_chair, now, 13) == []
    assert standing(typed_chair, now, 14) == OVERDUE
    page = nurse.get("infusion:chair", typed_chair.reference).text
    assert "A check is overdue: options are doing it now" in page

    go_to(now, 15)
    checked(nurse, typed_chair, **{**SHEET, "nausea": ""})
    assert standing(typed_chair, now, 15) == OVERDUE
    nurse.post("infusion:check", typed_chair.reference, why_nausea="declined")

    assert alarms.standing(typed_chair.watch, at=now["at"]) == []
    assert standing(typed_chair, now, 23) == []
    assert standing(typed_chair, now, 24) == OVERDUE


def test_a_missed_check_stays_an_alarm_while_the_next_one_becomes_due(nurse, typed_chair, now):
    assert [standing(typed_chair, now, minute) for minute in (14, 20, 59)] == [OVERDUE] * 3


def test_recovery_and_a_sedative_have_overdue_checks_too(nurse, typed_chair, now):
    go_to(now, 5)
    record(nurse, typed_chair, "stopped")
    assert standing(typed_chair, now, 23) == []
    assert standing(typed_chair, now, 24) == OVERDUE
    checked(nurse, typed_chair, **SHEET)
    record(nurse, typed_chair, "drug_given", says="midazolam", dose="1 mg")
    assert standing(typed_chair, now, 31) == []
    assert standing(typed_chair, now, 32) == OVERDUE


def test_a_clinic_without_session_alarms_has_none_and_nobody_is_late_after_leaving(nurse, typed_chair, clinic, now):
    record(nurse, typed_chair, "left", says="went home early")
    assert standing(typed_chair, now, 60) == []


def test_a_clinic_that_has_switched_its_alarms_off_is_told_nothing(typed_chair, clinic, now):
    clinic.session_alarms = False
    clinic.save()
    assert standing(typed_chair, now, 60) == []


def test_a_monitor_that_comes_in_mid_session_is_asked_about_and_can_be_required(nurse, typed_chair, clinic, now):
    clinic.device_stream = True
    clinic.save()
    device = Device.objects.create(identity="BED-6", first_seen_at=AT)
    go_to(now, 5)
    monitoring.accept_device(device=device, chair=typed_chair.watch.chair, by="nils", at=now["at"])

    assert actions.wanted_signals(typed_chair) == ["spo2", "heart_rate", "nibp_systolic"]
    assert "Record: signals watched" in nurse.get("infusion:chair", typed_chair.reference).text
    nurse.post(
        "infusion:ready", typed_chair.reference, watch="yes", required=["spo2", "heart_rate"], reason="arm hurts"
    )

    typed_chair.refresh_from_db()
    assert typed_chair.watch.required == ["spo2", "heart_rate"]
    assert typed_chair.left_out == {"nibp_systolic": "arm hurts"}


def test_leaving_every_signal_of_a_monitor_out_needs_a_reason(nurse, typed_chair, clinic, now):
    clinic.device_stream = True
    clinic.save()
    device = Device.objects.create(identity="BED-6", first_seen_at=AT)
    monitoring.accept_device(device=device, chair=typed_chair.watch.chair, by="nils", at=now["at"])

    assert nurse.post("infusion:ready", typed_chair.reference, watch="yes").status_code == 409
