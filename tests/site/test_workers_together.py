"""Several workers, one of them killed, on SQLite and on PostgreSQL: each message is charted once, each alarm rings once."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from tests.processes import wait_until

pytestmark = pytest.mark.slow
MESSAGES = 120
SEAT = """
import sys
from datetime import datetime, timedelta, UTC
from openketamine.site.commands.django_setup import setup
setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from tests.builders import make_clinic, make_watch
from openketamine.clinic.monitoring import actions
from openketamine.clinic.monitoring.models import Chair, Device
at = datetime.now(UTC) - timedelta(minutes=30)
make_clinic(device_stream=True, session_alarms=True)
chair = Chair.objects.create(name="Chair 1")
actions.accept_device(device=Device.objects.create(identity="MON", first_seen_at=at), chair=chair, by="nils", at=at)
make_watch(chair, at=at)
"""
LOOK = """
import json
from openketamine.site.commands.django_setup import setup
setup()
from openketamine.clinic.monitoring.models import AlarmEvent, Pulse, Reading
readings = Reading.objects.filter(source="device", signal="spo2").order_by("seq")
print(json.dumps({
    "taken": getattr(Pulse.objects.first(), "inbox_seq", 0),
    "values": [one.value for one in readings],
    "numbers": [one.seq for one in readings],
    "alarms": [[one.rule, one.number] for one in AlarmEvent.objects.all()],
}))
"""


class Processes:
    """One clinic's database and the processes that work on it."""

    def __init__(self, home, url):
        self.settings = {
            **os.environ,
            "OPENKETAMINE_HOME": str(home),
            "OPENKETAMINE_DB": url,
            "PYTHONPATH": "src:.:tests/measured",
        }
        self.running = []

    def run(self, script):
        done = subprocess.run(
            [sys.executable, "-c", script], env=self.settings, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *command):
        process = subprocess.Popen(
            [sys.executable, "-m", "openketamine", *command], env=self.settings, stdout=subprocess.PIPE, text=True
        )
        self.running.append(process)
        return process

    def look(self):
        return json.loads(self.run(LOOK))

    def end(self):
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(timeout=20)
            process.stdout.close()


@pytest.fixture
def clinic(tmp_path, clinic_database):
    processes = Processes(tmp_path, clinic_database)
    processes.run(SEAT)
    yield processes
    processes.end()


def send(port, first):
    """Send one reading a second, the later half below the limit, and wait for each answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        for number in range(MESSAGES):
            at, value = first + timedelta(seconds=number), 97 if number < MESSAGES // 2 else 85
            text = (
                f"MSH|^~\\&|MON||||{at:%Y%m%d%H%M%S}+0000||ORU^R01|M{number}|P|2.6\rPID|\rOBR|1\r"
                f"OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1|{value}|%|||||F|||{at:%Y%m%d%H%M%S}+0000\r"
            )
            line.sendall(b"\x0b" + text.encode() + b"\x1c\r")
            assert b"MSA|AA" in line.recv(4096)


def test_three_workers_and_a_killed_one_chart_each_message_once(clinic):
    listener = clinic.start("listen", "--port", "0")
    port = int(listener.stdout.readline().rsplit(":", 1)[1])
    workers = [clinic.start("work") for _ in range(3)]
    for worker in workers:
        assert worker.stdout.readline() == "working\n"
    send(port, datetime.now(UTC) - timedelta(seconds=MESSAGES))
    workers[0].send_signal(signal.SIGKILL)
    wait_until(lambda: clinic.look()["taken"] == MESSAGES, 60)

    found = clinic.look()
    assert found["values"] == [97.0] * (MESSAGES // 2) + [85.0] * (MESSAGES // 2)
    assert found["numbers"] == list(range(1, MESSAGES + 1))
    assert "spo2_very_low" in {rule for rule, _ in found["alarms"]}
    assert len(found["alarms"]) == len({tuple(one) for one in found["alarms"]})
