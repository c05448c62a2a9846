"""The course page offers the questionnaires of this person's course first, by the names people know."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.builders import AT, make_patient

from openketamine.clinic.followup import course
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.plan import actions as plan
from openketamine.core.plan.dose import Preparation, dose_card
from openketamine.evidence.regimen import regimen

pytestmark = pytest.mark.django_db


NAME = "depression_iv_racemic"


@pytest.fixture
def running_infusion():
    """35 mg in 100 mL at 150 mL/h, started at AT."""
    patient = planned(make_patient())
    card = dose_card(
        Decimal(70), Decimal("0.5"), Preparation(Decimal(50), Decimal(100), Decimal(40), "saline"), regimen(NAME).rules
    )
    order = plan.sign_order(
        planned=plan.next_planned(patient), card=card, body=plan.Body(AT), signing=plan.Signing("ada", "Ada", AT, AT)
    )
    chair = Chair.objects.create(name="Chair 1")
    infusion = infusions.open_session(patient=patient, order=order, chair=chair, by="nils", at=AT)
    InfusionEvent(
        infusion=infusion, number=1, kind="started", at=AT, rate_ml_per_h=150.0, recorded_at=AT, by="nils"
    ).save()
    return infusion


def planned(patient):
    shape = plan.Shape(NAME, 6, 2, Decimal("0.5"), Decimal(40), AT.date())
    plan.plan_course(patient=patient, shape=shape, by="ada", at=AT)
    return patient


def usual(patient):
    return [one.id for one in course.questionnaires(patient)["usual"]]


def test_without_a_course_every_questionnaire_is_among_the_others():
    offered = course.questionnaires(make_patient())

    assert offered["usual"] == []
    assert {"phq9", "pcl5", "peg"} <= {one.id for one in offered["others"]}


def test_the_questionnaires_of_the_course_and_those_answered_before_come_first():
    patient = planned(make_patient())
    instruments.answer(patient=patient, instrument="pain_nrs", answers={"1": 4}, by="nils", at=AT)

    assert usual(patient) == ["madrs", "pain_nrs", "phq9"]
    assert not set(usual(patient)) & {one.id for one in course.questionnaires(patient)["others"]}


def test_an_infusion_that_runs_shows_what_has_been_given_so_far(running_infusion):
    later = running_infusion.opened_at + timedelta(minutes=20)

    shown = course.picture(running_infusion.patient, at=later)["infusions"]

    assert [one["mg"] for one in shown] == [pytest.approx(17.5)]


@pytest.mark.parametrize(
    ("hours", "words"), [(-24, "first score"), (24, "first score, taken after the first infusion")]
)
def test_the_score_that_others_are_held_against_says_when_it_was_taken(running_infusion, hours, words):
    patient = running_infusion.patient
    answers = {f"{number}": 1 for number in range(1, 10)}
    at = AT + timedelta(hours=hours)
    instruments.answer(patient=patient, instrument="phq9", answers=answers, by="nils", at=at)

    points = course.picture(patient, at=AT + timedelta(days=3))["points"]

    assert [point.outcome for point in points] == [words]


def test_a_session_that_was_cancelled_after_the_start_is_counted_apart_and_its_milligrams_are_not_lost(
    running_infusion,
):
    for number, kind in ((2, "stopped"), (3, "cancelled")):
        InfusionEvent(
            infusion=running_infusion, number=number, kind=kind, at=AT + timedelta(minutes=4), recorded_at=AT, by="nils"
        ).save()

    seen = course.picture(running_infusion.patient, at=AT + timedelta(hours=1))

    assert seen["infusions"] == []
    assert seen["count"] == "0 infusions, 1 cancelled after the start"
    assert seen["total_mg"] == 3.5
