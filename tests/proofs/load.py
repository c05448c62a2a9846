"""How much does a listener and a worker carry? Many monitors once a second, every stage on, to durable rows and alarm events."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

import numpy as np
from bench import monitors
from tests.proofs.registry import proof

ROOT = Path(__file__).resolve().parent.parent.parent
LOOK_EVERY_S = 0.01


@proof(seed=1, small={"monitors": 10, "seconds": 3}, full={"monitors": 500, "seconds": 600})
def monitors_at_one_hertz(_chance, *, monitors, seconds):
    """Monitors that each send eight signals once a second are stored, acknowledged, charted and evaluated on SQLite: no message
    is lost, none is charted later than 1 s after receipt, an alarm event follows its message within 250 ms (99 %), an
    acknowledgement the message within 50 ms (99 %).
    """
    with tempfile.TemporaryDirectory() as home:
        found = measured(Path(home), monitors, seconds)
    assert found["lost"] == 0, found
    assert found["charted"] == found["messages"], found
    if monitors >= 500:
        assert found["receipt_to_commit_max_ms"] < 1000, found
        assert found["message_to_alarm_p99_ms"] < 250, found
        assert found["ack_p99_ms"] < 50, found
    return found


def measured(home, count, seconds):
    """Run a listener and a worker in a folder of their own under load; return what was measured."""
    devices = [f"BENCH-{number}" for number in range(count)]
    environment = {**os.environ, "OPENKETAMINE_HOME": str(home), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tests.proofs.load_clinic", str(home), *devices]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
    with (
        started("listen", "--port", "0", env=environment) as (listener, words),
        started("work", env=environment) as (worker, _),
    ):
        watching = Watching(home)
        sent = monitors.run(int(words.rsplit(":", 1)[1]), devices, seconds)
        watching.until_charted(sent.messages)
        cpu = {"listen": cpu_s(listener.pid), "work": cpu_s(worker.pid)}
    return figures(sent, watching, cpu)


class started:  # noqa: N801 - read as `with started(...)`
    """One of our processes, ready, for as long as the block lasts."""

    def __init__(self, *arguments, env):
        command = [sys.executable, "-m", "openketamine", *arguments]
        self._process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self._process, self._process.stdout.readline().strip()

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)
        self._process.stdout.close()


class Watching:
    """Looks at the clinic's database all the time, as a page would, and notes when what is committed."""

    def __init__(self, home):
        self._home, self.charted, self.alarms, self._over = home, [(time.time(), 0)], {}, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self):
        database, seen = sqlite3.connect(self._home / "clinic.sqlite3", timeout=20), 0
        while not self._over.wait(LOOK_EVERY_S):
            seq = (database.execute("SELECT inbox_seq FROM monitoring_pulse").fetchone() or (0,))[0]
            if seq != self.charted[-1][1]:
                self.charted.append((time.time(), seq))
            rows = database.execute(
                "SELECT e.id, p.family_name FROM monitoring_alarmevent e JOIN monitoring_watch w ON w.id = e.watch_id"
                " JOIN people_patient p ON p.id = w.patient_id WHERE e.id > ? AND e.rule = 'bp_systolic_extreme'",
                (seen,),
            ).fetchall()
            for key, name in rows:
                seen = max(seen, key)
                self.alarms.setdefault(name, time.time())
        database.close()

    def until_charted(self, messages, patience_s=60):
        """Wait until everything is charted, then stop looking."""
        until = time.monotonic() + patience_s
        while self.charted[-1][1] < messages and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.5)
        self._over.set()
        self._thread.join()
        inbox = sqlite3.connect(self._home / "inbox.sqlite3")
        self.received = [
            datetime.fromisoformat(text).timestamp()
            for (text,) in inbox.execute("SELECT received_at FROM message ORDER BY seq")
        ]
        clinic = sqlite3.connect(self._home / "clinic.sqlite3")
        (self.messages_charted,) = clinic.execute("SELECT COUNT(DISTINCT seq) FROM monitoring_every_reading").fetchone()
        (self.readings,) = clinic.execute("SELECT COUNT(*) FROM monitoring_every_reading").fetchone()
        self.bytes = (self._home / "clinic.sqlite3").stat().st_size


def figures(sent, watching, cpu):
    """Return what was found, latencies in milliseconds."""
    times, numbers = np.array(watching.charted).T
    committed = times[np.minimum(np.searchsorted(numbers, np.arange(1, len(watching.received) + 1)), len(times) - 1)]
    lag = 1000 * (committed - np.array(watching.received))
    alarm = [1000 * (watching.alarms[name] - at) for name, at in sent.dangers.items() if name in watching.alarms]
    acks = 1000 * np.array(sent.ack_s)
    return {
        "messages": sent.messages, "acknowledged": sent.acknowledged, "lost": sent.acknowledged - len(watching.received),
        "charted": watching.messages_charted, "readings": watching.readings,
        "ack_p50_ms": q(acks, 0.5), "ack_p99_ms": q(acks, 0.99), "receipt_to_commit_p50_ms": q(lag, 0.5),
        "receipt_to_commit_p99_ms": q(lag, 0.99), "receipt_to_commit_max_ms": q(lag, 1.0), "dangers": len(sent.dangers),
        "alarms": len(alarm), "message_to_alarm_p50_ms": q(alarm, 0.5), "message_to_alarm_p99_ms": q(alarm, 0.99),
        "listen_cpu_percent": round(100 * cpu["listen"] / sent.wall_s, 1), "work_cpu_percent": round(100 * cpu["work"] / sent.wall_s, 1),
        "generator_cpu_percent": round(100 * sent.cpu_s / sent.wall_s, 1), "machine_load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def q(values, share):
    """Return a quantile rounded to a tenth; 0 when there is nothing."""
    return round(float(np.quantile(values, share)), 1) if len(values) else 0.0


def cpu_s(pid):
    """Return the processor seconds of a process (Linux)."""
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
