"""Proof about the disk: what two hours of a monitor take, beside the messages as they came."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import monitors
from tests.proofs.registry import proof

from openketamine.doors.hl7v2.inbox import Arrived, Inbox

ROOT = Path(__file__).resolve().parent.parent.parent
TWO_HOURS_S, ALLOWED_BYTES = 7200, 1_500_000
MAKE = "import sys; from tests.proofs.load_clinic import main; main(sys.argv[1], ['MON'], began_s=int(sys.argv[2]))"


@proof(seed=1, small={"seconds": 1000}, full={"seconds": TWO_HOURS_S}, slow=True)
def bytes_of_a_session(_chance, *, seconds):
    """Two hours of a monitor that sends eight signals once a second take less than 1.5 MB of the clinic's database on SQLite, alarms
    evaluated, beside the messages, which lie packed in the inbox.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = {**os.environ, "OPENKETAMINE_HOME": folder, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        run([sys.executable, "-c", MAKE, folder, str(seconds + 60)], environment)
        before, inbox_before = packed(home / "clinic.sqlite3"), empty_inbox(home / "inbox.sqlite3")
        raw = sent(home / "inbox.sqlite3", seconds)
        inbox = packed(home / "inbox.sqlite3") - inbox_before
        run([sys.executable, "-m", "openketamine", "work", "--once"], environment)
        took = packed(home / "clinic.sqlite3") - before
        with closing(sqlite3.connect(home / "clinic.sqlite3")) as clinic:
            (values,) = clinic.execute(
                "SELECT COUNT(*) FROM monitoring_every_reading WHERE watch_id IS NOT NULL"
            ).fetchone()
        with closing(sqlite3.connect(home / "inbox.sqlite3")) as messages:
            (compressed,) = messages.execute("SELECT SUM(LENGTH(bytes)) FROM kept").fetchone()
        gone = let_go(home / "inbox.sqlite3") - inbox_before
    assert values == seconds * len(monitors.VALUES), f"{values} values were charted"
    two_hours = took * TWO_HOURS_S / seconds
    assert two_hours < ALLOWED_BYTES, f"{two_hours:.0f} bytes"
    assert compressed < raw / 5, f"{raw} bytes of messages were packed into {compressed}"
    scale = TWO_HOURS_S / seconds
    return {
        "values": values, "database_bytes": took, "database_bytes_of_two_hours": round(two_hours),
        "bytes_a_second": round(took / seconds, 1), "message_bytes": raw,
        "message_bytes_of_two_hours": round(raw * scale), "packed_message_bytes_of_two_hours": round(compressed * scale),
        "inbox_bytes_of_two_hours": round(inbox * scale), "inbox_bytes_of_two_hours_once_let_go": round(gone * scale),
    }  # fmt: skip


def run(command, environment):
    subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE)


def packed(path):
    """Return the size of a database without free pages, in bytes."""
    copy = path.with_name("packed.sqlite3")
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"VACUUM INTO '{copy}'")
    size = copy.stat().st_size
    copy.unlink()
    return size


def empty_inbox(path):
    """Make an inbox and return its size."""
    Inbox(path).close()
    return packed(path)


def let_go(path):
    """Let go of the bytes of every message and return the size of what stays."""
    inbox = Inbox(path)
    inbox.let_go([stored.seq for stored in inbox.since(0)], held=set(), days=1)
    inbox.close()
    return packed(path)


def sent(path, seconds):
    """Put the messages of so many seconds, until a minute ago, into the inbox; return their size."""
    start = datetime.now(UTC) - timedelta(seconds=seconds + 30)
    inbox, rows = Inbox(path), []
    for second in range(seconds):
        at = start + timedelta(seconds=second, microseconds=123_000 + second)
        raw = monitors.message("MON", f"C{second}", at, monitors.VALUES)[1:-2]
        rows.append(Arrived(at + timedelta(milliseconds=40), "127.0.0.1", f"C{second}", "MON", "accept", "AA", "", raw))
    inbox.store(rows)
    inbox.close()
    return sum(len(row.raw) for row in rows)
