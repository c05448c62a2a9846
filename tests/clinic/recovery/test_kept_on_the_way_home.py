"""Looks, scores and the leaving that a tablet kept while the network was away."""

import re
from datetime import timedelta

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import checked, go_to, looked_at, phase, record
from tests.clinic.recovery.conftest import ALDRETE

from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Finding
from openketamine.clinic.recovery import queries
from openketamine.clinic.recovery.models import CriterionTick
from openketamine.clinic.tasks.models import Task

pytestmark = pytest.mark.django_db


def minute(number):
    return AT + timedelta(minutes=number)


def row(infusion, now, which):
    return next(one for one in queries.criteria(infusion, at=now["at"]) if one.id == which)


def ticked(nurse, infusion, met, **more):
    return nurse.post("recovery:tick", infusion.reference, criterion="steady_gait", met=met, **more)


def test_a_look_counts_when_it_was_made_once_and_says_when_it_was_entered(nurse, infused, now):
    go_to(now, 40)
    for _ in range(2):
        ticked(nurse, infused, "yes", waited_s="300", key="t1")

    (found,) = CriterionTick.objects.all()
    assert (found.at, found.recorded_at) == (minute(35), minute(40))
    gait = row(infused, now, "steady_gait")
    assert gait.standing.value == "met"
    assert re.match(r"nils, entered \d\d:40", gait.how)


def test_the_look_that_was_made_last_counts_and_not_the_one_that_arrived_last(nurse, infused, now):
    go_to(now, 38)
    ticked(nurse, infused, "no")
    go_to(now, 40)
    ticked(nurse, infused, "yes", waited_s="300")

    assert row(infused, now, "steady_gait").standing.value == "not met"


def test_new_thoughts_of_suicide_call_a_prescriber_though_the_person_has_gone_meanwhile(nurse, infused, now):
    go_to(now, 40)
    record(nurse, infused, "left", says="went home")
    go_to(now, 45)
    nurse.post("recovery:tick", infused.reference, criterion="no_new_suicidal_thoughts", answer="worse", waited_s="600")

    assert CriterionTick.objects.get().at == minute(35)
    assert Finding.objects.get(code="suicidal_thoughts").holds_infusion
    assert Task.objects.filter(key__startswith="thoughts ", urgent=True, owner="prescriber").exists()


def test_a_look_of_after_the_session_is_refused_and_says_why(nurse, infused, now):
    go_to(now, 40)
    record(nurse, infused, "left", says="went home")
    go_to(now, 45)
    refused = ticked(nurse, infused, "yes", waited_s="60")

    assert refused.status_code == 409
    assert "This session was closed at" in refused.text
    assert not CriterionTick.objects.exists()


def test_a_score_counts_when_it_was_taken_and_only_if_the_person_recovered_then(nurse, infused, now):
    go_to(now, 40)
    early = nurse.post("recovery:score", infused.reference, instrument="aldrete", **ALDRETE, waited_s="900")
    nurse.post("recovery:score", infused.reference, instrument="aldrete", **ALDRETE, waited_s="300")

    assert early.status_code == 409
    (found,) = Answers.objects.filter(instrument="aldrete")
    assert (found.at, found.recorded_at) == (minute(35), minute(40))
    assert "(nils, entered" in row(infused, now, "recovery_score").how


def test_leaving_is_recorded_at_its_time_and_in_its_order(nurse, infused, now):
    go_to(now, 150)
    checked(nurse, infused, 126, 76, spo2="97", moaas="5", oxygen="air")
    looked_at(nurse, infused)
    nurse.post("recovery:score", infused.reference, instrument="aldrete", **ALDRETE)
    go_to(now, 160)
    nurse.post("recovery:discharge", infused.reference, escort="Escort Example", waited_s="300", key="d1")

    left = InfusionEvent.objects.get(kind="discharged")
    assert (left.at, left.recorded_at) == (minute(155), minute(160))
    infused.refresh_from_db()
    assert infused.closed_at == minute(155)


def test_leaving_that_is_refused_says_what_is_missing_and_what_to_record_instead(nurse, infused, now):
    go_to(now, 160)
    refused = nurse.post("recovery:discharge", infused.reference, escort="Escort Example", waited_s="300", key="d1")

    assert refused.status_code == 409
    assert "record that they left before the criteria were met" in refused.text
    assert phase(nurse, infused) == "recovering"
    record(nurse, infused, "left", says="left while the network was away", waited_s="300")
    assert phase(nurse, infused) == "left"
