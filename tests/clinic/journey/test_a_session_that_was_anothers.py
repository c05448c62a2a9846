"""A signed session turns out to be another person's: what it taught, and what it counted, is left out; nothing is deleted."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.builders import AT, make_clinic, make_patient, make_staff
from tests.clinic.journey.steps import Desk

from openketamine.clinic.followup import course
from openketamine.clinic.infusion import last_time
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Clinic, Role
from openketamine.clinic.pharmacology import learning
from openketamine.clinic.pharmacology.models import LearnedEnsemble
from openketamine.clinic.safety import actions as safety
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db
WORDS = {"text": "The other chart was open.", "reason": "seen in the evening"}


@pytest.fixture
def patient():
    make_clinic(is_demo=True, individual_prediction=True)
    return make_patient()


@pytest.fixture
def really(patient):
    return make_patient(given_name="Really")


@pytest.fixture
def prescriber(patient, client):
    return Desk(client, make_staff(Role.PRESCRIBER))


@pytest.fixture
def lived(patient, now):
    """Lives a number of sessions, three days apart, each signed."""

    def live(count):
        chair = Chair.objects.create(name="Chair 1")
        days = demo_lives.course(patient, first_on=AT, at=AT)[:count]
        sessions = [
            demo_lives.lived(patient, day, chair, weight_kg=Decimal(70), at=AT + timedelta(days=3 * at))
            for at, day in enumerate(days)
        ]
        now["at"] = AT + timedelta(days=3 * count)
        return sessions

    return live


def named(desk, infusion, really):
    """Write the addendum that says whose the session was."""
    answer = desk.post("recovery:addendum", infusion.reference, really=really.reference, **WORDS)
    assert answer.status_code == 200


def test_the_next_session_begins_with_what_the_one_before_taught(lived, prescriber, patient, really):
    _mine, another_s = lived(2)
    first, second = LearnedEnsemble.objects.order_by("pk")
    assert learning.last_learned(patient) == second

    named(prescriber, another_s, really)

    assert learning.last_learned(patient) == first
    assert learning.last_learned(really) is None
    assert list(LearnedEnsemble.objects.order_by("pk")) == [first, second]
    assert "another person's session: not used" in prescriber.get("pharmacology:person", patient.reference).text
    assert "learned from 1 session" in prescriber.get("chart:patient", patient.reference).text


def test_a_later_session_is_learned_anew_without_it(lived, prescriber, patient, really):
    another_s, mine = lived(2)
    rested_on_it = LearnedEnsemble.objects.get(session=mine.reference)
    assert rested_on_it.before.session == another_s.reference

    named(prescriber, another_s, really)

    anew = learning.last_learned(patient)
    assert (anew.session, anew.before, anew.by) == (mine.reference, None, "ada")
    assert anew.observations == rested_on_it.observations
    assert anew.mean != rested_on_it.mean


def test_where_nothing_can_be_learned_anew_what_rested_on_it_is_not_used_either(lived, prescriber, patient, really):
    another_s, _mine = lived(2)
    Clinic.objects.update(individual_prediction=False)

    named(prescriber, another_s, really)

    assert learning.last_learned(patient) is None


def test_it_stays_left_out_once_the_finding_is_resolved(lived, prescriber, patient, really):
    (another_s,) = lived(1)
    named(prescriber, another_s, really)
    (finding,) = people.open_findings(patient)
    people.close_finding(finding=finding, reason="looked at", by="ada", at=AT + timedelta(days=4))

    assert learning.last_learned(patient) is None


def test_count_milligrams_and_the_last_time_are_those_of_whose_it_was(lived, prescriber, patient, really):
    mine, another_s = lived(2)
    assert safety.exposure(patient) == (2, Decimal(70))
    seated = Infusion(patient=patient, opened_at=AT + timedelta(days=9))

    named(prescriber, another_s, really)

    assert safety.exposure(patient) == (1, Decimal(35))
    assert safety.exposure(really) == (1, Decimal(35))
    assert [one["infusion"] for one in course.picture(patient, at=AT + timedelta(days=9))["infusions"]] == [mine]
    assert last_time.last_time(seated).infusion == mine
