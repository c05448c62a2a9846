"""The whole way of an alarm through the processes of a clinic: monitor, listener, worker, page, second device, second person.

184/112, and 182/111 five minutes later by the monitor's own time: shown at once on three screens, urgent at the second. A worker is killed in
between; nothing is lost or told twice, and the replay of what the alarms were given tells the identical events.
"""

import json
import signal
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import pytest
from tests.processes import wait_until
from tests.site.test_workers_together import Processes

pytestmark = pytest.mark.slow
WITHIN_S = 1.0
GIVES_UP_S = 30
CALL_AFTER_S = 5
SEAT = f"""
import json
from datetime import datetime, timedelta, UTC
from openketamine.site.commands.django_setup import setup
setup()
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from django.test import Client
from tests.builders import make_clinic, make_infusing, make_staff
from openketamine.clinic.monitoring import actions, limits
from openketamine.clinic.monitoring.models import Device
at = datetime.now(UTC) - timedelta(minutes=20)
make_clinic(device_stream=True, session_alarms=True)
limits.sign(
    numbers={{}}, settings={{"escalation.value": {CALL_AFTER_S}, "bp_recheck_due.limit.nibp_systolic": 181}}, changes=["180 -> 181"],
    reason="ours", signed_name="Ada Example", by="ada", at=at,
)
infusion = make_infusing(at=at)
device = Device.objects.create(identity="MON", first_seen_at=at)
actions.accept_device(device=device, chair=infusion.watch.chair, by="nils", at=at)
keys = {{}}
for name, shown in (("nils", "Nils Example"), ("nora", "Nora Example")):
    visitor = Client()
    visitor.force_login(make_staff(username=name, display_name=shown))
    keys[name] = visitor.cookies[settings.SESSION_COOKIE_NAME].value
print(json.dumps({{"reference": infusion.reference, "watch": infusion.watch_id, "cookie": settings.SESSION_COOKIE_NAME, "keys": keys}}))
"""
LOOK = """
import json
from openketamine.site.commands.django_setup import setup
setup()
from openketamine.clinic.monitoring.models import AlarmEvent, Reading, Watch
from openketamine.clinic.tasks.models import Task
start = Watch.objects.get().started_at
sent = Reading.objects.filter(source="device", signal="nibp_systolic").order_by("observed_at")
print(json.dumps({
    "events": [[(one.at - start).total_seconds(), one.rule, one.state, one.value] for one in AlarmEvent.objects.order_by("at", "pk")],
    "numbers": [[one.rule, one.number] for one in AlarmEvent.objects.all()],
    "sent": [one.value for one in sent],
    "calls": [one.says for one in Task.objects.filter(key__contains="called")],
}))
"""


class Browser:
    """One signed-in device."""

    def __init__(self, port, cookie, key):
        self.address, self.cookie = f"http://127.0.0.1:{port}", f"{cookie}={key}"

    def open(self, path):
        return urlopen(Request(self.address + path, headers={"Cookie": self.cookie}), timeout=20)

    def get(self, path):
        with self.open(path) as answer:
            return answer.read().decode()


class Clinic(Processes):
    """A clinic with one person at a chair, its pages, two workers and a monitor."""

    def __init__(self, home, url):
        super().__init__(home, url)
        self.seat = json.loads(self.run(SEAT))
        self.listening = int(self.start("listen", "--port", "0").stdout.readline().rsplit(":", 1)[1])
        self.workers = [self.start("work"), self.start("work")]
        assert [one.stdout.readline() for one in self.workers] == ["working\n"] * 2
        self.serving = int(self.start("serve", "--port", "0").stdout.readline().rsplit(":", 1)[1])

        wait_until(self.answers, 30)

    def answers(self):
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.serving)) == 0

    def browser(self, name):
        return Browser(self.serving, self.seat["cookie"], self.seat["keys"][name])

    def look(self):
        return json.loads(self.run(LOOK))

    def cuff(self, at, systolic, diastolic):
        """Send one cuff measurement and return when it was answered."""
        seen = f"{at:%Y%m%d%H%M%S}+0000"
        rows = [f"MSH|^~\\&|MON||||{seen}||ORU^R01|M{systolic}|P|2.6", "PID|", "OBR|1"]
        for number, (code, value) in enumerate(
            (("150021^MDC_PRESS_BLD_NONINV_SYS", systolic), ("150022^MDC_PRESS_BLD_NONINV_DIA", diastolic))
        ):
            rows.append(f"OBX|{number + 1}|NM|{code}^MDC|1|{value}|mm[Hg]|||||F|||{seen}")
        with socket.create_connection(("127.0.0.1", self.listening), timeout=20) as line:
            line.sendall(b"\x0b" + ("\r".join(rows) + "\r").encode() + b"\x1c\r")
            assert b"MSA|AA" in line.recv(4096)
        return time.monotonic()


@pytest.fixture
def clinic(tmp_path, clinic_database):
    made = Clinic(tmp_path, clinic_database)
    yield made
    made.end()


