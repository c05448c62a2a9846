"""The first two sessions of a person are observed from the end: what counts as an earlier one was really started, and is still theirs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.builders import AT, make_infusing

from openketamine.clinic.infusion import actions, moving, queries
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.recovery.queries import observation
from openketamine.core.infusion.events import Kind
from openketamine.core.recovery.readiness import CountsFrom
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def gone(infusion, at):
    """The infusion is over and the person has left."""
    actions.record(infusion=infusion, kind=Kind.STOPPED, by="nils", at=at, now=at)
    later = at + timedelta(hours=2)
    actions.record(infusion=infusion, kind=Kind.LEFT, by="nils", at=later, now=later, says="went home")


def again(infusion, number, at, chair):
    """The person comes again for a later infusion of the same course."""
    planned = infusion.order.planned.course.days.get(number=number)
    place = Chair.objects.create(name=chair, position=9)
    later = demo_lives.seated(infusion.patient, planned, place, weight_kg=Decimal(70), at=at - timedelta(minutes=2))
    demo_lives.started(later, at=at)
    return later


def counts_from(infusion):
    return observation(infusion, queries.regimen_in_force(infusion).recovery).counts_from


def test_a_session_that_was_put_right_to_another_chair_counts_once(patient, clinic, now):
    first = make_infusing(patient)
    chair, at = Chair.objects.create(name="Chair 2", position=1), AT + timedelta(minutes=5)
    right = moving.move(
        infusion=first, patient=patient, order=first.order, chair=chair, reason="wrong chair", by="nils", at=at
    )
    gone(right, AT + timedelta(minutes=40))
    now["at"] = AT + 3 * DAY
    second = again(first, 2, now["at"], "Chair 3")

    assert counts_from(second) is CountsFrom.END


def test_a_third_session_after_two_that_were_given_counts_from_the_start_whatever_its_number_in_the_course(
    patient, clinic, now
):
    first = make_infusing(patient)
    gone(first, AT + timedelta(minutes=40))
    now["at"] = AT + 3 * DAY
    second = again(first, 2, now["at"], "Chair 2")
    gone(second, now["at"] + timedelta(minutes=40))
    now["at"] = AT + 6 * DAY
    third = again(first, 3, now["at"], "Chair 3")
    third.order.planned.number = 1

    assert counts_from(third) is CountsFrom.START
