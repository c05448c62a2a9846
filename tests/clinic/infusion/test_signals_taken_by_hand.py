"""A chair without a device: what the protocol requires is taken by hand at every check, or left out with a reason."""

import pytest
from tests.clinic.journey.steps import GATE, checked, drawn, fitted_out, go_to, phase, planned, seated

from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.models import Device

pytestmark = pytest.mark.django_db
BY_HAND = "No device stands here: each is taken by hand at every check"


@pytest.fixture
def infusion(nurse, prescriber, patient, clinic, now):
    """Everything before "ready" is done, in a clinic that listens to devices; none stands at this chair."""
    clinic.device_stream = clinic.session_alarms = True
    clinic.save()
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    nurse.post("infusion:gate", infusion.reference, **GATE)
    drawn(nurse, infusion)
    checked(nurse, infusion, heart_rate=70, spo2=98)
    fitted_out(nurse, infusion)
    return infusion


def ready(nurse, infusion, **fields):
    answer = nurse.post("infusion:ready", infusion.reference, **fields)
    infusion.refresh_from_db()
    infusion.watch.refresh_from_db()
    return answer


def tile(nurse, infusion, signal):
    return nurse.get("infusion:live", infusion.reference).text.split(f'data-signal="{signal}"')[1].split("</div>")[0]


def test_ready_shows_what_is_taken_by_hand_and_one_tap_confirms_it(nurse, infusion):
    page = nurse.get("infusion:chair", infusion.reference).text
    assert BY_HAND in page
    assert [f'name="not_taken" value="{one}"' in page for one in ("spo2", "heart_rate", "nibp_systolic")] == [True] * 3

    ready(nurse, infusion)
    assert phase(nurse, infusion) == "ready"
    assert InfusionEvent.objects.get(kind="ready").says == "taken by hand: SpO2, heart rate, systolic pressure"
    assert (infusion.watch.required, infusion.left_out) == ([], {})


def test_what_is_not_taken_needs_a_reason_and_its_tile_and_the_board_read_not_monitored(nurse, infusion, now):
    refused = ready(nurse, infusion, not_taken=["heart_rate"])
    assert refused.status_code == 409
    assert "Say why heart rate is not monitored" in refused.text
    assert phase(nurse, infusion) == "checked"

    ready(nurse, infusion, not_taken=["heart_rate"], reason="no time")
    assert infusion.left_out == {"heart_rate": "no time"}
    go_to(now, 12)
    checked(nurse, infusion, spo2=98)
    assert "not monitored" in tile(nurse, infusion, "heart_rate")
    assert "no time" in tile(nurse, infusion, "heart_rate")
    assert "not monitored" not in tile(nurse, infusion, "spo2")
    assert "not monitored: heart rate" in nurse.get("chart:board").text


def test_it_can_be_changed_while_it_runs_and_no_change_writes_nothing(nurse, infusion):
    ready(nurse, infusion)
    nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")
    ready(nurse, infusion, watch="yes")
    assert not InfusionEvent.objects.filter(kind="signals").exists()

    ready(nurse, infusion, watch="yes", not_taken=["spo2"], reason="oximeter broken")
    assert InfusionEvent.objects.get(kind="signals").says == (
        "taken by hand: heart rate, systolic pressure; not monitored: SpO2 (oximeter broken)"
    )
    ready(nurse, infusion, watch="yes")
    assert infusion.left_out == {}


def test_a_form_loaded_before_a_monitor_came_is_refused_and_the_next_one_asks_for_its_signals(nurse, infusion, now):
    device = Device.objects.create(identity="BED-6", first_seen_at=now["at"])
    monitoring.accept_device(device=device, chair=infusion.watch.chair, by="nils", at=now["at"])

    refused = ready(nurse, infusion)
    assert refused.status_code == 409
    assert BY_HAND not in refused.text
    assert 'name="required" value="spo2" checked' in refused.text


def test_a_form_loaded_before_a_monitor_went_leaves_nothing_out_without_a_reason(nurse, infusion):
    assert ready(nurse, infusion, devices="yes").status_code == 409
    assert phase(nurse, infusion) == "checked"
