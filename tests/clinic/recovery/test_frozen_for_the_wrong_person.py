"""Frozen after an incident while the wrong person is named on the chair: an addendum says whose it is, and care goes on there."""

import pytest
from tests.builders import make_patient
from tests.clinic.journey.steps import checked, go_to, planned, seated

from openketamine.clinic.infusion import before
from openketamine.clinic.infusion.models import Incident, Infusion
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.recovery import actions
from openketamine.clinic.recovery.record import record

pytestmark = pytest.mark.django_db
WORDS = {"text": "The other chart was open.", "reason": "told by the person"}


@pytest.fixture
def really(clinic):
    return make_patient(given_name="Really", allergies="latex")


@pytest.fixture
def frozen(sat, prescriber, now):
    go_to(now, 30)
    prescriber.post("recovery:incident", sat.reference, reason="fell at the door")
    return sat


def named(desk, infusion, really):
    return desk.post("recovery:addendum", infusion.reference, really=really.reference, **WORDS)


def page(desk, name, infusion):
    return " ".join(desk.get(name, infusion.reference).text.split())


def test_the_page_says_what_to_do_and_why_and_offers_no_move(nurse, frozen):
    told = page(nurse, "infusion:wrong", frozen)

    assert "so that what happened can be looked into" in told
    assert "It can also name whose session it was" in told
    assert f"/recovery/{frozen.reference}/addendum/" in told
    assert "Record: move this session" not in told


def test_what_was_frozen_stays_as_it_was(nurse, frozen, really):
    stood, digest = record(frozen), Incident.objects.get().digest

    named(nurse, frozen, really)

    assert record(frozen) == stood
    assert actions.digest_of(record(Infusion.objects.get())) == digest
    assert Infusion.objects.get().patient == frozen.patient


def test_both_next_infusions_wait_and_the_milligrams_are_those_so_far(nurse, frozen, really):
    named(nurse, frozen, really)

    says = {row.patient_id: (row.says, row.holds_infusion) for row in Finding.objects.all()}
    for patient in (frozen.patient, really):
        words, holds = says[patient.pk]
        assert holds
        assert "24.5 mg so far by the pump" in words
    assert plan.given_days(frozen.order.planned.course) == frozenset()


def test_chair_board_and_wall_say_who_sits_there(nurse, frozen, really):
    named(nurse, frozen, really)

    assert "Recorded for the wrong person" in page(nurse, "infusion:chair", frozen)
    assert "Really Synthetic</a>, born 1980-01-01; allergies: latex" in page(nurse, "infusion:chair", frozen)
    assert "△ really: Really Synthetic" in " ".join(nurse.get("chart:board").text.split())
    assert "Really S." in nurse.get("chart:wall").text


def test_the_handover_is_of_the_person_on_the_chair_and_names_nobody_else(nurse, frozen, really):
    named(nurse, frozen, really)

    told = page(nurse, "infusion:handover", frozen)
    assert "Handover: Really Synthetic" in told
    assert "Allergies: latex" in told
    assert "the dose was ordered for that person" in told
    assert str(frozen.patient) not in told


def test_care_goes_on_being_recorded_there(nurse, frozen, really, now):
    named(nurse, frozen, really)
    go_to(now, 32)

    assert checked(nurse, frozen, 126, 76).status_code == 200
    nurse.post("infusion:record", frozen.reference, kind="drug_given", says="ondansetron", dose="4 mg")
    assert "ondansetron" in page(nurse, "infusion:handover", frozen)


def test_one_that_has_not_begun_is_not_started_for_the_wrong_person(nurse, prescriber, patient, really, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    prescriber.post("recovery:incident", infusion.reference, reason="fell at the door")
    named(nurse, infusion, really)

    assert "This session was recorded for the wrong person: cancel it, and open one for the right person" in before.hindrances(infusion, now["at"])  # fmt: skip


def test_without_a_word_nobody_else_is_named(nurse, frozen):
    assert people.really_of(frozen.reference, frozen.patient) is None
    assert "Recorded for the wrong person" not in page(nurse, "infusion:chair", frozen)
