"""A screen that holds stops every infusion until an assessment of the same day says otherwise."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.builders import AT

from openketamine.clinic.candidacy import screens
from openketamine.clinic.candidacy.models import Screen, ScreenClosed
from openketamine.clinic.people import actions as people
from openketamine.clinic.tasks import actions as tasks

pytestmark = pytest.mark.django_db


def asked(patient, *yes, at=AT):
    answers = {str(item): int(item in yes) for item in range(1, 6 if yes else 5)}
    return screens.record(patient=patient, instrument="asq", answers=answers, by="nils", at=at)


def held(patient):
    return [finding.code for finding in people.open_findings(patient) if finding.holds_infusion]


def test_a_negative_screen_asks_nothing(patient):
    assert asked(patient).step == "nothing"
    assert (held(patient), list(tasks.open_tasks())) == ([], [])


def test_a_new_yes_holds_until_a_documented_assessment_says_that_an_infusion_may_start(patient):
    screen = asked(patient, 4)
    assert (screen.step, screen.changed, held(patient)) == ("hold", ["4"], ["suicide_screen"])
    assert tasks.open_tasks().get().urgent

    with pytest.raises(screens.ScreenError, match="assessment: is empty"):
        screens.assess(screen=screen, assessment=" ", may_start=True, by="ada", at=AT)
    with pytest.raises(screens.ScreenError, match="neither yes nor no"):
        screens.assess(screen=screen, assessment="seen", may_start=None, by="ada", at=AT)
    screens.assess(screen=screen, assessment="no plan, agreed to call", may_start=True, by="ada", at=AT)
    assert (held(patient), tasks.open_tasks().count()) == ([], 0)


def test_an_assessment_that_says_no_keeps_the_hold_until_a_later_one_says_yes(patient):
    screens.assess(screen=asked(patient, 1), assessment="to hospital", may_start=False, by="ada", at=AT)
    assert held(patient) == ["suicide_screen"]

    later = AT + timedelta(days=7)
    screen = asked(patient, 1, at=later)
    assert screen.step == "hold"
    screens.assess(screen=screen, assessment="back home, safety plan", may_start=True, by="ada", at=later)
    assert held(patient) == []


def test_what_nobody_assessed_is_not_known(patient):
    asked(patient, 4)

    assert asked(patient, 4, at=AT + timedelta(days=1)).step == "hold"


def test_yesterdays_screen_is_not_assessed_today(patient):
    screen = asked(patient, 1)

    with pytest.raises(screens.ScreenError, match="ask the questions again today"):
        screens.assess(screen=screen, assessment="seen", may_start=True, by="ada", at=AT + timedelta(days=1))


def test_known_and_unchanged_is_reviewed_and_signed(patient):
    screens.assess(screen=asked(patient, 4), assessment="attempt ten years ago", may_start=True, by="ada", at=AT)
    later = asked(patient, 4, at=AT + timedelta(days=3))
    assert (later.step, held(patient)) == ("review", [])

    screens.review(screen=later, by="ada", at=AT + timedelta(days=3))
    assert tasks.open_tasks().count() == 0
    with pytest.raises(screens.ScreenError, match="has one already"):
        screens.review(screen=later, by="ada", at=AT + timedelta(days=3))


def test_right_now_holds_however_often_it_was_said(patient):
    for day in range(2):
        assert asked(patient, 1, 5, at=AT + timedelta(days=day)).step == "hold"


def test_a_screen_that_holds_cannot_be_signed_as_reviewed(patient):
    with pytest.raises(screens.ScreenError, match="not known and unchanged"):
        screens.review(screen=asked(patient, 1), by="ada", at=AT)


def test_the_page_asks_shows_and_closes(prescriber, nurse, patient):
    address = reverse("candidacy:screens", args=[patient.reference])
    assert "Not asked yet" in nurse.get(address).text
    assert nurse.post(address, {"instrument": "asq"}).status_code == 422
    nurse.post(address, {"instrument": "asq", "q_1": "1", "q_2": "0", "q_3": "0", "q_4": "0", "q_5": "0"})
    assert "Holds the start" in nurse.get(address).text
    screen = Screen.objects.get()
    close = reverse("candidacy:close-screen", args=[patient.reference, screen.pk])
    assert nurse.post(close, {"act": "assess"}).status_code == 403
    assert "neither yes nor no" in prescriber.post(close, {"act": "assess", "assessment": "seen"}, follow=True).text
    prescriber.post(close, {"act": "assess", "assessment": "seen", "may_start": "yes"})
    assert ScreenClosed.objects.get().may_start
    assert "an infusion may start" in prescriber.get(address).text


def test_the_c_ssrs_is_entered_from_its_form(nurse, patient):
    address = reverse("candidacy:screens", args=[patient.reference])
    assert "C-SSRS" in nurse.get(address, {"instrument": "cssrs_screener"}).text
    nurse.post(address, {"instrument": "cssrs_screener", "q_1": "0", "q_2": "0", "q_6": "1", "q_6b": "1"})

    assert Screen.objects.get().answers.band == "high"
    assert held(patient) == ["suicide_screen"]
