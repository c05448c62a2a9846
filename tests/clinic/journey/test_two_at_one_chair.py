"""Two people at one chair, one of them without network: both have recorded the same, and it counts once with no word lost."""

from datetime import timedelta

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import go_to, planned, record, seated, started

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.tasks.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    return infusion


def kept(who, infusion, now, kind, *, tapped, arrives, **fields):
    """A form that was tapped at one minute and arrives at another."""
    go_to(now, arrives)
    return record(who, infusion, kind, waited_s=str((arrives - tapped) * 60), **fields)


def steps(infusion):
    return [(row.kind, (row.at - AT) / timedelta(minutes=1), row.by) for row in queries.standing_events(infusion)][2:]


def test_a_pause_that_both_have_recorded_is_one_pause_and_the_other_time_stands_beside_it(
    nurse, prescriber, infusion, now
):
    go_to(now, 11)
    record(prescriber, infusion, "paused")
    answer = kept(nurse, infusion, now, "paused", tapped=10, arrives=14)

    assert answer.status_code == 200
    assert steps(infusion)[1:] == [("observation", 10.0, "nils"), ("paused", 11.0, "ada")]
    note = InfusionEvent.objects.get(kind="observation")
    number = InfusionEvent.objects.get(kind="paused").number
    assert f"ada had recorded it too, event {number} at " in note.says
    assert f"If yours is right, correct event {number}." in answer.text
    assert queries.course_of(infusion).delivered_ml(now["at"]) == pytest.approx(150 * 11 / 60)


def test_the_same_holds_when_the_tablet_s_pause_was_the_later_one(nurse, prescriber, infusion, now):
    go_to(now, 10)
    record(prescriber, infusion, "paused")
    kept(nurse, infusion, now, "paused", tapped=11, arrives=14)

    assert steps(infusion)[1:] == [("paused", 10.0, "ada"), ("observation", 11.0, "nils")]


def test_a_pause_and_a_resumption_that_both_have_recorded_are_one_of_each(nurse, prescriber, infusion, now):
    go_to(now, 11)
    record(prescriber, infusion, "paused")
    go_to(now, 15)
    record(prescriber, infusion, "resumed", rate_ml_per_h="100")
    kept(nurse, infusion, now, "paused", tapped=10, arrives=20)
    kept(nurse, infusion, now, "resumed", tapped=14, arrives=20, rate_ml_per_h="100")

    pump = [kind for kind, _at, _by in steps(infusion) if kind != "observation"]
    assert pump == ["started", "paused", "resumed"]
    assert InfusionEvent.objects.filter(kind="observation", by="nils").count() == 2


def test_an_end_that_both_have_recorded_is_one_and_what_the_second_pump_reading_said_is_kept(
    nurse, prescriber, infusion, now
):
    go_to(now, 30)
    record(prescriber, infusion, "stopped", delivered_ml="74")
    kept(nurse, infusion, now, "stopped", tapped=29, arrives=33, delivered_ml="73.5")

    assert InfusionEvent.objects.filter(kind="stopped").count() == 1
    assert "73.5 mL" in InfusionEvent.objects.get(kind="observation").says


def test_a_second_pause_after_a_resumption_is_a_step_of_its_own(nurse, prescriber, infusion, now):
    go_to(now, 10)
    record(prescriber, infusion, "paused")
    go_to(now, 12)
    record(prescriber, infusion, "resumed", rate_ml_per_h="150")
    kept(nurse, infusion, now, "paused", tapped=13, arrives=16)

    assert steps(infusion)[1:] == [("paused", 10.0, "ada"), ("resumed", 12.0, "ada"), ("paused", 13.0, "nils")]


def test_what_does_not_say_the_same_is_refused_in_sight_as_before(nurse, prescriber, infusion, now):
    go_to(now, 10)
    record(prescriber, infusion, "paused")
    other = kept(nurse, infusion, now, "rate_set", tapped=11, arrives=14, rate_ml_per_h="100")
    own = kept(prescriber, infusion, now, "paused", tapped=11, arrives=15)
    at_once = record(nurse, infusion, "paused")

    assert [one.status_code for one in (other, own, at_once)] == [409, 409, 409]
    assert not InfusionEvent.objects.filter(kind="observation").exists()


DRUG = {"says": "ondansetron", "dose": "4 mg i.v.", "sedates": "no"}


def test_a_drug_that_both_have_recorded_stands_twice_until_a_person_says_whether_it_was_one_dose_or_two(
    nurse, prescriber, infusion, now
):
    heard = (AT + timedelta(minutes=9)).isoformat()
    go_to(now, 11)
    record(prescriber, infusion, "drug_given", **{**DRUG, "says": "Ondansetron"})
    answer = kept(nurse, infusion, now, "drug_given", tapped=12, arrives=14, heard=heard, **DRUG)

    assert "One dose or two?" in answer.text
    assert InfusionEvent.objects.filter(kind="drug_given").count() == 2
    assert Task.objects.get(key__startswith="twice ").owner == "nurse"


@pytest.mark.parametrize("other", [{"dose": "8 mg i.v."}, {"says": "glycopyrrolate"}])
def test_another_dose_or_another_drug_is_not_asked_about(nurse, prescriber, infusion, now, other):
    go_to(now, 11)
    record(prescriber, infusion, "drug_given", **{**DRUG, **other})
    kept(nurse, infusion, now, "drug_given", tapped=10, arrives=14, **DRUG)

    assert not Task.objects.filter(key__startswith="twice ").exists()


def test_a_dose_that_the_tablet_could_see_was_another_one(nurse, prescriber, infusion, now):
    go_to(now, 5)
    record(prescriber, infusion, "drug_given", **DRUG)
    heard = (AT + timedelta(minutes=9)).isoformat()
    answer = kept(nurse, infusion, now, "drug_given", tapped=10, arrives=14, heard=heard, **DRUG)

    assert "One dose or two?" not in answer.text
