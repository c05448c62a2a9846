"""Whoever calls from a chair is an alarm on the board and at the chair, for everybody who treats, until somebody has come."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.builders import AT, make_infusing, make_staff
from tests.clinic.journey.steps import Desk, go_to

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.people.models import Role
from openketamine.clinic.portal import actions as portal
from openketamine.clinic.tasks.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(patient):
    return make_infusing(patient)


def phone(infusion, now):
    return followup.chair_link(infusion=infusion, wall=now["at"])


def presses(infusion, now, asks="help"):
    portal.press(link=phone(infusion, now), asks=asks, key="", at=now["at"], wall=now["at"])


def alarms(desk, name, *args):
    """Return the class and the words of each alarm of a page that sounds."""
    found = re.findall(
        r'<(?:li|div) class="(alarm [a-z ]+)"[^>]*>(.*?)</(?:li|div)>', desk.get(name, *args).text, re.DOTALL
    )
    return [(classes, re.sub(r"<.*?>|\s+", " ", inside)) for classes, inside in found if "answered" not in classes]


def heard(desk, infusion, words):
    """Return the class of one call, the same on the board and at the chair; empty when neither has it."""
    board = {classes for classes, inside in alarms(desk, "chart:board-live") if words in inside}
    chair = {classes for classes, inside in alarms(desk, "infusion:live", infusion.reference) if words in inside}
    assert board == chair
    return " ".join(board)


@pytest.mark.parametrize(
    ("asks", "words"), [("help", "the person asks for somebody"), ("slower", "the person asks to go slower")]
)
def test_a_ring_is_an_urgent_alarm_until_somebody_records_that_they_came(nurse, prescriber, infusion, now, asks, words):
    presses(infusion, now, asks)

    assert heard(nurse, infusion, words) == heard(prescriber, infusion, words) == "alarm urgent"
    task = Task.objects.get(says__contains=words)
    answer = prescriber.post(
        "tasks:finish", task.pk, follow=False, next=reverse("infusion:chair", args=[infusion.reference])
    )
    assert answer.url == reverse("infusion:chair", args=[infusion.reference])
    assert heard(nurse, infusion, words) == ""


def test_an_emergency_stands_on_the_seat_and_calls_everybody_who_treats(nurse, prescriber, infusion, now):
    go_to(now, 4)
    nurse.post("infusion:record", infusion.reference, kind="emergency", says="emergency")

    for desk in (nurse, prescriber):
        assert heard(desk, infusion, "a second person is wanted now") == "alarm urgent"
        board = desk.get("chart:board-live").text
        assert re.search(r'<article class="seat urgent" id="seat-\d+">\s*<h2>Chair 1</h2>', board)
        assert "▲ Emergency since 09:04" in board
    front = Desk(Client(), make_staff(Role.FRONT_DESK))
    assert alarms(front, "chart:board-live") == []


def test_once_the_emergency_is_over_nobody_is_called_any_more(nurse, infusion, now):
    nurse.post("infusion:record", infusion.reference, kind="emergency", says="emergency")
    nurse.post("infusion:record", infusion.reference, kind="emergency_over", says="over")

    assert heard(nurse, infusion, "a second person is wanted now") == ""
    assert "Emergency since" not in nurse.get("chart:board-live").text


def test_the_part_of_the_page_that_is_told_anew_holds_timer_steps_and_handover(nurse, infusion, now):
    assert 'id="emergency"' not in nurse.get("infusion:live", infusion.reference).text
    nurse.post("infusion:record", infusion.reference, kind="emergency", says="emergency")
    now["at"] += timedelta(seconds=95)

    live = nurse.get("infusion:live", infusion.reference).text
    assert '<span class="timer" data-since="2026-03-02T09:00:00+00:00">1:35</span>' in live
    assert "emergency services called" in live
    assert reverse("infusion:handover", args=[infusion.reference]) in live
    assert 'id="emergency"' not in nurse.get("infusion:chair", infusion.reference).text.partition('<div id="live"')[0]


def test_a_lost_phone_warns_once_until_it_is_heard_again(nurse, infusion, now):
    link = phone(infusion, now)
    portal.heard(link=link, at=AT, wall=AT)
    for seconds in (16, 20):
        now["at"] = AT + timedelta(seconds=seconds)
        portal.call_where_lost(at=now["at"], wall=now["at"])

    assert heard(nurse, infusion, "help control lost") == "alarm warning"
    assert Task.objects.count() == 1
    portal.heard(link=link, at=now["at"], wall=now["at"])
    assert heard(nurse, infusion, "help control lost") == ""
    now["at"] += timedelta(seconds=16)
    portal.call_where_lost(at=now["at"], wall=now["at"])
    assert heard(nurse, infusion, "help control lost") == "alarm warning"


def test_nobody_is_called_to_a_chair_whose_person_has_left(nurse, infusion, now):
    presses(infusion, now)
    go_to(now, 5)
    nurse.post("infusion:record", infusion.reference, kind="left", says="went home")

    assert alarms(nurse, "chart:board-live") == []
