"""The listener as a process of its own: what it has answered is on disk, whatever happens to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from openketamine.doors.hl7v2.inbox import Arrived, Inbox

MESSAGE = (
    "MSH|^~\\&|MON|ROOM|||20260302100000+0000||ORU^R01|{number}|P|2.6\rPID|||X\rOBR|1\r"
    "OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1|97|%|||||F\r"
)


@pytest.fixture
def listener(tmp_path):
    process = start(tmp_path)
    yield process
    process.terminate()
    process.wait(timeout=10)


def start(home):
    command = [sys.executable, "-m", "openketamine", "listen", "--port", "0", "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(home))


def environment(home):
    return {**os.environ, "OPENKETAMINE_HOME": str(home), "PYTHONPATH": "src:tests/measured"}


def address(process):
    line = process.stdout.readline()
    assert line.startswith("listening on 127.0.0.1:")
    return "127.0.0.1", int(line.rsplit(":", 1)[1])


def say(connection, text):
    connection.sendall(b"\x0b" + text.encode() + b"\x1c\r")


def answer(connection):
    data = b""
    while not data.endswith(b"\x1c\r"):
        part = connection.recv(4096)
        if not part:
            break
        data += part
    return data.decode()


def stored(home):
    out = subprocess.run(
        [sys.executable, "-m", "openketamine", "inbox", "--home", str(home)],
        capture_output=True, text=True, check=True, env=environment(home),
    ).stdout  # fmt: skip
    return [json.loads(line) for line in out.splitlines()]


def test_a_message_is_stored_and_answered(listener, tmp_path):
    with socket.create_connection(address(listener), timeout=10) as connection:
        say(connection, MESSAGE.format(number="A1"))
        assert "MSA|AA|A1" in answer(connection)

    assert [(row["control_id"], row["ack"], row["device"]) for row in stored(tmp_path)] == [("A1", "AA", "MON/ROOM")]


def test_rubbish_a_foreign_type_and_a_cut_off_message_never_stop_the_next(listener, tmp_path):
    with socket.create_connection(address(listener), timeout=10) as connection:
        connection.sendall(b"hello\r\n")
        say(connection, "this is no message")
        assert "MSA|AE" in answer(connection)
        say(connection, MESSAGE.format(number="B1").replace("ORU^R01", "ADT^A01"))
        assert "MSA|AR|B1" in answer(connection)
        connection.sendall(b"\x0bMSH|^~")
        say(connection, MESSAGE.format(number="B2"))
        assert "MSA|AE" in answer(connection)
        assert "MSA|AA|B2" in answer(connection)

    assert [row["ack"] for row in stored(tmp_path)] == [None, "AE", "AR", "AE", "AA"]


@pytest.mark.slow
def test_ten_kills_lose_no_answered_message(tmp_path):
    answered = []
    for life in range(10):
        process = start(tmp_path)
        with socket.create_connection(address(process), timeout=10) as connection:
            for number in range(5):
                say(connection, MESSAGE.format(number=f"K{life}-{number}"))
                assert "MSA|AA" in answer(connection)
                answered.append(f"K{life}-{number}")
            say(connection, MESSAGE.format(number=f"K{life}-last"))
            process.send_signal(signal.SIGKILL)
            process.wait()

    kept = [row["control_id"] for row in stored(tmp_path)]
    assert set(answered) <= set(kept)
    assert len(kept) == len(set(kept))


def test_a_stranger_address_needs_to_be_allowed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "openketamine", "listen", "--port", "0", "--host", "0.0.0.0", "--home", str(tmp_path)],
        capture_output=True, text=True, env=environment(tmp_path), timeout=20, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "--allow" in done.stderr


def test_a_busy_port_is_one_clear_line(listener, tmp_path):
    _, port = address(listener)
    done = subprocess.run(
        [sys.executable, "-m", "openketamine", "listen", "--port", str(port), "--home", str(tmp_path)],
        capture_output=True, text=True, env=environment(tmp_path), timeout=20, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "in use" in done.stderr


def test_a_batch_in_one_frame_is_so_many_messages_each_with_its_answer(listener, tmp_path):
    batch = "FHS|^~\\&|X\rBHS|^~\\&|X\r" + MESSAGE.format(number="C1") + MESSAGE.format(number="C2") + "BTS|2\rFTS|1\r"
    with socket.create_connection(address(listener), timeout=10) as connection:
        say(connection, batch)
        answers = answer(connection)
        while "MSA|AA|C2" not in answers:
            answers += answer(connection)

    assert "MSA|AA|C1" in answers
    assert [row["control_id"] for row in stored(tmp_path)] == ["C1", "C2"]


def test_who_asks_for_both_kinds_of_answer_gets_both(listener):
    with socket.create_connection(address(listener), timeout=10) as connection:
        say(connection, MESSAGE.format(number="D1").replace("|P|2.6", "|P|2.6|||AL|AL"))
        answers = answer(connection)
        while "MSA|AA|D1" not in answers:
            answers += answer(connection)

    assert answers.index("MSA|CA|D1") < answers.index("MSA|AA|D1")


MAKE_CLINIC = """
import sys
from openketamine.site.commands.django_setup import setup
setup(sys.argv[1])
from django.core.management import call_command
call_command("migrate", verbosity=0)
from openketamine.clinic.monitoring.models import DeviceNotice, Pulse
from tests.builders import AT, make_clinic
make_clinic(raw_message_days=30)
DeviceNotice(device="MON", code="error", says="x", at=AT, seq=2).save()
Pulse.objects.create(pk=1, inbox_seq=3)
"""


def test_it_lets_go_of_old_charted_bytes_by_the_clinic_s_policy_and_writes_nothing_to_its_database(tmp_path):
    subprocess.run(
        [sys.executable, "-c", MAKE_CLINIC, str(tmp_path)], check=True, env={**environment(tmp_path), "PYTHONPATH": "src:."},
    )  # fmt: skip
    inbox, now = Inbox(tmp_path / "inbox.sqlite3"), datetime.now(UTC)
    ages = (31, 31, 29, 29)
    inbox.store(
        [Arrived(now - timedelta(days=age), "", "C", "MON", "accept", "AA", "", b"MSH|%d" % age) for age in ages]
    )
    before = (tmp_path / "clinic.sqlite3").read_bytes()
    process = start(tmp_path)
    with socket.create_connection(address(process), timeout=10) as connection:
        say(connection, MESSAGE.format(number="E1"))
        assert "MSA|AA|E1" in answer(connection)
    until = time.monotonic() + 20
    while next(inbox.since(0)).arrived.raw is not None and time.monotonic() < until:
        time.sleep(0.05)
    process.terminate()
    said = process.communicate(timeout=10)[1]

    kept = [row["bytes"] for row in stored(tmp_path)]
    inbox.close()
    assert kept == ["bytes no longer kept (clinic's policy, 30 days)", *["kept"] * 4], said
    assert (tmp_path / "clinic.sqlite3").read_bytes() == before
    assert said == ""


def test_without_a_clinic_it_keeps_everything_says_so_once_and_makes_no_database(tmp_path):
    process = start(tmp_path)
    with socket.create_connection(address(process), timeout=10) as connection:
        say(connection, MESSAGE.format(number="F1"))
        assert "MSA|AA|F1" in answer(connection)
    said = process.stderr.readline()
    process.terminate()
    rest = process.communicate(timeout=10)[1]

    assert "every raw message is kept" in said
    assert rest == ""
    assert not (tmp_path / "clinic.sqlite3").exists()
    assert [row["bytes"] for row in stored(tmp_path)] == ["kept"]
