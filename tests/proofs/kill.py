"""`kill -9` of the listener and of the worker at random moments: nothing acknowledged is lost, nothing is charted twice."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.proofs.registry import proof

ROOT = Path(__file__).resolve().parent.parent.parent
LEAST, LONGEST = 0.02, 0.35  # seconds that a process lives, at least and at most, once it works


@proof(seed=5, small={"kills": 10}, full={"kills": 500})
def kill_nine(chance, *, kills):
    """The listener and the worker are killed with SIGKILL at random moments under load, each so many times: every message that
    was acknowledged is in the inbox, and every one of them is charted exactly once.
    """
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "tests.proofs.kill_world", home, str(kills), str(int(chance.integers(2**31)))]
        environment = {**os.environ, "OPENKETAMINE_HOME": home, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        out = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
        assert out.returncode == 0, out.stderr[-2000:]
        figures = dict(pair.split("=") for pair in out.stdout.split())
    found = {name: int(value) for name, value in figures.items()}
    assert found["acknowledged_lost"] == 0, found
    assert found["charted_twice"] == 0, found
    assert found["not_charted"] == 0, found
    assert found["acknowledged"] >= kills, found
    return found


def mllp(text):
    """Return a message in its frame."""
    return b"\x0b" + text.encode() + b"\x1c\r"


def say(port, text, patience_s=2.0):
    """Send one message; True when it was acknowledged."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=patience_s) as connection:
            connection.sendall(mllp(text))
            data = b""
            while not data.endswith(b"\x1c\r"):
                part = connection.recv(4096)
                if not part:
                    return False
                data += part
            return b"MSA|AA" in data
    except OSError:
        return False


def end(pid):
    """Kill a child without a word and wait for it."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def wait_for_port(port, patience_s=20.0):
    """Wait until somebody listens."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise AssertionError("the listener does not come up")
