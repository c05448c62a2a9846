"""When somebody left is put right: the criteria are held against that time, and what was open then takes a prescriber's reason."""

from datetime import timedelta

import pytest
from django.utils.html import escape
from tests.builders import AT
from tests.clinic.journey.steps import go_to

from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.recovery import queries

pytestmark = pytest.mark.django_db


def at(minute):
    return AT + timedelta(minutes=minute)


def last():
    return InfusionEvent.objects.filter(kind="discharged").order_by("number").last()


def put_right(desk, infusion, **fields):
    return desk.post("recovery:left", infusion.reference, last().number, **{"says": "the clock was misread", **fields})


def test_the_page_that_corrects_a_discharge_is_the_same_form(nurse, gone, now):
    answer = nurse.get("infusion:correct", gone.reference, last().number)

    assert answer.redirect_chain if hasattr(answer, "redirect_chain") else answer.status_code == 302
    page = nurse.get("recovery:left", gone.reference, last().number).text
    assert 'name="happened"' in page
    assert 'name="says"' in page


def test_a_later_time_at_which_all_criteria_were_met_is_put_right_by_a_nurse(nurse, gone, now):
    go_to(now, 155)
    put_right(nurse, gone, happened="11:32")

    assert (last().at, last().reason, last().although) == (at(152), "the clock was misread", [])
    assert Infusion.objects.get(pk=gone.pk).closed_at == at(152)
    assert "11:30:00 → 11:32:00" in nurse.get("infusion:chair", gone.reference).text


@pytest.fixture
def from_the_pump(nurse, gone, now):
    """The end of the infusion turns out to have been five minutes later, so the two hours were not over at minute 150."""
    stopped = InfusionEvent.objects.get(kind="stopped")
    nurse.post("infusion:correct", gone.reference, stopped.number, says="misread", happened="09:31")
    return gone


def test_the_minimum_observation_goes_by_an_end_that_is_put_right(from_the_pump):
    found = next(row for row in queries.criteria(from_the_pump, at=at(150)) if row.id == "observation_time")

    assert (found.standing.value, found.how) == ("not met", "119 min")


def test_a_time_at_which_something_was_open_is_not_put_right_by_a_nurse(nurse, from_the_pump, now):
    go_to(now, 155)
    answer = put_right(nurse, from_the_pump, happened="11:29:30")

    assert answer.status_code == 422
    assert "not met or not known then" in answer.text
    assert escape("A prescriber puts this time right and says why") in answer.text
    assert last().at == at(150)


def test_a_prescriber_puts_it_right_and_the_record_says_what_was_open_then(prescriber, nurse, from_the_pump, now):
    go_to(now, 155)
    put_right(prescriber, from_the_pump, happened="11:30:30", says="seen at the door")

    (let_be,) = last().although
    assert last().at == at(150.5)
    assert let_be["reason"] == "seen at the door"
    assert any("observ" in says.lower() for says in let_be["open"])
    assert "seen at the door (although open:" in nurse.get("infusion:chair", from_the_pump.reference).text


def test_a_signed_record_leads_to_an_addendum_instead(nurse, signed, now):
    answer = nurse.post(
        "recovery:left", signed.reference, last().number, says="misread", happened="11:20", follow=False
    )

    assert answer.status_code == 302
    assert "addendum" in answer["Location"]
    assert last().at == at(150)
