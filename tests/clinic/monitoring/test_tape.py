"""One bad afternoon: at every instant each headline tile of the chair page shows the newest value that may be charted of *this*
session, with its right age and the diastolic pressure of the same measurement, or is struck, or shows nothing.

The tape: probe off, cuff stopped, zero, DEMO, a clock of 2013, one that is a minute slow and one nearly two minutes fast, an eight-day-old spot check, a duplicate, network cut, server
killed, laptop asleep, device moved, patient swapped. What a tile must show is worked out here from the script, never by the
code that draws it. `TAPE_INSTANTS` sets how many instants are looked at; the proof `headline_tiles` looks at 10,000.
"""

import os
import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.builders import AT, make_clinic, make_patient

from openketamine.clinic.infusion import panels
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring import actions
from openketamine.clinic.monitoring.models import Chair, Device, Reading, Watch
from openketamine.clinic.plan import actions as plan
from openketamine.doors.hl7v2.drain import Drain
from openketamine.doors.hl7v2.inbox import Arrived, Inbox
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db

INSTANTS = int(os.environ.get("TAPE_INSTANTS", "250"))
END_S = 1200
STREAM_S, CUFF_DUE_S, CUFF_OWN_S, GRACE_S = 10, 600, 300, 60
SHOWN = ("nibp_systolic", "spo2", "heart_rate", "respiratory_rate")
CODES = {
    "spo2": ("MDC_PULS_OXIM_SAT_O2", "%"), "heart_rate": ("MDC_ECG_HEART_RATE", "/min"), "respiratory_rate": ("MDC_RESP_RATE", "/min"),
    "nibp_systolic": ("MDC_PRESS_BLD_NONINV_SYS", "mm[Hg]"), "nibp_diastolic": ("MDC_PRESS_BLD_NONINV_DIA", "mm[Hg]"),
}  # fmt: skip
MOVED, BACK, LEFT, NEXT = 500, 560, 900, 905
HAPPENS_S = (60, 100, 110, 130, 150, 200, 230, 300, 320, 350, 380, MOVED, BACK, 600, 690, LEFT, NEXT, 960)
NEVER_SET, SLOW, FAST, UNPROVEN_S = (130, 140), (600, 690), (960, END_S), 8
CLOCKS = ((NEVER_SET, timedelta(days=-4800)), (SLOW, timedelta(seconds=-60)), (FAST, timedelta(seconds=110)))
NETWORK_CUT, SERVER_KILLED, ASLEEP = (200, 230), (300, 320), (350, 380)


def when(second):
    return AT + timedelta(seconds=second)


@dataclass
class Message:
    """What a monitor says at a second: values (None is "no value"), and how it departs from the ordinary."""

    said_s: float
    values: dict
    flag: str = ""
    clock: timedelta = timedelta(0)
    observed: timedelta = timedelta(0)
    number: int = 0

    def hl7(self):
        sent, seen = (
            f"{when(self.said_s) + shift:%Y%m%d%H%M%S}+0000" for shift in (self.clock, self.clock + self.observed)
        )
        rows = [f"MSH|^~\\&|MON||||{sent}||ORU^R01|{self.number}|P|2.6", "PID|||X", "OBR|1"]
        for signal, value in self.values.items():
            code, unit = CODES[signal]
            text, status = ("", "X") if value is None else (f"{value:g}", "R")
            rows.append(f"OBX|1|NM|0^{code}^MDC|1|{text}|{unit}||{self.flag}|||{status}|||{seen}")
        return "\r".join(rows).encode()

    @property
    def arrives_s(self):
        """A monitor that gets no answer keeps its messages and sends them when somebody answers again."""
        for start, end in (NETWORK_CUT, SERVER_KILLED):
            if start <= self.said_s < end:
                return end
        return self.said_s

    @property
    def charted_s(self):
        """While the laptop sleeps nothing is charted; what has arrived is charted when it wakes."""
        start, end = ASLEEP
        return end if start <= self.arrives_s < end else self.arrives_s


def script():
    """Return every message of the afternoon, in the order in which it is said."""
    messages = []
    for second in range(END_S):
        values = {"spo2": 90 + second % 10, "heart_rate": 60 + second % 30, "respiratory_rate": 12 + second % 7}
        if second in {0, 300}:
            values["nibp_systolic"] = 120 + second / 100
        if second in {0, 170, 450}:
            values["nibp_diastolic"] = 70 + second / 100
        message = Message(second, values, number=second)
        if 60 <= second < 80:
            message.values["spo2"] = None
        if second == 100:
            message.values["spo2"] = 0
        if 110 <= second < 120:
            message.flag = "DEMO"
        message.clock = next((ahead for (start, end), ahead in CLOCKS if start <= second < end), timedelta(0))
        messages.append(message)
    messages.append(Message(150, {"spo2": 77}, observed=timedelta(days=-8), number=9150))
    messages.append(messages[155])
    return sorted(messages, key=lambda one: one.said_s)


