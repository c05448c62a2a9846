"""Where alarms sound is the clinic's choice, and each day somebody says that they heard the test tone there."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_staff

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.monitoring import sound
from openketamine.clinic.ui import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    make_clinic(time_zone="America/New_York")
    client.force_login(make_staff())
    return client


def test_a_clinic_that_has_not_chosen_has_them_at_the_station_and_is_reminded(nurse):
    page = nurse.get(reverse("monitoring:sound-bar")).text

    assert 'data-places="station"' in page
    assert "has not been heard today at: the nurses&#x27; station" in page
    assert "data-allow-sound>Allow sound on this page" in page


def test_what_was_chosen_and_who_heard_it_stand_on_the_page_and_in_the_audit(nurse):
    nurse.post(reverse("monitoring:sound"), {"act": "places", "places": ["station", "handheld"]})
    nurse.post(reverse("monitoring:sound"), {"act": "heard", "place": "station"})

    assert 'data-places="station handheld"' in nurse.get(reverse("monitoring:sound-bar")).text
    assert sound.not_heard_today(at=AT) == ["handheld"]
    assert "2026-03-02 04:00 · nils" in nurse.get(reverse("monitoring:sound")).text
    assert list(Entry.objects.values_list("action", "by")) == [
        ("alarm sounds placed", "nils"),
        ("test tone heard", "nils"),
    ]


def test_the_next_day_of_the_clinic_asks_again(nurse):
    """09:00 UTC is 04:00 in New York: its day ends 20 hours later."""
    sound.heard("station", by="nils", at=AT)

    assert sound.not_heard_today(at=AT + timedelta(hours=19)) == []
    assert sound.not_heard_today(at=AT + timedelta(hours=21)) == ["station"]


@pytest.mark.parametrize(("fields", "says"), [
    ({"act": "places"}, "choose at least one"),
    ({"act": "places", "places": "cellar"}, "place = cellar: choose one of station, handheld, chair"),
    ({"act": "heard", "place": ""}, "choose one of station, handheld, chair"),
])  # fmt: skip
def test_a_place_that_does_not_exist_is_named(nurse, fields, says):
    answer = nurse.post(reverse("monitoring:sound"), fields)

    assert answer.status_code == 422
    assert says in answer.text
