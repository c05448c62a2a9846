"""What a pump, or a device's own alarm, says is of the time at which it was so by our clock, however late the message comes."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_clinic, make_infusing, make_patient

from openketamine.clinic.infusion import pump
from openketamine.clinic.monitoring import actions
from openketamine.clinic.monitoring.models import Device, DeviceAlarm, PumpStatement
from openketamine.doors.hl7v2.drain import Drain
from openketamine.doors.hl7v2.inbox import Arrived, Inbox

pytestmark = pytest.mark.django_db
PUMP = "OBX|1|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.1|150|mL/h|||||R|||{at}\r"
ALARM = "OBX|1|ST|196940^MDC_EVT_FLUID_LINE_OCCL^MDC|1.1.1.1|occlusion||||||F|||{at}\rOBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.2|start||||||F\r"
KINDS = {"R01": (PUMP, PumpStatement), "R40": (ALARM, DeviceAlarm)}


def minutes(number):
    return AT + timedelta(minutes=number)


@pytest.fixture
def infusion():
    """Seated two minutes before minute 0, where 150 mL/h began; the pump has stood there since the day before."""
    infusion = make_infusing(make_patient())
    device = Device.objects.create(identity="PUMP", first_seen_at=AT)
    actions.accept_device(device=device, chair=infusion.watch.chair, by="nils", at=AT - timedelta(days=1))
    return infusion


class Door:
    """Takes messages one by one, as they come."""

    def __init__(self, folder):
        self.inbox = Inbox(folder / "inbox.sqlite3")
        self.drain, self.clinic, self.number = Drain(self.inbox), make_clinic(device_stream=True), 0

    def hears(self, *, came, sent, so=None, event="R01"):
        self.number += 1
        stamps = [f"{at:%Y%m%d%H%M%S}+0000" for at in (sent, so or sent)]
        text = f"MSH|^~\\&|PUMP||||{stamps[0]}||ORU^{event}|C{self.number}|P|2.6\rOBR|1\r{KINDS[event][0].format(at=stamps[1])}"
        self.inbox.store([Arrived(came, "", f"C{self.number}", "PUMP", "accept", "AA", "", text.encode())])
        assert self.drain.take(self.clinic, lambda at: at) == 1

    def said(self, event="R01"):
        return list(KINDS[event][1].objects.order_by("pk").values_list("watch", "at"))


@pytest.fixture
def door(tmp_path):
    door = Door(tmp_path)
    yield door
    door.inbox.close()


@pytest.mark.parametrize("event", ["R01", "R40"])
def test_what_was_said_before_somebody_sat_down_is_not_that_person_s(infusion, door, event):
    door.hears(came=minutes(5), sent=minutes(-30), event=event)

    assert door.said(event) == [(None, minutes(-30))]


def test_what_was_said_before_a_rate_was_recorded_does_not_confirm_it(infusion, door):
    door.hears(came=minutes(5), sent=minutes(-1))
    assert (door.said(), pump.confirmation(infusion).confirmed_by) == ([(infusion.watch_id, minutes(-1))], "")

    door.hears(came=minutes(6), sent=minutes(6))
    assert pump.confirmation(infusion).confirmed_by == "the pump: 150 mL/h at 09:06"


@pytest.mark.parametrize("event", ["R01", "R40"])
def test_what_the_device_kept_and_sent_later_is_of_when_it_was_so(infusion, door, event):
    door.hears(came=minutes(20), sent=minutes(20), so=minutes(4), event=event)

    assert door.said(event) == [(infusion.watch_id, minutes(4))]


def test_a_pump_whose_clock_is_an_hour_fast_is_dated_by_ours(infusion, door):
    for second in range(0, 60, 2):
        at = minutes(10) + timedelta(seconds=second)
        door.hears(came=at, sent=at + timedelta(hours=1))

    assert door.said() == [(infusion.watch_id, minutes(10) + timedelta(seconds=second)) for second in range(0, 60, 2)]


def test_without_a_time_of_its_own_it_is_of_when_it_came(infusion, door):
    raw = f"MSH|^~\\&|PUMP||||||ORU^R01|C|P|2.6\rOBR|1\r{PUMP.format(at='')}".encode()
    door.inbox.store([Arrived(minutes(3), "", "C", "PUMP", "accept", "AA", "", raw)])
    door.drain.take(door.clinic, lambda at: at)

    assert door.said() == [(infusion.watch_id, minutes(3))]
