"""What was seen of a person before a sedative does not let them leave after it: it is looked at and asked anew, with the reason shown."""

import html

import pytest
from tests.clinic.journey.steps import go_to, looked_at

from openketamine.clinic.recovery import queries

pytestmark = pytest.mark.django_db
OF_THE_PERSON = ("oriented", "steady_gait", "instructions_person", "no_new_suicidal_thoughts", "dissociation_resolved")
OF_THE_ESCORT = ("escort", "instructions_escort")


def rows(infusion, now):
    return {row.id: row for row in queries.criteria(infusion, at=now["at"])}


def given(nurse, infusion, says, **more):
    nurse.post("infusion:record", infusion.reference, kind="drug_given", says=says, dose="1 mg i.v.", **more)


@pytest.fixture
def all_looked_at(nurse, infused, now):
    """Everything was asked and seen at minute 40."""
    go_to(now, 40)
    looked_at(nurse, infused)
    go_to(now, 45)
    return infused


def test_after_a_sedative_what_was_seen_of_the_person_is_not_known_and_says_why(nurse, all_looked_at, now):
    given(nurse, all_looked_at, "midazolam")
    found = rows(all_looked_at, now)

    assert {found[one].standing.value for one in OF_THE_PERSON} == {"not known"}
    assert found["oriented"].how == "nils: midazolam 1 mg i.v. at 09:45 was given after it, ask and look again"
    assert all("midazolam 1 mg i.v. at 09:45 was given after it" in found[one].how for one in OF_THE_PERSON)
    assert found["oriented"].how in html.unescape(nurse.get("recovery:panel", all_looked_at.reference).text)


def test_what_was_seen_of_the_escort_stays(nurse, all_looked_at, now):
    given(nurse, all_looked_at, "midazolam")

    assert {rows(all_looked_at, now)[one].standing.value for one in OF_THE_ESCORT} == {"met"}


def test_a_look_after_the_sedative_counts_and_a_second_dose_asks_once_more(nurse, all_looked_at, now):
    given(nurse, all_looked_at, "midazolam")
    go_to(now, 50)
    looked_at(nurse, all_looked_at)
    assert {rows(all_looked_at, now)[one].standing.value for one in OF_THE_PERSON} == {"met"}

    go_to(now, 51)
    given(nurse, all_looked_at, "midazolam")
    assert {rows(all_looked_at, now)[one].standing.value for one in OF_THE_PERSON} == {"not known"}


def test_what_was_not_met_before_the_sedative_stays_not_met(nurse, all_looked_at, now):
    nurse.post("recovery:tick", all_looked_at.reference, criterion="steady_gait", met="no")
    nurse.post("recovery:tick", all_looked_at.reference, criterion="no_new_suicidal_thoughts", answer="worse")
    go_to(now, 46)
    given(nurse, all_looked_at, "midazolam")
    found = rows(all_looked_at, now)

    assert [found[one].standing.value for one in ("steady_gait", "no_new_suicidal_thoughts")] == ["not met", "not met"]


def test_a_drug_that_does_not_sedate_and_a_sedative_taken_back_ask_nothing_anew(nurse, all_looked_at, now):
    given(nurse, all_looked_at, "ondansetron")
    given(nurse, all_looked_at, "midazolam")
    last = all_looked_at.events.order_by("number").last()
    nurse.post(
        "infusion:correct", all_looked_at.reference, last.number, kind="drug_given", says="not given", in_error="yes"
    )

    assert {rows(all_looked_at, now)[one].standing.value for one in OF_THE_PERSON} == {"met"}


def test_nobody_is_let_go_on_ticks_from_before_the_sedative(nurse, all_looked_at, now):
    given(nurse, all_looked_at, "midazolam")
    answer = nurse.post("recovery:discharge", all_looked_at.reference, escort="Escort Example")

    assert all(words in answer.text for words in ("Oriented", "Walks steadily", "Instructions given to the person"))
