"""The sessions with which tests of this room begin: one on two chairs at minute 12, and one that has just been started by hand."""

import pytest
from tests.builders import make_clinic
from tests.clinic.journey.steps import planned, seated, started
from tests.two_chairs import NOW, make_two_chairs

from openketamine.clinic.ui import clock


@pytest.fixture
def at_minute_twelve(monkeypatch, db):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return make_clinic(device_stream=True, time_zone="UTC")


@pytest.fixture
def infusion(at_minute_twelve):
    return make_two_chairs()


@pytest.fixture
def running(nurse, prescriber, patient, now):
    """An infusion that was ordered, made ready and started through the pages."""
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    return infusion
