"""A pump that tests or demonstrates, and one whose clinic does not listen to devices: nothing it says reaches the chart."""

import pytest
from tests.builders import AT, make_clinic, make_infusing, make_patient

from openketamine.clinic.infusion import pump
from openketamine.clinic.monitoring import actions
from openketamine.clinic.monitoring.models import Device, DeviceAlarm, PumpStatement
from openketamine.doors.hl7v2.drain import drain
from openketamine.doors.hl7v2.inbox import Arrived, Inbox

pytestmark = pytest.mark.django_db

PUMP = "OBX|1|NM|158014^MDC_FLOW_FLUID_PUMP_CURRENT^MDC|1.1.1.1|150|265266^MDC_DIM_MILLI_L_PER_HR^MDC||{flag}|||F\r"
ALARM = "OBX|1|ST|196670^MDC_EVT_LO^MDC|1.1.1.1|low||||||F\rOBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.2|start|||{flag}|||F\r"
KINDS = {"R01": PUMP, "R40": ALARM}


@pytest.fixture
def infusion():
    infusion = make_infusing(make_patient())
    device = Device.objects.create(identity="DEV", first_seen_at=AT)
    actions.accept_device(device=device, chair=infusion.watch.chair, by="nils", at=AT)
    return infusion


def hear(tmp_path, clinic, *, event, mode="P", flag=""):
    head = f"MSH|^~\\&|DEV||||{AT:%Y%m%d%H%M%S}+0000||ORU^{event}|C1|{mode}|2.6\rPID|||X\rOBR|1\r"
    raw = (head + KINDS[event].format(flag=flag)).encode()
    inbox = Inbox(tmp_path / "inbox.sqlite3")
    inbox.store([Arrived(AT, "127.0.0.1", "C1", "DEV", "accept", "AA", "", raw)])
    assert drain(inbox, clinic, lambda at: at) == 1
    inbox.close()


@pytest.mark.parametrize("event", ["R01", "R40"])
@pytest.mark.parametrize("why", [{"mode": "T"}, {"mode": "D"}, {"mode": ""}, {"flag": "TEST"}, {"flag": "DEMO"}])
def test_what_is_no_production_is_said_of_no_infusion(tmp_path, infusion, event, why):
    hear(tmp_path, make_clinic(device_stream=True), event=event, **why)

    assert (PumpStatement.objects.count(), DeviceAlarm.objects.count()) == (0, 0)
    assert pump.confirmation(infusion).confirmed_by == ""


@pytest.mark.parametrize("event", ["R01", "R40"])
def test_a_clinic_that_does_not_listen_to_devices_takes_no_pump_and_no_device_alarm(tmp_path, infusion, event):
    hear(tmp_path, make_clinic(device_stream=False), event=event)

    assert (PumpStatement.objects.count(), DeviceAlarm.objects.count()) == (0, 0)


@pytest.mark.parametrize(("event", "counted"), [("R01", (1, 0)), ("R40", (0, 1))])
def test_what_is_meant_is_taken(tmp_path, infusion, event, counted):
    hear(tmp_path, make_clinic(device_stream=True), event=event)

    assert (PumpStatement.objects.count(), DeviceAlarm.objects.count()) == counted
