"""A recorded value beyond a sourced limit proposes a finding with its words; a clinician opens it, and nothing opens by itself."""

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff
from tests.clinic.plan.test_orders import CARD

from openketamine.clinic.candidacy import actions as candidacy
from openketamine.clinic.candidacy.models import Source
from openketamine.clinic.people.models import Finding, Role
from openketamine.clinic.plan import actions
from openketamine.clinic.plan.models import Order
from openketamine.clinic.plan.proposals import proposed
from openketamine.clinic.ui import clock

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(clock, "wall", lambda: AT)
    make_clinic()
    return make_patient()


def desk(client, role):
    client.force_login(make_staff(role, password="a long enough phrase"))
    return client


def tell(patient, **facts):
    candidacy.record_facts(
        patient=patient, facts=facts, known=candidacy.Known(Source.MEASURED, TODAY), by="nils", at=AT
    )


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"resting_systolic": 180.0, "resting_diastolic": 100.0, "urine_drug_screen": "negative"}, []),
        ({"resting_systolic": 181.0}, ["blood_pressure"]),
        ({"urine_drug_screen": "unexplained"}, ["misuse"]),
        ({"liver_tests": "raised"}, []),
        ({"alt": 121.0, "alt_upper_limit": 40.0}, ["liver"]),
        ({"resting_systolic": None}, []),
    ],
)
def test_which_values_propose_which_finding(patient, facts, codes):
    tell(patient, **facts)

    assert [one.code for one in proposed(patient, TODAY)] == codes
    assert not Finding.objects.exists()


def test_the_plan_shows_the_value_with_its_source_and_a_clinician_opens_the_finding(client, patient):
    nurse = desk(client, Role.NURSE)
    tell(patient, alt=130.0, alt_upper_limit=40.0)
    page = nurse.get(reverse("plan:plan", args=[patient.reference])).text
    assert all(
        words in page for words in ("A recorded value meets a rule", "liver_tests_read", "ALT 3.2 x", "livertox")
    )

    [one] = proposed(patient, TODAY)
    nurse.post(reverse("safety:hold", args=[patient.reference]), {"kind": one.code, "says": one.says})

    assert Finding.objects.get().holds_infusion
    assert proposed(patient, TODAY) == []


def test_the_desk_reads_that_something_holds_and_not_what(client, patient):
    Finding.objects.create(patient=patient, code="liver", room="safety", says="ALT high", holds_infusion=True, opened_at=AT, opened_by="nils", evidence={})  # fmt: skip
    address = reverse("chart:patient", args=[patient.reference])

    page = desk(client, Role.FRONT_DESK).get(address).text
    assert ("Something holds the next infusion: ask a clinician" in page, "ALT high" in page) == (True, False)
    assert "ALT high" in desk(client, Role.NURSE).get(address).text


@pytest.mark.parametrize(("typed", "says"), [("", "password: is empty"), ("another phrase", "password: is not yours")])
def test_without_the_prescribers_own_password_nothing_is_signed(client, patient, typed, says):
    prescriber = desk(client, Role.PRESCRIBER)
    course = {"regimen": "depression_iv_racemic", "infusions": 6, "per_week": 2, "dose_mg_per_kg": "0.5", "duration_min": "40", "first_on": "2026-03-02"}  # fmt: skip
    prescriber.post(reverse("plan:course", args=[patient.reference]), course)
    assert actions.next_planned(patient)

    page = prescriber.post(reverse("plan:order", args=[patient.reference]), {**CARD, "password": typed, "sign": "yes"})

    assert (page.status_code, says in page.text, 'value="70"' in page.text) == (422, True, True)
    assert "another phrase" not in page.text
    assert not Order.objects.exists()
