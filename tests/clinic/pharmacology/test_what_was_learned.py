"""What an infusion teaches is kept at signing, is the prior of the next one, and is shown with its basis."""

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.audit.models import EvidenceText, ImmutableError
from openketamine.clinic.pharmacology import learning
from openketamine.clinic.pharmacology.models import LearnedEnsemble
from openketamine.clinic.pharmacology.prediction import Question, predict
from openketamine.core.pharmacology.observation import Kind, Observation

pytestmark = pytest.mark.django_db
PRESSURE = "haemodynamics_derived.size.pressure"


def question(patient, prior=None, rises=(24.0, 26.0, 28.0, 30.0)):
    seen = tuple(Observation(10 * (i + 1) / 60, Kind.SYSTOLIC, rise) for i, rise in enumerate(rises))
    return Question(70.0, ((0.0, 52.5),), 40.0, (20.0, 40.0), seed=patient.pk, seen=seen, prior=prior)


def kept(patient, session="s1", before=None, **more):
    asked = question(patient, learning.prior_of(before), **more)
    return learning.keep(patient=patient, session=session, question=asked, before=before, by="nils", at=AT)


def test_one_row_of_numbers_and_the_texts_they_rest_on():
    row = kept(make_patient())

    assert row.observations == 4
    assert len(row.mean) == len(row.names) == len(row.covariance)
    assert {one["name"] for one in row.evidence} >= {"kamp2020_racemic", "haemodynamics_derived", "readings"}
    assert EvidenceText.objects.filter(sha256=row.evidence[0]["sha256"]).exists()
    with pytest.raises(ImmutableError):
        row.save()


def test_the_same_record_gives_the_same_row():
    patient = make_patient()
    first, again = kept(patient), kept(patient, session="s2")

    assert first.mean == again.mean
    assert first.covariance == again.covariance


def test_a_session_without_readings_teaches_nothing():
    assert kept(make_patient(), rises=()) is None
    assert not LearnedEnsemble.objects.exists()


def test_the_next_session_begins_with_what_was_learned():
    patient = make_patient()
    row = kept(patient)
    prior = learning.prior_of(learning.last_learned(patient))

    fresh, knowing = predict(question(patient, rises=())), predict(question(patient, prior, rises=()))

    assert prior.names == tuple(row.names)
    assert knowing.person["systolic_rise_mmhg"]["p50"][1] > 1.3 * fresh.person["systolic_rise_mmhg"]["p50"][1]
    assert knowing.population == fresh.population


def test_a_session_signed_already_keeps_its_own_prior_and_not_its_own_lesson():
    patient = make_patient()
    first = kept(patient)
    second = kept(patient, session="s2", before=first)

    assert learning.last_learned(patient, before_session="s2") == first
    assert learning.last_learned(patient, before_session="s1") is None
    assert learning.last_learned(patient) == second


def test_a_row_learned_under_other_evidence_is_no_prior(monkeypatch):
    patient = make_patient()
    kept(patient)
    monkeypatch.setattr(learning, "evidence_sha256", lambda: "another")

    assert learning.last_learned(patient) is None


def test_the_page_shows_what_was_learned_and_leads_to_the_question_of_a_rate(client):
    make_clinic(individual_prediction=True)
    client.force_login(make_staff())
    patient = make_patient()
    kept(patient)

    page = client.get(reverse("pharmacology:person", args=[patient.reference])).text

    assert "prior of the next session" in page
    assert "never an order" in page
    assert reverse("plan:rate", args=[patient.reference]) in page


def test_with_prediction_switched_off_no_rate_is_offered(client):
    make_clinic()
    client.force_login(make_staff())

    page = client.get(reverse("pharmacology:person", args=[make_patient().reference])).text

    assert "switched off" in page
    assert "Which constant rate" not in page


def test_the_basis_names_every_number_with_source_and_mark(client):
    make_clinic()
    client.force_login(make_staff())

    page = client.get(reverse("pharmacology:basis")).text

    for words in (
        "Kamp J, Olofsen E",
        "borrowed for racemic ketamine",
        "transcribed",
        "assumed",
        "paper&#x27;s studied range of weight is not known here",
        "not yet checked by a clinician",
    ):
        assert words in page


def test_the_basis_counts_the_marks_names_what_is_assumed_and_shows_occupancy_only_as_a_span(client):
    make_clinic()
    client.force_login(make_staff())

    page = client.get(reverse("pharmacology:basis")).text

    assert "kamp2020_racemic: exponent, clearance" in page
    assert "At 253 ng/mL of racemic ketamine in arterial blood" in page
    assert "17 to 84 % of the receptors occupied" in page
    assert "no usable human curve was found" in page
    assert "Ebert B" in page


@pytest.mark.parametrize(
    ("route", "shown", "hidden"),
    [
        ("oral", "grapefruit", "into a vein reached"),
        ("iv", "into a vein reached", "grapefruit"),
        ("?", "into a vein reached", "grapefruit"),
    ],
)
def test_interactions_are_shown_by_route_with_their_sources(client, route, shown, hidden):
    make_clinic()
    client.force_login(make_staff())

    page = client.get(reverse("pharmacology:interactions"), {"route": route}).text

    assert shown in page.split("<tbody>")[1]
    assert hidden not in page.split("<tbody>")[1]
    assert "not yet checked by a clinician" in page
    row = page.split(">benzodiazepines<")[1].split("</tr>")[0]
    assert all(author in row for author in ("Andrashko", "Feeney", "Diekamp"))


def test_readings_that_no_simulated_patient_could_show_count_in_part_and_say_so():
    asked = Question(
        70.0,
        ((0.0, 52.5),),
        40.0,
        (40.0,),
        seed=1,
        seen=tuple(Observation(m / 60, Kind.SYSTOLIC, 300.0) for m in range(5, 60)),
    )
    answer = predict(asked)

    assert answer.effective_people >= 0.19 * 600
    assert answer.person["systolic_rise_mmhg"]["p95"][0] > answer.population["systolic_rise_mmhg"]["p95"][0]