@dataclass
class Ledger:
    """What the script says is charted: (observed second, order, value or None) by watch and signal."""

    rows: dict = field(default_factory=dict)

    def take(self, message, order):
        for signal, value in message.values.items():
            known = value not in (None, 0) and not message.flag
            observed = message.arrives_s if message.clock else message.said_s + message.observed.total_seconds()
            if SLOW[0] <= message.said_s < SLOW[0] + UNPROVEN_S:
                observed = message.said_s - 60  # nobody can know yet that it is not late
            if message.observed:
                continue
            entry = (observed, order, value if known else None)
            seen = self.rows.setdefault((whose(observed), signal), [])
            if not any(one[0] == observed and one[2] == entry[2] for one in seen):
                seen.append(entry)

    def tile(self, watch, signal, at_s):
        """Return value, age in seconds, whether it is struck, and the diastolic pressure, as they must be at an instant."""
        seen = [one for one in self.rows.get((watch, signal), []) if one[0] <= at_s]
        values = [one for one in seen if one[2] is not None]
        if not values:
            return None, None, False, ""
        newest = max(values)
        later = [one for one in seen if one[2] is None and one[0] > newest[0]]
        age = at_s - newest[0]
        struck = bool(later) or age > self.counts_s(signal, {one[0] for one in values})
        return newest[2], age, struck, self.diastolic(watch, newest[0]) if signal == "nibp_systolic" else ""

    @staticmethod
    def counts_s(signal, measured):
        """Return for how long a value counts: a cuff by its own cycle as soon as two readings show it, by the checks until then."""
        if signal != "nibp_systolic":
            return STREAM_S
        return (CUFF_OWN_S if len(measured) > 1 else CUFF_DUE_S) + GRACE_S

    def diastolic(self, watch, measured_s):
        """Return what stands beside a systolic pressure: the number of the same instant, never of another."""
        found = [one[2] for one in self.rows.get((watch, "nibp_diastolic"), []) if one[0] == measured_s]
        return f"{found[-1]:g}" if found else "—"


def whose(observed_s):
    if MOVED <= observed_s < BACK:
        return "other"
    if observed_s >= NEXT:
        return "next"
    return "first" if observed_s < LEFT else None


class Afternoon:
    """The clinic in which the tape is played: what has arrived, what is charted, and the ledger of what must be shown."""

    def __init__(self, folder):
        self.inbox, self.clinic = Inbox(folder / "inbox.sqlite3"), make_clinic(device_stream=True)
        self.drain, self.ledger, self.uncharted = Drain(self.inbox), Ledger(), []
        self.waiting = sorted(enumerate(script()), key=lambda item: (item[1].arrives_s, item[0]))
        one, two = (Chair.objects.create(name=f"Chair {number}", position=number) for number in (1, 2))
        device = Device.objects.create(identity="MON", first_seen_at=AT)
        for chair, second in ((one, -5), (two, MOVED), (one, BACK)):
            actions.accept_device(device=device, chair=chair, by="nils", at=when(second))
        self.sessions = {"first": seated(one, "First", -1), "other": seated(two, "Other", -1)}
        Watch.objects.filter(pk=self.sessions["first"].watch_id).update(ended_at=when(LEFT))
        self.sessions["next"] = seated(one, "Next", NEXT)

    def go_to(self, at_s):
        """Let arrive and, unless the laptop sleeps, be charted what comes until an instant."""
        while self.waiting and self.waiting[0][1].arrives_s <= at_s:
            order, message = self.waiting.pop(0)
            raw, number = message.hl7(), str(message.number)
            self.inbox.store([Arrived(when(message.arrives_s), "", number, "MON", "accept", "AA", "", raw)])
            self.uncharted.append((order, message))
        if not ASLEEP[0] <= at_s < ASLEEP[1]:
            while self.drain.take(self.clinic, lambda at: at):
                pass
            for order, message in self.uncharted:
                self.ledger.take(message, order)
            self.uncharted = []

    def shown(self, name, at_s):
        """Return the headlines of a session as its chair page shows them at an instant, by signal."""
        infusion = Infusion.objects.get(pk=self.sessions[name].pk)
        return {one["signal"]: one for one in panels.tiles(infusion, at=when(at_s))}

    def wrong(self, name, signal, at_s, shown):
        """Return what a tile shows and what it must show when the two differ, else None."""
        headline = shown[signal]
        tile, must = headline["tile"], self.ledger.tile(name, signal, at_s)
        value, age, struck, diastolic = must
        right_age = age is None or abs(tile.age.total_seconds() - age) < 0.001
        right = (tile.value, tile.struck, headline["second"]) == (value, struck, diastolic) and right_age
        return None if right else (round(at_s, 1), name, signal, tile, headline["second"], must)


def seated(chair, family_name, second):
    """A person seated on a chair at a second, without anything that is waited for."""
    shape = plan.Shape("depression_iv_racemic", 6, 2, Decimal("0.5"), Decimal(40), AT.date())
    course = plan.plan_course(patient=make_patient(family_name=family_name), shape=shape, by="ada", at=AT)
    planned = course.days.get(number=1)
    return demo_lives.seated(course.patient, planned, chair, weight_kg=Decimal(70), at=when(second))


def instant(chance):
    """Any second, or as often one in which something happens."""
    if chance.random() < 0.5:
        return chance.uniform(0, END_S + 60)
    return chance.choice(HAPPENS_S) + chance.uniform(-5, 25)


def test_every_tile_is_this_session_s_newest_value_with_its_age_or_says_that_it_is_not(tmp_path):
    afternoon, chance, wrong = Afternoon(tmp_path), random.Random(20261125), []
    for at_s in sorted(instant(chance) for _ in range(INSTANTS)):
        afternoon.go_to(at_s)
        here = "other" if MOVED <= at_s < BACK else "next" if at_s >= LEFT else "first"
        name = chance.choice([here, here, *afternoon.sessions])
        shown = afternoon.shown(name, at_s)
        wrong += [found for signal in SHOWN if (found := afternoon.wrong(name, signal, at_s, shown))]
    afternoon.inbox.close()
    whose_rows = {row.watch_id for row in Reading.objects.all()}

    assert wrong == []
    assert not Reading.objects.filter(value=0).exists()
    assert not Reading.objects.filter(value__isnull=False, reason__gt="").exists()
    assert whose_rows == {None, *(one.watch_id for one in afternoon.sessions.values())}, (
        "nobody's, and each person's own"
    )
