"""A session was recorded for the wrong person or on the wrong chair: what becomes of the phone in the hand of who sits there."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.builders import AT, make_infusing
from tests.put_right import MOVED, order_of_somebody_else, put_right

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.followup.models import ChairLink
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.portal import actions as portal
from openketamine.clinic.tasks import actions as tasks

pytestmark = pytest.mark.django_db
SOON = MOVED + timedelta(seconds=5)


@pytest.fixture
def running(patient, now):
    return make_infusing(patient)


@pytest.fixture
def link(running):
    """The phone was opened, and heard until the session was put right."""
    link = followup.chair_link(infusion=running, wall=AT)
    portal.heard(link=link, at=MOVED, wall=MOVED)
    return link


@pytest.fixture
def really(running):
    return order_of_somebody_else()


@pytest.fixture
def chair_2():
    return Chair.objects.create(name="Chair 2", position=1)


def phone(link):
    """The page on the phone as it asks next."""
    return ChairLink.objects.get(pk=link.pk)


def address(link, name="portal:chair"):
    return reverse(name, args=[link.token])


def calls(infusion):
    return [task.says for task in tasks.calls_to(infusion.patient)]


def test_the_phone_on_the_chair_calls_to_the_right_person_after_the_wrong_one_was_put_right(running, really, link):
    new = put_right(running, really)

    portal.press(link=phone(link), asks="help", key="one", at=SOON, wall=SOON)
    portal.press(link=phone(link), asks="slower", key="two", at=SOON, wall=SOON)

    assert calls(new) == ["Chair 1: the person asks for somebody", "Chair 1: the person asks to go slower"]
    assert calls(running) == []
    assert [row.infusion for row in new.presses.all()] == [new, new]


def test_a_person_s_own_phone_goes_along_to_the_chair_where_they_really_sat(running, chair_2, link):
    new = put_right(running, chair=chair_2)

    portal.press(link=phone(link), asks="help", key="one", at=SOON, wall=SOON)

    assert calls(new) == ["Chair 2: the person asks for somebody"]


def test_two_corrections_one_after_the_other_take_the_phone_along(running, really, chair_2, link):
    last = put_right(put_right(running, chair=chair_2), really)

    portal.press(link=phone(link), asks="help", key="one", at=SOON, wall=SOON)

    assert calls(last) == ["Chair 2: the person asks for somebody"]


def test_a_phone_that_is_not_heard_after_a_correction_is_told_as_lost(running, really, link):
    new = put_right(running, really)
    portal.call_where_lost(at=SOON, wall=SOON)
    assert calls(new) == []

    later = MOVED + timedelta(seconds=16)
    portal.call_where_lost(at=later, wall=later)

    assert calls(new) == ["Chair 1: help control lost"]
    assert portal.device(new, wall=later).lost
    portal.heard(link=phone(link), at=later, wall=later)
    assert calls(new) == []


def test_where_person_and_chair_were_both_wrong_the_phone_is_nobody_s_says_so_and_is_told_as_lost(
    running, really, chair_2, link, client, now
):
    new = put_right(running, really, chair_2)
    now["at"] = MOVED + timedelta(seconds=16)
    assert client.post(address(link, "portal:beat")).json()["over"]
    portal.call_where_lost(at=now["at"], wall=now["at"])

    assert calls(new) == ["Chair 2: help control lost"]
    answer = client.post(address(link), {"asks": "help", "key": "one"})
    assert answer.status_code == 409
    assert answer.text.count("Ring the bell or call out, and ask your nurse to open it anew.") == 1
    assert "Your session is over" not in client.get(address(link)).text
    portal.heard(link=followup.chair_link(infusion=new, wall=now["at"]), at=now["at"], wall=now["at"])
    assert calls(new) == []


def test_the_phone_of_a_session_put_right_names_nobody_and_goes_on_as_before(running, really, link, client, now):
    portal.press(link=phone(link), asks="help", key="one", at=MOVED, wall=MOVED)
    new = put_right(running, really)
    now["at"] = SOON

    page = client.get(address(link)).text

    assert "We have heard you" in page
    assert "I need someone" in page
    assert not any(str(one.patient) in page for one in (running, new))
    assert client.post(address(link, "portal:beat")).json()["over"] is False
