"""Whole patients: what people do and devices say, minute by minute, as JSON in; what the record then holds, as JSON out.

A scenario is a file beside this one. `acts` are in the order of time: a form that somebody sends (`who`, `page`, `of`,
`fields`), values that the monitor on the chair sends (`device`), or the drug that arrives (`vial`). After every act that a
device makes, the worker does one round. `expect` holds, by name, what must be in the record and in the tables when all is
done; what it does not name may be anything. Expected values are typed by hand, never copied from a run.
"""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.models import AlarmEvent, Chair, Device
from openketamine.clinic.people.models import Finding, Patient, Role, Staff
from openketamine.clinic.recovery.record import record
from openketamine.clinic.tasks.models import Task
from openketamine.clinic.ui import clock
from openketamine.doors.hl7v2.inbox import Arrived
from openketamine.site import worker

pytestmark = pytest.mark.django_db
SCENARIOS = sorted(Path(__file__).parent.glob("*.json"))
CODES = {"spo2": "150456^MDC_PULS_OXIM_SAT_O2^MDC|1|{}|%", "heart_rate": "147842^MDC_ECG_HEART_RATE^MDC|1|{}|/min"}
PASSWORD = "a long enough phrase"


class Day:
    """One clinic, one patient, one chair, and the hands of the clock."""

    def __init__(self, story, inbox):
        self.inbox, self.sent, self.minute = inbox, 0, 0.0
        make_clinic(**story.get("switches", {}))
        self.desks = {role: Client() for role in ("prescriber", "nurse")}
        for role, desk in self.desks.items():
            desk.force_login(make_staff(Role(role), password=PASSWORD))
        self.patient = make_patient(**{**story["patient"], "born_on": date.fromisoformat(story["patient"]["born_on"])})
        self.chair = Chair.objects.create(name="Chair 1")
        device = Device.objects.create(identity="MON", first_seen_at=AT)
        monitoring.accept_device(device=device, chair=self.chair, by="nils", at=AT - timedelta(days=1))

    @property
    def at(self):
        return AT + timedelta(minutes=self.minute)

    def act(self, one):
        """Let one thing happen."""
        self.minute = one["minute"]
        if "device" in one:
            self.say(one["device"])
        elif "vial" in one:
            self.vial = ledger.receive(
                by="pia", at=self.at, expires_on=AT.date() + timedelta(days=90), **exact(one["vial"])
            )
        else:
            self.send(one)

    def send(self, one):
        """Send a form, follow where it leads, and refuse a page that could not be shown."""
        fields = {name: self.meant(value) for name, value in one["fields"].items()}
        where = reverse(one["page"], args=[self.meant(f"${word}") for word in one["of"].split()])
        answer = self.desks[one["who"]].post(where, fields, follow=True)
        assert answer.status_code == one.get("answers", 200), answer.content.decode()[-2000:]

    def meant(self, value):
        """Return what a word beginning with $ stands for."""
        if not (isinstance(value, str) and value.startswith("$")):
            return value
        return {
            "$patient": lambda: self.patient.reference,
            "$infusion": lambda: Infusion.objects.latest("pk").reference,
            "$chair": lambda: self.chair.pk,
            "$vial": lambda: self.vial.pk,
            "$alarm": lambda: AlarmEvent.objects.filter(state="raised").latest("pk").pk,
            "$password": lambda: PASSWORD,
        }[value]()

    def say(self, values):
        """Let the monitor send one message, stored as `listen` stores it, and the worker work once."""
        self.sent += 1
        head = f"MSH|^~\\&|MON||||{self.at:%Y%m%d%H%M%S}+0000||ORU^R01|C{self.sent}|P|2.6\rPID|\rOBR|1\r"
        rows = [
            f"OBX|{number}|NM|{CODES[name].format(value)}|||||F|||{self.at:%Y%m%d%H%M%S}+0000\r"
            for number, (name, value) in enumerate(values.items(), 1)
        ]
        raw = (head + "".join(rows)).encode()
        self.inbox.store([Arrived(self.at, "127.0.0.1", f"C{self.sent}", "MON", "accept", "AA", "", raw)])
        worker.Worker().round()


def exact(vial):
    return {**vial, "strength": Decimal(vial["strength"]), "content_mg": Decimal(vial["content_mg"])}


@pytest.fixture
def day_of(monkeypatch, settings, tmp_path):
    """Begin a story at the chair's own minute 0."""
    settings.SIGNING_KEY_PATH, settings.INBOX_PATH = tmp_path / "signing.key", tmp_path / "inbox.sqlite3"

    def begin(story):
        day = Day(story, worker.Inbox(settings.INBOX_PATH))
        for read in ("now", "wall"):
            monkeypatch.setattr(clock, read, lambda: day.at)
        monkeypatch.setattr(worker.clock, "clinic_time", lambda: day.at)
        monkeypatch.setattr(worker.clock, "wall", lambda: day.at)
        return day

    return begin


def outcome(day):
    """Return what the record and the tables hold at the end."""
    infusion = Infusion.objects.latest("pk")
    return {
        "record": record(infusion),
        "alarms": [[one.rule, one.state] for one in AlarmEvent.objects.order_by("pk")],
        "findings": [[one.code, one.holds_infusion] for one in Finding.objects.filter(patient=day.patient)],
        "tasks": [one.owner for one in Task.objects.filter(urgent=True)],
        "signed_by": infusion.signatures.latest("pk").by if hasattr(infusion, "signatures") else infusion.signature.by,
    }


def holds(wanted, found, where="expect"):
    """Yield every place at which what was found is not what the scenario expects."""
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            yield from holds(value, found.get(key, "nothing") if isinstance(found, dict) else found, f"{where}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from holds(one, other, f"{where}[{number}]")
    elif wanted != found:
        yield f"{where}: expected {wanted!r}, found {found!r}"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_whole_patient(path, day_of):
    story = json.loads(path.read_text(encoding="utf-8"))
    day = day_of(story)
    for one in story["acts"]:
        day.act(one)

    assert list(holds(story["expect"], outcome(day))) == []
    assert audit.first_broken() is None
    assert (Patient.objects.count(), Staff.objects.count()) == (1, 2)


def test_a_scenario_that_does_not_hold_names_every_place():
    assert list(holds({"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 4}]})) == [
        "expect.a[1].b: expected 2, found 4",
        "expect.c: expected 3, found 'nothing'",
    ]
