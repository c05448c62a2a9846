"""A chair is gone through once a day of the clinic; an observer who is named for two chairs is told of."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from tests.builders import make_staff

from openketamine.clinic.infusion import readiness
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people import clinic_time
from openketamine.clinic.people.models import Clinic

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # 22:00 of 2 March in New York
MORNING = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)  # 09:00 of 3 March there
ALL = ["oxygen", "suction", "bag_mask", "defibrillator", "reversal", "bell"]


@pytest.fixture
def chair(clinic):
    Clinic.objects.update(time_zone="America/New_York")
    return Chair.objects.create(name="Chair 1")


def gone_through(chair, at, observer="Nils Example"):
    readiness.confirm(chair=chair, present=ALL, observer=observer, clinician="ada", by="nils", at=at)


def missing(chair, at):
    return readiness.missing(chair, on=clinic_time.day(at))


def test_an_evening_belongs_to_the_day_of_the_clinic_and_not_to_that_of_utc(chair):
    gone_through(chair, EVENING)

    assert missing(chair, EVENING) == []
    assert "has not been done" in missing(chair, MORNING)[0]


def test_the_same_observer_on_two_chairs_is_flagged_and_holds_nothing(chair, client, now):
    now["at"] = MORNING
    gone_through(chair, MORNING)
    other = Chair.objects.create(name="Chair 2")
    gone_through(other, MORNING, observer="nils  EXAMPLE")
    client.force_login(make_staff())

    for one, also in ((chair, "Chair 2"), (other, "Chair 1")):
        page = client.get(reverse("infusion:readiness", args=[one.pk])).text
        assert f"today&#x27;s dedicated observer of {also} too" in page
        assert missing(one, MORNING) == []


def test_two_observers_or_none_are_not_flagged(chair):
    other = Chair.objects.create(name="Chair 2")
    for one, observer in ((chair, "Nils Example"), (other, "Nora Example"), (chair, ""), (other, "")):
        gone_through(one, MORNING, observer)
        assert readiness.observed_twice(one, on=clinic_time.day(MORNING)) == ""
