"""One patient, one prescriber, one nurse, a second prescriber, and a hand on the clock."""

import pytest
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.people.models import Role
from openketamine.clinic.ui import clock

TODAY = AT.date()
ID = "depression_iv_racemic"
WELL = {
    "diagnosis": "mdd_without_psychosis", "failed_adequate_trials": 3.0, "episode_weeks": 30.0, "severity_scale": "phq9",
    "phq9_total": 19.0, "ymrs_total": 2.0, "moca_total": 28.0, "has_capacity": True, "allergy_to_ketamine": False,
    "aneurysmal_vascular_disease": False, "intracerebral_haemorrhage": False, "stroke_or_tia": False, "coronary_event_ever": False,
    "severe_heart_disease": False, "resting_systolic": 122.0, "resting_diastolic": 78.0, "history_of_hypertension": False,
    "raised_intracranial_pressure": False, "raised_intraocular_pressure": False, "current_psychosis": False,
    "primary_psychotic_disorder": False, "current_mania": False, "relative_with_psychosis": False,
    "pregnancy_or_breastfeeding_possible": False, "untreated_hyperthyroidism": False, "hepatic_impairment": "none",
    "active_substance_use_disorder": False, "porphyria": False, "airway_or_lung_risk": False, "unexplained_seizure": False,
    "benzodiazepine_mg_per_day": 0.0, "takes_lamotrigine": False, "takes_maoi": False, "takes_stimulant": False,
    "takes_cns_depressant": False, "takes_theophylline": False, "icsi_total": 1.0, "ecg": "nothing_of_note",
    "liver_tests": "normal", "urine_drug_screen": "negative", "suicide_screen": "asq",
}  # fmt: skip


@pytest.fixture(autouse=True)
def now(monkeypatch):
    time = {"at": AT}
    monkeypatch.setattr(clock, "now", lambda: time["at"])
    monkeypatch.setattr(clock, "wall", lambda: time["at"])
    return time


@pytest.fixture
def patient(db):
    make_clinic()
    return make_patient()


@pytest.fixture
def ada(db):
    return make_staff(Role.PRESCRIBER)


@pytest.fixture
def second(db):
    return make_staff(Role.PRESCRIBER, username="bea", display_name="Bea Example", password="a long enough phrase")


@pytest.fixture
def prescriber(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def nurse(db):
    from django.test import Client

    visitor = Client()
    visitor.force_login(make_staff(Role.NURSE))
    return visitor


@pytest.fixture
def tell(patient):
    from openketamine.clinic.candidacy import actions
    from openketamine.clinic.candidacy.models import Source

    def told(on=TODAY, **facts):
        known = actions.Known(Source.PERSON, on)
        return actions.record_facts(patient=patient, facts=facts, known=known, by="nils", at=AT)

    return told
