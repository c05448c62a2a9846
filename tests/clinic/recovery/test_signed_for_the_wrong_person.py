"""A signed session that was another person's: it stays where it is, and the next infusion of both waits for a clinician."""

import pytest
from tests.builders import make_patient

from openketamine.clinic.people import actions as people
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.recovery import actions
from openketamine.clinic.recovery.models import Addendum, Signature

pytestmark = pytest.mark.django_db
WORDS = {"text": "Nils had the other chart open.", "reason": "seen in the evening"}


@pytest.fixture
def really(clinic):
    return make_patient(given_name="Really")


@pytest.fixture
def signed(left, now):
    explained = actions.Explained("left in the syringe", "ada")
    actions.sign(infusion=left, by="nils", at=now["at"], now=now["at"], explained=explained)
    return left


def findings(patient):
    return [(row.holds_infusion, row.says) for row in people.open_findings(patient)]


def test_both_records_hold_the_next_infusion_and_say_the_day_the_milligrams_and_why(nurse, signed, really):
    nurse.post("recovery:addendum", signed.reference, really=really.reference, **WORDS)

    for patient, says in ((signed.patient, "was another person's"), (really, "was this person's")):
        ((holds, words),) = findings(patient)
        assert holds
        for part in ("2026-03-02", "24.5 mg", says, "seen in the evening"):
            assert part in words
    assert really.given_name not in findings(signed.patient)[0][1]


def test_the_infusion_no_longer_counts_in_the_course_of_who_did_not_get_it(nurse, signed, really):
    course = signed.order.planned.course
    assert plan.given_days(course) == {1}

    nurse.post("recovery:addendum", signed.reference, really=really.reference, **WORDS)

    assert plan.given_days(course) == frozenset()


def test_what_was_signed_stays_and_the_addendum_names_whose_it_was_without_a_name(nurse, signed, really):
    before = Signature.objects.get()

    nurse.post("recovery:addendum", signed.reference, really=really.reference, **WORDS)

    after = Signature.objects.get()
    assert (after.digest, after.record) == (before.digest, before.record)
    assert (
        Addendum.objects.get().text == f"Was the session of patient {really.reference}. Nils had the other chart open."
    )


def test_an_addendum_that_names_nobody_holds_nobody(nurse, signed, really):
    nurse.post("recovery:addendum", signed.reference, **WORDS)

    assert Addendum.objects.count() == 1
    assert findings(signed.patient) == findings(really) == []


def test_the_person_it_was_recorded_for_cannot_be_named(nurse, signed):
    answer = nurse.post("recovery:addendum", signed.reference, really=signed.patient.reference, **WORDS)

    assert answer.status_code == 422
    assert Addendum.objects.count() == 0


def test_who_tries_to_move_a_signed_session_is_told_the_way(nurse, signed):
    page = nurse.get("infusion:wrong", signed.reference).text

    assert f"/recovery/{signed.reference}/addendum/" in page
    assert "both people's next infusion then waits" in page.replace("&#x27;", "'")
