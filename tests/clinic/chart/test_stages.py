"""The list of patients says where each person stands."""

from decimal import Decimal

import pytest
from tests.builders import AT, make_patient

from openketamine.clinic.candidacy import decisions as candidacy
from openketamine.clinic.candidacy.models import Choice
from openketamine.clinic.chart import board
from openketamine.clinic.plan import actions as plan

pytestmark = pytest.mark.django_db


def stage():
    return board.people_in_care()[0].stage


def planned(patient):
    shape = plan.Shape("depression_iv_racemic", 2, 2, Decimal("0.5"), Decimal(40), AT.date())
    return plan.plan_course(patient=patient, shape=shape, by="ada", at=AT)


def give(course, *numbers):
    for day in course.days.filter(number__in=numbers):
        plan.mark_given(planned=day, at=AT)


def test_a_person_nobody_has_decided_about_is_referred():
    make_patient()

    assert stage() == "referred"


def test_a_decision_against_treatment_stays_visible():
    patient = make_patient()
    candidacy.decide(
        patient=patient, name="depression_iv_racemic", choice=Choice.NOT, reason="current mania", by="ada", at=AT
    )

    assert stage() == "Clinician decided: no ketamine"


def test_a_course_goes_from_planned_over_its_infusions_to_complete():
    course = planned(make_patient())
    assert stage() == "planned"

    give(course, 1)
    assert stage() == "next: infusion 2 of 2"

    give(course, 2)
    assert stage() == "course complete"


def test_a_course_after_a_course_is_maintenance():
    patient = make_patient()
    give(planned(patient), 1, 2)
    planned(patient)

    assert stage() == "maintenance, next: infusion 1 of 2"
