"""A demo clinic run as its users run it: its processes, its pages over HTTP, its rows read from beside it."""

import json
import os
import socket
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

LOOK = """
import json, sys
from openketamine.site.commands.django_setup import setup
setup()
from openketamine.clinic.audit import actions as audit
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.people.models import Clinic, Patient
typed = Reading.objects.filter(source="typed", signal="nibp_systolic", value__isnull=False)
print(json.dumps({
    "people": Patient.objects.count(),
    "checks": typed.count(),
    "chairs": {one.watch.chair.name: one.reference for one in Infusion.objects.filter(closed_at=None)},
    "typed": [[one.watch.infusion.reference, one.value] for one in typed if hasattr(one.watch, "infusion")],
    "cancelled": {one.infusion.reference: one.says for one in InfusionEvent.objects.filter(kind="cancelled")},
    "broken": audit.first_broken(),
    "speed": Clinic.objects.get().demo_rate,
}))
"""


class Clinic:
    """A demo clinic and its processes."""

    def __init__(self, home, database=""):
        self.home, self.port, self.process, self.said = home, free_port(), None, ""
        self.settings = {**os.environ, "OPENKETAMINE_HOME": str(home), "PYTHONPATH": "src:tests/measured"}
        if database:
            self.settings["OPENKETAMINE_DB"] = database

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.stop()

    def start(self, *more):
        """Start it and wait until it says that it answers."""
        command = [sys.executable, "-m", "openketamine", "demo", "--port", str(self.port), "--home", str(self.home)]
        with (self.home.parent / "demo.err").open("a") as heard:
            self.process = subprocess.Popen(
                [*command, *more], env=self.settings, stdout=subprocess.PIPE, stderr=heard, text=True
            )
        lines = []
        while not lines or "Ctrl-C" not in lines[-1]:
            lines.append(self.process.stdout.readline())
            assert lines[-1] or self.process.poll() is None, f"demo ended: {self.heard()}"
        self.said = "".join(lines)

    def stop(self):
        """End it as Ctrl-C or a service manager does."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process.stdout.close()
            self.process = None

    def heard(self):
        """Return what was said to the terminal, all lives together."""
        return (self.home.parent / "demo.err").read_text()

    def children(self):
        """Return process numbers by name."""
        mine = [(number, args) for number, parent, args in processes() if parent == self.process.pid]
        return {
            args[args.index("openketamine.site.supervisor") + 1]: number
            for number, args in mine
            if "openketamine.site.supervisor" in args
        }

    def port_of(self, name):
        """Return the port of one of its processes."""
        (args,) = [
            args
            for _number, parent, args in processes()
            if parent == self.process.pid and name in args and "openketamine.site.supervisor" in args
        ]
        return int(args[args.index("--port") + 1])

    def alive(self):
        """Return the numbers of all processes."""
        return [number for number, _parent, _args in processes()]

    def look(self):
        """Read the clinic's rows from beside it."""
        done = subprocess.run(
            [sys.executable, "-c", LOOK], env=self.settings, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def sign_in(self, username):
        return Visitor(self.address, username)


class Visitor:
    """One signed-in browser without a screen."""

    def __init__(self, address, username):
        self.address, self.jar = address, CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))
        self.get("/people/sign-in/")
        self.post("/people/sign-in/demo/", username=username)

    def get(self, path):
        with self.opener.open(self.address + path, timeout=20) as answer:
            return answer.read().decode()

    def post(self, path, **fields):
        """Send a form; the address it led to."""
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        body = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        with self.opener.open(self.address + path, body, timeout=20) as answer:
            assert answer.status == 200
            return answer.geturl()

    def type_check(self, infusion, systolic):
        """Type one check; True when the clinic has confirmed it."""
        try:
            self.post(f"/infusion/{infusion}/check/", nibp_systolic=systolic, nibp_diastolic=70)
        except (URLError, OSError):
            return False
        return True


def processes():
    """Return (number, parent's number, arguments) of every process on this machine."""
    out = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in out.splitlines()]
    return [(int(row[0]), int(row[1]), row[2:]) for row in rows]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(holds, seconds):
    """Wait for a condition; the seconds it took. Fails when it does not come true."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began
