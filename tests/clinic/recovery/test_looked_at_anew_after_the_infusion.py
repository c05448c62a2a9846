"""What was seen of a person before the infusion ended does not let them leave: it is looked at and asked anew; what is seen of the escort stays."""

import html
from datetime import timedelta

import pytest
from tests.builders import AT, make_infusing
from tests.clinic.journey.steps import LOOKED_AT, go_to

from openketamine.clinic.infusion import actions, corrections
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.recovery import queries
from openketamine.core.infusion.events import Kind

pytestmark = pytest.mark.django_db
OF_THE_PERSON = ("oriented", "steady_gait", "instructions_person", "no_new_suicidal_thoughts")
OF_THE_ESCORT = ("escort", "instructions_escort")


def standing(which, minute):
    rows = queries.criteria(Infusion.objects.get(), at=AT + timedelta(minutes=minute))
    return {row.standing.value for row in rows if row.id in which}


def looked(nurse, infusion, now, minute):
    go_to(now, minute)
    for criterion, said in LOOKED_AT.items():
        nurse.post("recovery:tick", infusion.reference, criterion=criterion, **said)


def stopped(infusion, now, minute):
    go_to(now, minute)
    actions.record(infusion=infusion, kind=Kind.STOPPED, by="nils", at=now["at"], now=now["at"])


def test_when_an_end_was_entered_in_error_what_was_seen_of_the_person_after_it_counts_no_more(nurse, sat, now):
    looked(nurse, sat, now, 29)
    assert standing(OF_THE_PERSON, 30) == {"met"}

    corrections.entered_in_error(event=sat.events.get(kind="stopped"), by="nils", now=now["at"], reason="it ran on")
    assert standing(OF_THE_PERSON, 31) == {"not known"}
    stopped(sat, now, 60)

    assert (standing(OF_THE_PERSON, 61), standing(OF_THE_ESCORT, 61)) == ({"not known"}, {"met"})
    said = "nils: the infusion went on until 10:00, ask and look again"
    assert said in html.unescape(nurse.get("recovery:panel", sat.reference).text)


def test_what_was_seen_of_the_person_while_the_infusion_ran_counts_no_more_at_its_end_until_somebody_has_looked_again(
    nurse, patient, now
):
    infusion = make_infusing(patient)
    looked(nurse, infusion, now, 5)
    stopped(infusion, now, 40)
    assert (standing(OF_THE_PERSON, 41), standing(OF_THE_ESCORT, 41)) == ({"not known"}, {"met"})

    looked(nurse, infusion, now, 41)
    assert standing(OF_THE_PERSON, 42) == {"met"}


def test_new_or_worse_thoughts_that_were_told_while_the_infusion_ran_stay_not_met(nurse, patient, now):
    infusion = make_infusing(patient)
    go_to(now, 5)
    nurse.post("recovery:tick", infusion.reference, criterion="no_new_suicidal_thoughts", answer="worse")
    stopped(infusion, now, 40)

    assert standing({"no_new_suicidal_thoughts"}, 41) == {"not met"}
