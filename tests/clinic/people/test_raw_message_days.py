"""For how many days raw device messages are kept: set by the owner, for ever unless a number is set."""

import pytest
from tests.builders import make_staff
from tests.clinic.journey.steps import Desk

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.people.models import Clinic, Role

pytestmark = pytest.mark.django_db
UNSET = "for ever: no number of days set by your clinic"


@pytest.fixture
def owner(client, clinic):
    return Desk(client, make_staff(Role.OWNER))


def test_nothing_is_set_until_the_owner_sets_it_with_one_audit_row(owner):
    assert UNSET in owner.get("people:members").text

    page = owner.post("people:raw-messages", days="90")

    assert Clinic.objects.get().raw_message_days == 90
    assert "<b>90 days</b>" in page.text
    assert [(row.by, row.detail) for row in Entry.objects.filter(action="days of raw messages set")] == [
        ("otto", {"days": 90, "before": None})
    ]


def test_it_can_be_for_ever_again(owner):
    owner.post("people:raw-messages", days="1")
    page = owner.post("people:raw-messages", days="")

    assert Clinic.objects.get().raw_message_days is None
    assert UNSET in page.text


@pytest.mark.parametrize("wrong", ["0", "-1", "a month", "1.5", "99999"])
def test_what_is_no_number_of_days_is_refused_and_nothing_changes(owner, wrong):
    assert owner.post("people:raw-messages", days=wrong).status_code == 422
    assert Clinic.objects.get().raw_message_days is None
    assert Entry.objects.filter(action="days of raw messages set").count() == 0
