"""How much do a listener, a worker and a server carry? Many monitors once a second, every stage on, as far as the pages of the chairs.

Everything runs on one machine: the generator and the pages that look on take their share of it, and the figures say how much.
"""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, nullcontext
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
from bench import pages as screens
from scripts import postgres
from tests.proofs.registry import Unavailable, proof

ROOT = Path(__file__).resolve().parent.parent.parent
LOOK_EVERY_S = 0.02
SETTLED_S = 10  # a clinic's pages are open, and its server has answered before, when the monitors begin
DEMANDED_FROM = 500
STEPS = (250, 500, 750, 1000, 1500, 2000)


@proof(
    seed=1,
    small={"monitors": 10, "seconds": 3, "pages": 1},
    full={"monitors": 500, "seconds": 600, "pages": 20},
    slow=True,
)
def monitors_at_one_hertz(_chance, *, monitors, seconds, pages):
    """Monitors that each send eight signals once a second are stored, acknowledged, charted and evaluated on SQLite: no message
    is lost, none is charted later than 1 s after receipt, an alarm event follows its message within 250 ms (99 %), an
    acknowledgement the message within 50 ms (99 %), and a value stands on its chair's open page within 1 s (99 %).
    """
    return holding(measured_on("sqlite", monitors, seconds, pages), monitors)


@proof(
    seed=1,
    small={"monitors": 10, "seconds": 3, "pages": 0},
    full={"monitors": 500, "seconds": 600, "pages": 20},
    slow=True,
)
def monitors_at_one_hertz_on_postgresql(_chance, *, monitors, seconds, pages):
    """Monitors that each send eight signals once a second are stored, acknowledged, charted and evaluated on a PostgreSQL that
    waits for its disk: no message is lost, none is charted later than 1 s after receipt, an alarm event follows its message within
    250 ms (99 %), an acknowledgement the message within 50 ms (99 %), and a value stands on its chair's open page within 1 s (99 %).
    """
    return holding(measured_on("postgresql", monitors, seconds, pages), monitors)


@proof(seed=1, small={"most": 20, "seconds": 1}, full={"most": 2000, "seconds": 40}, slow=True)
def knee_of_the_load(_chance, *, most, seconds):
    """So many monitors at once a second are carried on SQLite before a message is charted later than 1 s after receipt: the last step
    that holds, the first that does not, and which process has then used up its core. No message is lost at any step.
    """
    figures, carried = {}, 0
    for count in [one for one in STEPS if one <= most] or [most]:
        found = measured_on("sqlite", count, seconds, 0)
        assert found["lost"] == 0, found
        assert found["charted"] == found["messages"], found
        shares = {name: found[f"{name}_cpu_percent"] for name in ("listen", "work", "generator")}
        figures |= {f"at_{count}_{name}_cpu_percent": share for name, share in shares.items()}
        figures |= {
            f"at_{count}_{name}": found[name]
            for name in ("receipt_to_commit_max_ms", "ack_p99_ms", "message_to_alarm_p99_ms")
        }
        if found["receipt_to_commit_max_ms"] >= 1000:
            return figures | {
                "carried": carried,
                "first_not_carried": count,
                "saturated": max(shares, key=shares.__getitem__),
            }
        carried = count
    return figures | {"carried": carried, "first_not_carried": 0, "saturated": "nothing up to here"}


def holding(found, monitors):
    """Return the figures; AssertionError when the claim does not hold."""
    assert found["lost"] == 0, found
    assert found["charted"] == found["messages"], found
    if monitors >= DEMANDED_FROM:
        assert found["receipt_to_commit_max_ms"] < 1000, found
        assert found["message_to_alarm_p99_ms"] < 250, found
        assert found["ack_p99_ms"] < 50, found
        assert found["to_the_page_p99_ms"] < 1000, found
    return found


def measured_on(kind, count, seconds, looking):
    """Run everything on one kind of database in a folder of its own."""
    if kind == "postgresql" and postgres.binaries() is None:
        raise Unavailable("no PostgreSQL on this machine")
    server = postgres.throw_away(durable=True) if kind == "postgresql" else nullcontext("")
    with tempfile.TemporaryDirectory() as home, server as url:
        return measured(Path(home), url, count, seconds, looking)


