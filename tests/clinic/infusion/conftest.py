"""Two chairs in a clinic that listens to its monitors, at minute 12 of a session that began on the first."""

import pytest
from tests.builders import make_clinic
from tests.two_chairs import NOW, make_two_chairs

from openketamine.clinic.ui import clock


@pytest.fixture
def at_minute_twelve(monkeypatch, db):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return make_clinic(device_stream=True, time_zone="UTC")


@pytest.fixture
def infusion(at_minute_twelve):
    return make_two_chairs()
