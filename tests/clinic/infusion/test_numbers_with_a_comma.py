"""What somebody types with a decimal comma at the chair is recorded; what could be two numbers is not, and nothing typed is lost."""

import pytest
from tests.builders import make_infusing
from tests.clinic.journey.steps import drawn, go_to, planned, seated

from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.models import Reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(nurse, patient, now):
    infusion = make_infusing(patient)
    go_to(now, 5)
    return infusion


def test_a_rate_with_a_comma_is_recorded(nurse, infusion):
    nurse.post("infusion:record", infusion.reference, kind="rate_set", rate_ml_per_h="100,5")

    assert infusion.events.get(kind="rate_set").rate_ml_per_h == 100.5


def test_a_total_that_could_be_two_numbers_is_refused_with_both(nurse, infusion):
    answer = nurse.post("infusion:record", infusion.reference, kind="stopped", delivered_ml="1,000")

    assert answer.status_code == 422
    assert "1,000: this could be 1000 or 1. Type one of these two" in answer.text
    assert not infusion.events.filter(kind="stopped").exists()


def test_a_flow_of_oxygen_with_a_comma_is_recorded(nurse, infusion):
    nurse.post("infusion:check", infusion.reference, o2_flow="1,5", oxygen="cannula")

    assert Reading.objects.get(signal="o2_flow").value == 1.5


def test_a_rate_with_a_comma_can_be_asked_about(nurse, infusion, clinic):
    clinic.individual_prediction = True
    clinic.save()
    asked = [
        nurse.client.get(f"/infusion/{infusion.reference}/chart/?rate={rate}").json() for rate in ("100,5", "100.5")
    ]

    assert asked[0]["what_if"] == asked[1]["what_if"]
    assert asked[0]["what_if"]


def test_milligrams_with_a_comma_are_drawn(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)

    drawn(nurse, infusion, mg="35,0")

    assert ledger.balance(infusion.reference).drawn_mg == 35


def test_milligrams_that_could_be_two_numbers_are_not_drawn_and_stay_in_their_box(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)

    answer = drawn(nurse, infusion, mg="1,000")

    assert "1,000: this could be 1000 or 1. Type one of these two" in answer.text
    assert 'name="draw-mg" value="1,000"' in answer.text
    assert ledger.balance(infusion.reference).drawn_mg == 0
