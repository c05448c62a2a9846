"""What was tried before fills the criteria; nothing that is not known is counted."""

import pytest
from django.urls import reverse
from tests.builders import AT
from tests.clinic.candidacy.conftest import ID

from openketamine.clinic.candidacy import history
from openketamine.clinic.candidacy.known import known_facts
from openketamine.clinic.candidacy.models import TreatmentRow
from openketamine.clinic.instruments.models import Answers
from openketamine.evidence.protocols import protocol

pytestmark = pytest.mark.django_db
TRIAL = {
    "agent": "sertraline", "treatment_class": "", "mg_per_day": "100", "weeks": "8", "adherence": "taken", "outcome": "no_response",
    "known_source": "record", "known_detail": "letter of Dr Example", "known_on": "",
}  # fmt: skip


def tried(client, patient, **changes):
    return client.post(reverse("candidacy:history", args=[patient.reference]), {**TRIAL, **changes})


def failed(patient):
    found = known_facts(patient, protocol(ID), AT.date())
    return found["failed_adequate_trials"].value if "failed_adequate_trials" in found else None


def test_without_a_minimum_dose_of_the_clinic_nobody_judges_a_dose(prescriber, patient):
    tried(prescriber, patient)

    assert history.failed(patient) == (0, 1)
    assert failed(patient) is None
    assert (
        "no minimum dose set by your clinic"
        in prescriber.get(reverse("candidacy:history", args=[patient.reference])).text
    )


def test_with_a_minimum_the_count_fills_the_criterion(prescriber, patient):
    minimum = reverse("candidacy:minimum", args=[patient.reference])
    for agent in ("sertraline", "venlafaxine"):
        prescriber.post(minimum, {"agent": agent, "mg_per_day": "50", "reference": "our formulary"})
        tried(prescriber, patient, agent=agent)

    assert history.failed(patient) == (2, 2)
    found = known_facts(patient, protocol(ID), AT.date())["failed_adequate_trials"]
    assert (found.value, found.source) == (2, "treatment history")


@pytest.mark.parametrize(
    "typed",
    [
        {"agent": "", "mg_per_day": "50", "reference": "x"},
        {"agent": "sertraline", "mg_per_day": "much", "reference": "x"},
    ],
)
def test_a_minimum_without_agent_or_number_is_refused(prescriber, patient, typed):
    response = prescriber.post(reverse("candidacy:minimum", args=[patient.reference]), typed, follow=True)

    assert "write a dose above 0" in response.text
    assert history.minimums().mg_per_day == {}


def test_what_is_typed_wrongly_is_kept_and_named(prescriber, patient):
    response = tried(prescriber, patient, agent="herb", weeks="long", known_source="")

    assert response.status_code == 422
    assert all(
        words in response.text for words in ('value="herb"', 'value="long"', "Choose its class", "Choose how you know")
    )
    assert not TreatmentRow.objects.exists()


def test_a_correction_is_a_new_row(prescriber, patient):
    tried(prescriber, patient)
    first = TreatmentRow.objects.get()
    tried(prescriber, patient, weeks="2", replaces=str(first.pk))

    assert [row.weeks for row in history.in_force(patient)] == [2]
    assert TreatmentRow.objects.count() == 2


def test_the_staging_is_computed_from_the_history(prescriber, patient, tell):
    stage = reverse("candidacy:stage", args=[patient.reference])
    assert "no severity is chosen" in prescriber.post(stage, {}, follow=True).text
    assert "length of the episode" in prescriber.post(stage, {"severity": "4"}, follow=True).text
    tell(episode_weeks=60.0)
    assert "begins with one antidepressant" in prescriber.post(stage, {"severity": "4"}, follow=True).text
    history.set_minimum(agent="sertraline", mg_per_day=50, reference="our formulary", by="ada", at=AT)
    tried(prescriber, patient)
    tried(prescriber, patient, agent="lithium", outcome="partial")
    tried(prescriber, patient, agent="electroconvulsive therapy", mg_per_day="")
    prescriber.post(stage, {"severity": "4"})

    row = Answers.objects.get(instrument="msm")
    assert row.answers == {"duration": 2, "severity": 4, "failed": 1, "augmentation": 1, "ect": 1}
    assert (row.score, row.band) == (9, "moderate")