def told(stream, page, words):
    """Listen on a device's stream, look again at each word of it, and return when the page says it."""
    began = time.monotonic()
    for line in stream:
        assert time.monotonic() - began < GIVES_UP_S, f"the page never said {words}"
        if line.startswith(b"data"):
            shown = page()
            if all(one in shown for one in words):
                return time.monotonic()
    raise AssertionError(f"the stream ended before the page said {words}")


@pytest.fixture
def screens(clinic, clinic_database):
    """The three screens on which an alarm has to stand: the chair's, the board's, and a second device of another nurse."""
    nils, nora, chair = clinic.browser("nils"), clinic.browser("nora"), f"/infusion/{clinic.seat['reference']}/live/"
    of_the_chair = f"/stream/?watch={clinic.seat['watch']}"
    with (
        nils.open(of_the_chair) as at_the_chair,
        nils.open("/stream/") as at_the_board,
        nora.open(of_the_chair) as in_a_hand,
        ThreadPoolExecutor(max_workers=4) as listening,
    ):
        yield Screens(
            listening,
            clinic_database,
            {
                "chair": (at_the_chair, lambda: nils.get(chair)),
                "board": (at_the_board, lambda: nils.get("/board/live/")),
                "second device": (in_a_hand, lambda: nora.get(chair)),
            },
        )


class Screens:
    """Screens that listen at once."""

    def __init__(self, listening, database, every):
        self.listening, self.database, self.every = listening, database, every

    def seconds(self, send, rule, words):
        """Send something; for each screen how long after the alarm was committed it stood there. Each has its page open already."""
        for _stream, page in self.every.values():
            page()
        kept = self.listening.submit(committed, self.database, rule)
        found = {name: self.listening.submit(told, stream, page, words) for name, (stream, page) in self.every.items()}
        send()
        at = kept.result(timeout=2 * GIVES_UP_S)
        return {name: one.result(timeout=2 * GIVES_UP_S) - at for name, one in found.items()}


def committed(database, rule):
    """Look from beside the clinic every hundredth of a second, and return when an alarm of this rule is there for others to see."""
    question = f"SELECT count(*) FROM monitoring_alarmevent WHERE rule = '{rule}' AND state = 'raised'"
    until = time.monotonic() + GIVES_UP_S
    with closing(beside(database)) as looking:
        while time.monotonic() < until:
            if looking.execute(question).fetchone()[0]:
                return time.monotonic()
            time.sleep(0.01)
    raise AssertionError(f"{rule} was never raised")


def beside(database):
    """Return a reader's own connection."""
    if database.startswith("sqlite:///"):
        return sqlite3.connect(database.removeprefix("sqlite:///"), timeout=GIVES_UP_S)
    import psycopg

    return psycopg.connect(database, autocommit=True)


def test_an_alarm_reaches_a_person_and_is_told_once_though_a_worker_dies(clinic, screens, tmp_path):
    nils, chair = clinic.browser("nils"), clinic.seat["reference"]
    second = datetime.now(UTC).replace(microsecond=0)
    first = ("184", "bp_recheck_due", "your clinic, set by Ada Example", "a second reading is due")
    took = screens.seconds(lambda: clinic.cuff(second - timedelta(minutes=5), 184, 112), "bp_recheck_due", first)
    assert {name: one for name, one in took.items() if one >= WITHIN_S} == {}

    clinic.workers[0].send_signal(signal.SIGKILL)
    urgent = ("182", "bp_high", "your clinic, set by Ada Example", "on two cuff readings in a row")
    took = screens.seconds(lambda: clinic.cuff(second, 182, 111), "bp_high", urgent)
    assert {name: one for name, one in took.items() if one >= WITHIN_S} == {}
    assert all(one in nils.get(f"/infusion/{chair}/") for one in urgent)

    wait_until(lambda: clinic.look()["calls"], CALL_AFTER_S + 20)
    assert any("Nora Example (a second nurse) is called" in one for one in clinic.look()["calls"])

    found = clinic.look()
    assert found["sent"] == [184.0, 182.0]
    assert len(found["numbers"]) == len({tuple(one) for one in found["numbers"]})
    raised = [(rule, state) for _at, rule, state, _value in found["events"]]
    assert raised.count(("bp_high", "raised")) == raised.count(("bp_recheck_due", "raised")) == 1
    assert replayed(clinic, tmp_path, chair) == found["events"]


def replayed(clinic, tmp_path, chair):
    """Take what the alarms were given out of the clinic and replay it in a process of its own."""
    folder = tmp_path / "tape"
    assert clinic.start("tape", chair, "--out", str(folder)).wait(timeout=60) == 0
    files = [str(folder / name) for name in ("readings.csv", "limits.toml", "session.json")]
    process = clinic.start("replay", files[0], "--limits", files[1], "--session", files[2])
    events = [json.loads(line) for line in process.communicate(timeout=60)[0].splitlines()]
    return [[one["time_s"], one["rule"], one["state"], one["value"]] for one in events]
