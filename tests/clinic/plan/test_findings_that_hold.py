"""A finding holds the next infusion until it is resolved, and not every finding is resolved by a sentence."""

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.candidacy import screens
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    make_clinic()
    return make_patient()


@pytest.fixture
def prescriber(client):
    client.force_login(make_staff(Role.PRESCRIBER))
    return client


def opened(patient, code):
    return people.open_finding(
        patient=patient, code=code, room="safety", says="found", by="nils", at=AT, holds=True
    )  # fmt: skip


def resolve(client, patient, finding):
    address = reverse("plan:finding", args=[patient.reference, finding.pk])
    return client.post(address, {"act": "resolve", "reason": "looked at"})


def test_a_urinary_finding_is_resolved_with_a_reason(prescriber, patient):
    answer = resolve(prescriber, patient, opened(patient, "urinary"))

    assert answer.url == reverse("plan:plan", args=[patient.reference])
    assert not people.open_findings(patient).exists()


def test_a_suicide_screen_asks_for_an_assessment_of_the_same_day(prescriber, patient):
    answer = resolve(prescriber, patient, opened(patient, screens.CODE))

    assert answer.url == reverse("candidacy:screens", args=[patient.reference])
    assert people.open_findings(patient).filter(code=screens.CODE).exists()
