"""A clinic with a nurse, a prescriber and a patient, and a hand on its clock."""

import pytest
from tests.builders import AT, make_clinic, make_infusing, make_patient, make_staff
from tests.clinic.journey.steps import Desk, go_to

from openketamine.clinic.infusion import actions
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.people.models import Role
from openketamine.clinic.ui import clock
from openketamine.core.infusion.events import Kind


@pytest.fixture
def now(monkeypatch, settings, tmp_path):
    settings.SIGNING_KEY_PATH = tmp_path / "signing.key"
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    time = {"at": AT}
    monkeypatch.setattr(clock, "now", lambda: time["at"])
    monkeypatch.setattr(clock, "wall", lambda: time["at"])
    return time


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def nurse(client, clinic):
    return Desk(client, make_staff(Role.NURSE))


@pytest.fixture
def prescriber(clinic):
    from django.test import Client

    return Desk(Client(), make_staff(Role.PRESCRIBER, password="a long enough phrase"))


@pytest.fixture
def patient(clinic):
    return make_patient()


@pytest.fixture
def sat(clinic, patient, now):
    """Recovering: 35 mg drawn, started at minute 0, stopped at 28 minutes with 70 mL delivered; written without any page."""
    infusion = make_infusing(patient)
    go_to(now, 28)
    actions.record(infusion=infusion, kind=Kind.STOPPED, by="nils", at=now["at"], now=now["at"], delivered_ml=70.0)
    return infusion


@pytest.fixture
def left(sat, now):
    """The same, gone home early; 10.5 mg are not accounted for."""
    go_to(now, 30)
    actions.record(infusion=sat, kind=Kind.LEFT, by="nils", at=now["at"], now=now["at"], says="went home early")
    return Infusion.objects.get()
