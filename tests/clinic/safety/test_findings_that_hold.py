"""What is found between infusions holds the next one until a clinician resolves it."""

from decimal import Decimal

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.people.models import Finding, Role
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.safety import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    make_clinic()
    patient = make_patient()
    shape = plan.Shape("depression_iv_racemic", 6, 2, Decimal("0.5"), Decimal(40), AT.date())
    plan.plan_course(patient=patient, shape=shape, by="ada", at=AT)
    return patient


@pytest.mark.parametrize("kind", ["blood_pressure", "suicidality", "liver", "misuse"])
def test_each_kind_of_finding_holds_and_its_reason_stands_first_on_the_plan(client, patient, kind):
    client.force_login(make_staff(Role.NURSE))

    client.post(reverse("safety:hold", args=[patient.reference]), {"kind": kind, "says": "ALT 190 U/L"})

    assert [finding.says for finding in plan.holds(plan.next_planned(patient))] == ["ALT 190 U/L"]
    page = client.get(reverse("plan:plan", args=[patient.reference])).text
    assert page.index("ALT 190 U/L") < page.index("Order for infusion")


def test_a_finding_needs_its_kind_and_its_words(client, patient):
    client.force_login(make_staff(Role.NURSE))

    client.post(reverse("safety:hold", args=[patient.reference]), {"kind": "", "says": "something"})

    assert Finding.objects.count() == 0


def test_exposure_counts_what_the_drug_book_says_was_given(patient):
    assert actions.exposure(patient) == (0, Decimal(0))