def measured(home, url, count, seconds, looking):
    """Run a listener, a worker and a server under load; return what was measured from the first message on."""
    devices = [f"BENCH-{number}" for number in range(count)]
    environment = {
        **os.environ,
        "OPENKETAMINE_HOME": str(home),
        "OPENKETAMINE_DB": url,
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    made = said([sys.executable, "-m", "tests.proofs.load_clinic", str(home), str(looking), *devices], environment)
    pages = [screens.Page(**one) for one in made["pages"]]
    with (
        started("listen", "--port", "0", env=environment) as (listener, words),
        started("work", env=environment) as (worker, _),
        started("serve", "--port", "0", env=environment) as (server, address),
    ):
        processes = {"listen": listener, "work": worker, "serve": server}
        watching, own = Watching(home, url), time.process_time()
        settled = SETTLED_S if looking > 1 else 0
        onlookers = threading.Thread(
            target=asyncio.run, args=[screens.look(port_of(address), made["cookie"], pages, settled + seconds + 3)]
        )
        onlookers.start()
        time.sleep(settled)
        before = {name: cpu_s(one.pid) for name, one in processes.items()}
        sent = said([sys.executable, "-m", "bench.monitors", str(port_of(words)), str(seconds), *devices], environment)
        onlookers.join()
        watching.until_charted(sent["messages"])
        cpu = {name: cpu_s(one.pid) - before[name] for name, one in processes.items()}
        cpu["onlookers"] = time.process_time() - own
    return figures(sent, watching, pages, cpu)


def said(command, environment):
    """Run a command and return the JSON that it prints."""
    return json.loads(subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def port_of(words):
    """Return the port at the end of what a process says first."""
    return int(words.rsplit(":", 1)[1])


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


def opened(home, url):
    """Open the clinic's database beside the clinic."""
    if not url:
        return sqlite3.connect(home / "clinic.sqlite3", timeout=20)
    import psycopg

    parts = urlsplit(url)
    return psycopg.connect(host=unquote(parts.hostname), user=parts.username, dbname=parts.path[1:], autocommit=True)


class Watching:
    """Looks at the clinic's database all the time, as a page would, and notes when what is committed."""

    def __init__(self, home, url):
        self._home, self._url, self._over = home, url, threading.Event()
        self.charted, self.alarms = [(time.time(), 0)], {}
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self):
        seen = 0
        with closing(opened(self._home, self._url)) as database:
            while not self._over.wait(LOOK_EVERY_S):
                seq = (database.execute("SELECT inbox_seq FROM monitoring_pulse").fetchone() or (0,))[0]
                if seq == self.charted[-1][1]:
                    continue
                self.charted.append((time.time(), seq))
                rows = database.execute(
                    "SELECT e.id, p.family_name FROM monitoring_alarmevent e JOIN monitoring_watch w ON w.id = e.watch_id"
                    f" JOIN people_patient p ON p.id = w.patient_id WHERE e.id > {seen} AND e.rule = 'bp_systolic_extreme'"
                ).fetchall()
                for key, name in rows:
                    seen = max(seen, key)
                    self.alarms.setdefault(name, time.time())

    def until_charted(self, messages, patience_s=240):
        """Wait until everything is charted, then stop looking and count."""
        until = time.monotonic() + patience_s
        while self.charted[-1][1] < messages and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
        time.sleep(0.5)
        self._over.set()
        self._thread.join()
        with closing(sqlite3.connect(self._home / "inbox.sqlite3")) as inbox:
            rows = inbox.execute("SELECT received_at FROM message ORDER BY seq")
            self.received = [datetime.fromisoformat(text).timestamp() for (text,) in rows]
        with closing(opened(self._home, self._url)) as clinic:
            count = "SELECT COUNT(DISTINCT seq), COUNT(*) FROM monitoring_every_reading WHERE seq IS NOT NULL"
            self.messages_charted, self.readings = clinic.execute(count).fetchone()


def figures(sent, watching, pages, cpu):
    """Return what was found, latencies in milliseconds."""
    times, numbers = np.array(watching.charted).T
    committed = times[np.minimum(np.searchsorted(numbers, np.arange(1, len(watching.received) + 1)), len(times) - 1)]
    lag = 1000 * (committed - np.array(watching.received))
    alarm = [1000 * (watching.alarms[name] - at) for name, at in sent["dangers"].items() if name in watching.alarms]
    acks, shown = (
        1000 * np.array(sent["ack_s"]),
        [late for page in pages for late in on_page(page, sent["heart"][page.device])],
    )
    share = {name: round(100 * used / sent["wall_s"], 1) for name, used in {**cpu, "generator": sent["cpu_s"]}.items()}
    return {
        "messages": sent["messages"], "acknowledged": sent["acknowledged"], "lost": sent["acknowledged"] - len(watching.received),
        "charted": watching.messages_charted, "readings": watching.readings,
        "ack_p50_ms": q(acks, 0.5), "ack_p99_ms": q(acks, 0.99), "receipt_to_commit_p50_ms": q(lag, 0.5),
        "receipt_to_commit_p99_ms": q(lag, 0.99), "receipt_to_commit_max_ms": q(lag, 1.0), "dangers": len(sent["dangers"]),
        "alarms": len(alarm), "message_to_alarm_p50_ms": q(alarm, 0.5), "message_to_alarm_p99_ms": q(alarm, 0.99),
        "pages": len(pages), "values_looked_for_on_pages": len(shown), "to_the_page_p50_ms": q(shown, 0.5), "to_the_page_p99_ms": q(shown, 0.99),
        **answered(pages), **{f"{name}_cpu_percent": used for name, used in share.items()}, "machine_load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def answered(pages):
    """Return for each part that pages ask for how many answers there were and how long they took, in milliseconds."""
    took = {}
    for page in pages:
        for part, seconds in page.took_s.items():
            took.setdefault(part, []).extend(1000 * one for one in seconds)
    return {
        name: figure
        for part, ms in took.items()
        for name, figure in (
            (f"{part}_answers", len(ms)),
            (f"{part}_p50_ms", q(ms, 0.5)),
            (f"{part}_p99_ms", q(ms, 0.99)),
        )
    }


def on_page(page, sent_at):
    """Return how late each heart rate, or a later one, stood on its page; the last two seconds have no time to."""
    from bench.monitors import heart_rate

    late = []
    for second, at in enumerate(sent_at[:-2]):
        wanted = {heart_rate(second + later) for later in range(15)}
        late.append(1000 * next((seen - at for seen, value in page.seen if seen > at and value in wanted), 60.0))
    return late


def q(values, share):
    """Return a quantile rounded to a tenth; 0 when there is nothing."""
    return round(float(np.quantile(values, share)), 1) if len(values) else 0.0


def cpu_s(pid):
    """Return the processor seconds of a process (Linux)."""
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
