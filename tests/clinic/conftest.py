"""A clinic with a nurse, a prescriber and a patient, and a hand on its clock."""

import pytest
from tests.builders import AT, make_clinic, make_patient, make_staff
from tests.clinic.journey.steps import Desk

from openketamine.clinic.people.models import Role
from openketamine.clinic.ui import clock


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
