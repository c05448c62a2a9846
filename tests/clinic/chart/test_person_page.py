"""A person's page says what comes next, what is in its way, and what each room last said."""

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff
from tests.clinic.chart.test_stages import give, planned

from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.people.models import Role
from openketamine.clinic.safety import actions as safety
from openketamine.clinic.ui import clock

pytestmark = pytest.mark.django_db
BAD = {"urgency": 0, "frequency": 0, "night": 0, "pain": 2, "blood": 0}


@pytest.fixture(autouse=True)
def now(monkeypatch):
    make_clinic()
    monkeypatch.setattr(clock, "now", lambda: AT)


def page(client, patient, role=Role.NURSE):
    client.force_login(make_staff(role))
    return " ".join(client.get(reverse("chart:patient", args=[patient.reference])).text.split())


def test_without_a_course_the_page_says_that_none_is_planned(client):
    said = page(client, make_patient())

    assert "No course is planned" in said
    assert "No clinician has decided in candidacy yet." in said
    assert "no score yet" in said


def test_the_next_infusion_is_named_with_its_day_and_what_holds_it(client):
    patient = make_patient()
    give(planned(patient), 1)
    safety.screen(patient=patient, answers=BAD, by="nils", at=AT)

    said = page(client, patient)

    assert "Infusion 2 of 2, planned for 2026-03-0" in said
    assert "<strong>held</strong>" in said
    assert "Pain or burning with urine" in said
    assert "no order is signed for infusion 2" in said


def test_the_newest_score_is_named_by_its_questionnaire(client):
    patient = make_patient()
    answers = {f"{number}": 1 for number in range(1, 10)}
    instruments.answer(patient=patient, instrument="phq9", answers=answers, by="nils", at=AT)

    assert f"PHQ-9 9 on {AT:%Y-%m-%d}" in page(client, patient)


def test_reception_reads_that_something_holds_and_no_clinical_word(client):
    patient = make_patient()
    give(planned(patient), 1)
    safety.screen(patient=patient, answers=BAD, by="nils", at=AT)

    said = page(client, patient, Role.FRONT_DESK)

    assert "Something holds the next infusion: ask a clinician." in said
    assert "urine" not in said
    assert "No clinician has decided" not in said
