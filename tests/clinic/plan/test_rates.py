"""Which constant rate keeps the rise under a limit: by the course's own protocol, for as long as it runs; without one it says so."""

from decimal import Decimal

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff
from tests.clinic.pharmacology.test_what_was_learned import kept

from openketamine.clinic.pharmacology.planning import RateAsked, rate_for
from openketamine.clinic.plan import actions
from openketamine.evidence.regimen import regimen

pytestmark = pytest.mark.django_db
ASKED = {"weight_kg": "70", "duration_min": "40", "limit_mmhg": "20"}


@pytest.fixture
def ask(client):
    make_clinic(individual_prediction=True)
    client.force_login(make_staff())

    def show(patient, **more):
        return client.get(reverse("plan:rate", args=[patient.reference]), {**ASKED, **more})

    return show


def coursed(name="depression_iv_racemic", minutes=40):
    patient = make_patient()
    shape = actions.Shape(name, 6, 2, Decimal("0.5"), Decimal(minutes), AT.date())
    actions.plan_course(patient=patient, shape=shape, by="ada", at=AT)
    return patient


def test_the_answer_names_the_protocol_of_the_course_and_gives_no_order(ask, client):
    patient = coursed()
    kept(patient)

    page = ask(patient).text

    assert reverse("plan:regimen", args=["depression_iv_racemic"]) in page
    assert "90 of 100" in page
    assert "of 10 simulated patients with this person&#x27;s data (variability assumed)" in page.replace("'", "&#x27;")
    assert "never an order" in page
    assert "studied range of weight is not known here" in page
    assert 'value="70"' not in client.get(reverse("plan:rate", args=[patient.reference])).text


def test_without_a_course_there_is_no_protocol_and_the_page_says_so(ask):
    page = ask(make_patient()).text

    assert "No course is planned for this person" in page
    assert "of 100" not in page


def test_an_infusion_of_days_may_be_asked_about_where_the_protocol_runs_for_days(ask):
    of_days = ask(coursed("crps_inpatient_continuous", 7200), duration_min="7200")
    of_minutes = ask(coursed(), duration_min="7200")

    assert of_days.status_code == 200
    assert "Inpatient evidence" in of_days.text
    assert of_minutes.status_code == 422
    assert "less than or equal to 600" in of_minutes.text


def test_another_protocol_has_another_highest_dose():
    asked = RateAsked(70.0, 240.0, 90.0)
    highest = {
        name: rate_for(regimen(name), None, 1, asked).highest_mg_per_kg
        for name in ("depression_iv_racemic", "crps_outpatient_multi_day")
    }

    assert highest["crps_outpatient_multi_day"] != highest["depression_iv_racemic"]


def test_a_protocol_without_cap_and_dose_has_no_highest_rate_to_search_up_to():
    from dataclasses import replace

    from openketamine.core.plan.protocol import Caps

    rules = regimen("depression_iv_racemic")
    bare = replace(rules, dose_mg_per_kg=None, rules=replace(rules.rules, caps=Caps()))

    assert rate_for(bare, None, 1, RateAsked(70.0, 40.0, 20.0)) is None


def test_a_nonsensical_weight_is_named_with_its_limits_and_nothing_typed_is_lost(ask):
    answer = ask(coursed(), weight_kg="7000")

    assert answer.status_code == 422
    assert "7000 kg: must be from 20 to 350 kg" in answer.text


def test_body_weights_stand_side_by_side_when_a_height_is_given(ask):
    patient = coursed()
    without, with_height = ask(patient, weight_kg="90").text, ask(patient, weight_kg="90", height_cm="165.1").text

    assert "ideal — · adjusted —" in without
    assert "ideal 57.0 kg · adjusted 70.2 kg" in with_height


def test_with_prediction_switched_off_no_rate_is_offered(client):
    make_clinic()
    client.force_login(make_staff())

    page = client.get(reverse("plan:rate", args=[coursed().reference]), ASKED).text

    assert "switched off" in page
    assert "of 100" not in page
