"""What is asked of somebody about a session that was recorded for the wrong person or on the wrong chair is asked about the right one."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_infusing
from tests.put_right import MOVED, order_of_somebody_else, put_right

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.infusion import actions, corrections
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.portal import actions as portal
from openketamine.clinic.recovery import actions as recovery
from openketamine.clinic.tasks import actions as tasks
from openketamine.clinic.tasks.models import Task
from openketamine.core.infusion.events import Kind
from openketamine.core.recovery.readiness import Thoughts
from openketamine.site.calling import further_people

pytestmark = pytest.mark.django_db
CALLED = AT + timedelta(minutes=4)


@pytest.fixture
def running(patient, now):
    return make_infusing(patient)


@pytest.fixture
def really(running):
    return order_of_somebody_else()


@pytest.fixture
def chair_2():
    return Chair.objects.create(name="Chair 2", position=1)


@pytest.fixture
def link(running):
    return followup.chair_link(infusion=running, wall=AT)


def step(infusion, kind, says="spilt"):
    return actions.record(infusion=infusion, kind=kind, by="nils", at=CALLED, now=CALLED, says=says)


def calls():
    return [(task.patient.given_name, task.says) for task in tasks.calls()]


def test_a_call_from_the_phone_is_to_the_chair_where_the_person_really_sits(running, chair_2, link):
    portal.press(link=link, asks="help", key="one", at=CALLED, wall=CALLED)

    put_right(running, chair=chair_2)

    assert calls() == [("Testa", "Chair 2: the person asks for somebody")]


def test_a_call_that_nobody_has_answered_is_not_told_to_the_phone_as_seen(running, really, link, client, now):
    portal.press(link=link, asks="help", key="one", at=CALLED, wall=CALLED)
    put_right(running, really)
    now["at"] = MOVED

    assert client.post(f"/p/chair/{link.token}/beat/").json() == {"over": False, "says": ""}

    tasks.finish(tasks.calls().get(), by="nils", at=MOVED)
    assert client.post(f"/p/chair/{link.token}/beat/").json()["says"] == "Your nurse has seen your call."


def test_an_emergency_calls_to_the_right_person_and_is_taken_back_with_its_step(running, really):
    step(running, Kind.EMERGENCY)

    new = put_right(running, really)

    assert calls() == [("Really", "Chair 1: emergency, a second person is wanted now")]
    event = InfusionEvent.objects.get(infusion=new, kind="emergency")
    assert Task.objects.filter(key=f"emergency {event.pk}").exists()


def test_a_lost_phone_that_is_heard_again_after_the_correction_calls_nobody_any_more(running, chair_2, link):
    portal.heard(link=link, at=AT, wall=AT)
    portal.call_where_lost(at=CALLED, wall=CALLED)

    new = put_right(running, chair=chair_2)
    portal.call_where_lost(at=MOVED, wall=MOVED)

    assert calls() == [("Testa", "Chair 2: help control lost")]
    portal.heard(link=followup.chair_link(infusion=new, wall=MOVED), at=MOVED, wall=MOVED)
    assert calls() == []


def test_further_people_who_are_called_by_name_are_sent_to_the_right_chair_too(running, chair_2, link):
    portal.press(link=link, asks="help", key="one", at=AT, wall=AT)
    further_people(CALLED)
    told = [task.says for task in tasks.calls()]
    assert any("is called. Chair 1: the person asks" in says for says in told)

    put_right(running, chair=chair_2)

    assert len(calls()) == len(told)
    assert all("Chair 2" in says and "Chair 1" not in says for _who, says in calls())


def test_what_the_correction_ends_says_why(running, chair_2, link):
    portal.press(link=link, asks="help", key="one", at=CALLED, wall=CALLED)

    new = put_right(running, chair=chair_2)

    done = Task.objects.exclude(done=None).get().done
    assert (done.by, done.note) == ("nora", f"moved to session {new.reference}: the wrong chart was open")


def later(*begins):
    """Return whom and what is asked after, by how the key begins."""
    found = tasks.open_tasks()
    return [(task.patient.given_name, task.says) for task in found if task.key.startswith(begins)]


def test_who_left_early_and_never_was_here_is_not_phoned_but_who_really_left_is(running, really):
    step(running, Kind.LEFT, says="walked out")
    assert later("left ")[0][0] == "Testa"

    put_right(running, really)

    assert later("left ") == [
        (
            "Really",
            f"{really.planned.course.patient}: left before the criteria were met: phone this person today (walked out)",
        )
    ]


def test_that_the_wrong_person_was_phoned_already_does_not_phone_the_right_one(running, really):
    step(running, Kind.LEFT, says="walked out")
    tasks.finish(tasks.open_tasks().get(key__startswith="left "), by="ada", at=CALLED, note="at home, well")

    put_right(running, really)

    assert [who for who, _says in later("left ")] == ["Really"]
    assert Task.objects.get(key__startswith="left ", patient=running.patient).done.note == "at home, well"


def test_who_was_phoned_already_is_not_phoned_again_when_only_the_chair_was_wrong(running, chair_2):
    step(running, Kind.LEFT, says="walked out")
    tasks.finish(tasks.open_tasks().get(key__startswith="left "), by="ada", at=CALLED, note="at home, well")

    put_right(running, chair=chair_2)

    assert later("left ") == []


def test_an_ending_that_was_corrected_before_is_asked_after_once(running, really):
    away = step(running, Kind.ESCORT_ABSENT, says="nobody came")
    corrections.undo(event=away, by="nils", at=CALLED, now=CALLED)

    put_right(running, really)

    assert later("escort_absent ") == []


def test_drug_that_is_not_accounted_for_is_looked_for_in_the_session_where_it_stands_now(running, really, chair_2):
    step(running, Kind.LEFT, says="walked out")

    new = put_right(running, really, chair_2)

    assert later("balance ") == [("Really", f"Chair 2, {new.patient}: 31.5 mg are not accounted for")]
    assert Task.objects.filter(key=f"balance {new.reference}").exists()


def test_new_thoughts_of_suicide_are_assessed_in_who_told_of_them(running, really):
    step(running, Kind.STOPPED, says="")
    criterion = "no_new_suicidal_thoughts"
    recovery.ask_thoughts(infusion=running, criterion=criterion, answer=Thoughts.WORSE, by="nils", at=CALLED)

    put_right(running, really)

    assert [who for who, _says in later("thoughts ")] == ["Really"]
