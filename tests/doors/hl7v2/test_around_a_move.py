"""Two monitors speak, the worker charts, and the person moves between them: each value is the person's who was measured, at every instant.

Whose a value is, and what a tile must show, is worked out here from the script, never by the code that binds it.
"""

import random
from datetime import timedelta

import pytest
from tests.builders import AT, make_clinic
from tests.two_chairs import anew, chair, device, make_two_chairs

from openketamine.clinic.infusion import chairs, panels
from openketamine.clinic.monitoring.models import AlarmEvent, Device, Reading
from openketamine.doors.hl7v2.inbox import Arrived
from openketamine.site import worker

pytestmark = pytest.mark.django_db
END_S = 120
STALE_S = 10


def when(second):
    return AT + timedelta(seconds=second)


def hl7(monitor, second):
    """SpO2 in whole percents: even ones from MON-1, odd ones from MON-2, another each two seconds."""
    stamp, value = f"{when(second):%Y%m%d%H%M%S}+0000", said(monitor, second)
    return (
        f"MSH|^~\\&|{monitor}||||{stamp}||ORU^R01|{monitor}{second}|P|2.6\rPID|||X\rOBR|1\r"
        f"OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1|{value}|%|||||F|||{stamp}\r"
    ).encode()


def said(monitor, second):
    return 94 + (second // 2 * 2) % 4 + (monitor == "MON-2")


class Floor:
    """The clinic: two monitors that speak each second, some of it late, and one worker that charts what has arrived."""

    def __init__(self, folder, settings, monkeypatch, late):
        settings.INBOX_PATH = folder / "inbox.sqlite3"
        make_clinic(device_stream=True, session_alarms=True, time_zone="UTC")
        self.infusion = make_two_chairs()
        self.worker, self.monkeypatch = worker.Worker(), monkeypatch
        self.waiting = sorted(
            (second + late(second), monitor, second) for second in range(END_S) for monitor in ("MON-1", "MON-2")
        )
        self.arrived = []

    def go_to(self, at_s):
        due = [one for one in self.waiting if one[0] <= at_s]
        self.waiting = self.waiting[len(due) :]
        self.worker.inbox.store(
            [
                Arrived(when(at), "", f"{name}{second}", name, "accept", "AA", "", hl7(name, second))
                for at, name, second in due
            ]
        )
        self.arrived += due
        for name in ("clinic_time", "wall"):
            self.monkeypatch.setattr(worker.clock, name, lambda: when(at_s))
        self.worker.round()

    def counts(self):
        rows = Reading.objects.filter(watch=self.infusion.watch_id, signal="spo2", source="device")
        return sorted(rows.values_list("device__identity", "observed_at", "value"))

    def must_count(self, sat_on):
        return sorted(
            (name, when(second), float(said(name, second)))
            for _at, name, second in self.arrived
            if name == f"MON-{sat_on(second)}"
        )


def moved(floor, to, since_s, now_s):
    chairs.rearrange(infusion=anew(floor.infusion), chair=chair(to), since=when(since_s), by="nora", now=when(now_s))


INSTANTS = [
    ("at once", 60, 60, 0),
    ("a second late", 59, 60, 0),
    ("between two messages", 59.5, 60, 0),
    ("half a minute late", 30, 60, 0),
    ("nearly from the beginning", 0, 60, 0),
    ("at once, while messages are still under way", 60, 60, 7),
    ("late, while messages are still under way", 50, 60, 7),
    ("in the last second", END_S - 1, END_S, 0),
]


@pytest.mark.parametrize(
    ("since_s", "now_s", "most_late"), [one[1:] for one in INSTANTS], ids=[one[0] for one in INSTANTS]
)
def test_each_chair_s_values_count_on_its_side_of_the_instant(
    tmp_path, settings, monkeypatch, since_s, now_s, most_late
):
    chance = random.Random(f"{since_s} {most_late}")
    floor = Floor(tmp_path, settings, monkeypatch, lambda _second: chance.randint(0, most_late))
    floor.go_to(now_s)
    assert floor.counts() == floor.must_count(lambda _second: 1)
    moved(floor, 2, since_s, now_s)
    assert floor.counts() == floor.must_count(lambda second: 2 if second >= since_s else 1)
    floor.go_to(END_S + 20)
    floor.worker.inbox.close()

    assert floor.counts() == floor.must_count(lambda second: 2 if second >= since_s else 1)
    spoken = Reading.objects.filter(device__in=Device.objects.all(), signal="spo2")
    assert spoken.count() == 2 * END_S, "each value counts once, with this person or with nobody"


def test_through_moves_late_entries_and_a_monitor_exchanged_every_tile_shows_this_person_s_newest_value(
    tmp_path, settings, monkeypatch
):
    chance, wrong = random.Random(20261201), []
    floor = Floor(tmp_path, settings, monkeypatch, lambda _second: chance.choice([0, 0, 0, 4]))
    steps = [(30, 2, 22), (50, 1, 50), (70, 2, 61), (71, 2, 58), (100, None, 95)]
    heard = [(0, "MON-1")]
    for at_s in range(END_S + 30):
        floor.go_to(at_s)
        for now_s, to, since_s in steps:
            if now_s == at_s and to:
                moved(floor, to, since_s, at_s)
                heard = [one for one in heard if one[0] < since_s] + [(since_s, f"MON-{to}")]
            elif now_s == at_s:
                exchange = {"comes": device("MON-1"), "goes": device("MON-2"), "since": when(since_s)}
                chairs.rearrange(infusion=anew(floor.infusion), **exchange, by="nora", now=when(at_s))
                heard.append((since_s, "MON-1"))
        theirs = [(second, name) for at, name, second in floor.arrived if name == heard_at(heard, second)]
        newest = max(theirs)
        tile = next(one for one in panels.tiles(anew(floor.infusion), at=when(at_s)) if one["signal"] == "spo2")["tile"]
        must = (said(newest[1], newest[0]), at_s - newest[0], at_s - newest[0] > STALE_S)
        if (tile.value, tile.age.total_seconds(), tile.struck) != must:
            wrong.append((at_s, tile, must))
    floor.worker.inbox.close()

    assert wrong == []
    assert not AlarmEvent.objects.exclude(rule="spo2_missing").exists()


def heard_at(heard, second):
    return next(name for since, name in reversed(heard) if since <= second)
