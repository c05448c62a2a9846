"""A second person is called by name: the next there is, for alarms, emergencies and the calls of the people at the chairs."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_clinic, make_infusing, make_patient, make_seated, make_staff

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.people.models import Role
from openketamine.clinic.portal import actions as portal
from openketamine.clinic.tasks import actions as tasks
from openketamine.clinic.tasks.models import Task, TaskDone
from openketamine.core.infusion.events import Kind
from openketamine.site import calling

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion():
    make_clinic()
    made = make_infusing(make_patient())
    Infusion.objects.update(nurse="nils")
    make_staff(Role.NURSE)
    return made


def emergency(infusion):
    return infusions.record(infusion=infusion, kind=Kind.EMERGENCY, by="nils", at=AT, now=AT, says="emergency")


def called(minutes):
    calling.further_people(AT + timedelta(minutes=minutes))
    return [(one.owner, one.says) for one in Task.objects.filter(key__contains="called").order_by("pk")]


def test_an_emergency_that_nobody_comes_to_calls_a_second_nurse_and_then_the_owner(infusion):
    make_staff(Role.NURSE, username="nora", display_name="Nora Example")
    make_staff(Role.OWNER)
    emergency(infusion)

    assert called(1) == []
    assert called(2) == [
        ("nurse", "Chair 1: Nora Example (a second nurse) is called. Chair 1: emergency, a second person is wanted now")
    ]
    assert called(4)[1][0] == "owner"
    assert called(4)[1][1].startswith("Chair 1: Otto Example (the owner) is called.")
    assert len(called(60)) == 2


def test_after_a_change_of_shift_who_took_the_chair_over_is_not_called_and_who_opened_it_is(infusion):
    make_staff(Role.NURSE, username="nora", display_name="Nora Example")
    infusions.record(infusion=infusion, kind=Kind.TAKEN_OVER, by="nora", at=AT, now=AT)
    emergency(infusion)

    assert called(2)[0][1].startswith("Chair 1: Nils Example (a second nurse) is called.")


def test_with_one_nurse_in_the_clinic_the_next_person_there_is_is_called_by_name(infusion):
    make_staff(Role.PRESCRIBER)
    make_staff(Role.OWNER)
    emergency(infusion)

    owner, says = called(2)[0]
    assert (owner, says.split(" is called")[0]) == ("prescriber", "Chair 1: Ada Example (Prescriber)")


def test_a_call_for_help_that_nobody_comes_to_calls_a_second_person(infusion):
    make_staff(Role.PRESCRIBER)
    followup.call_for_help(link=followup.chair_link(infusion=infusion, wall=AT), at=AT)

    assert called(2)[0][0] == "prescriber"


def test_nobody_further_is_called_once_somebody_has_come(infusion):
    emergency(infusion)
    tasks.finish(tasks.open_tasks().get(key__startswith="emergency "), by="nils", at=AT)

    assert called(10) == []


# the person's own device has lost its link


def opened(infusion):
    """The person's own device is heard at `AT`, and never again until a test lets it be."""
    link = followup.chair_link(infusion=infusion, wall=AT)
    portal.heard(link=link, at=AT, wall=AT)
    return link


def lost(minutes):
    """Look as a worker does: whose device is not heard, and whom what nobody answers calls."""
    at = AT + timedelta(minutes=minutes)
    portal.call_where_lost(at=at, wall=at)
    return called(minutes)


def test_a_lost_device_that_nobody_comes_to_calls_a_second_nurse_and_then_the_owner(infusion):
    make_staff(Role.NURSE, username="nora", display_name="Nora Example")
    make_staff(Role.OWNER)
    opened(infusion)

    assert lost(1) == [], "the device has just been lost: the nurse of this chair is called"
    assert lost(3) == [("nurse", "Chair 1: Nora Example (a second nurse) is called. Chair 1: help control lost")]
    assert [owner for owner, _says in lost(5)] == ["nurse", "owner"]
    assert len(lost(60)) == 2


def test_nobody_further_is_called_to_a_lost_device_once_somebody_has_come(infusion):
    opened(infusion)
    lost(1)
    tasks.finish(tasks.open_tasks().get(key__startswith="help lost "), by="nils", at=AT + timedelta(minutes=2))

    assert lost(10) == []


def test_a_device_that_is_heard_again_calls_nobody_back_and_those_called_need_not_come(infusion):
    make_staff(Role.NURSE, username="nora", display_name="Nora Example")
    link = opened(infusion)
    lost(1)
    lost(3)
    at = AT + timedelta(minutes=4)
    portal.heard(link=link, at=at, wall=at)

    assert not tasks.open_tasks().exists()
    assert {one.note for one in TaskDone.objects.all()} == {"heard again"}
    assert len(called(10)) == 1


def test_before_the_start_a_lost_device_calls_the_nurse_of_the_chair_alone():
    make_clinic()
    make_staff(Role.NURSE, username="nora", display_name="Nora Example")
    infusion = make_seated(make_patient())
    opened(infusion)

    assert lost(30) == []
    assert tasks.open_tasks().filter(key__startswith="help lost ").count() == 1
