"""What a referral says becomes values; what is not understood is listed with its reason; nothing is guessed."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.doors.fhir import bundles

from openketamine.clinic.people.models import HistoryKind, Sex
from openketamine.doors.fhir.bundle import BundleError, Referral, read


def said(*resources, person=None):
    return read(bundles.referral(*resources, person=person)).said


def reasons(*resources, person=None):
    return {row.what: row.why for row in read(bundles.referral(*resources, person=person)).not_understood}


def test_the_person_is_named_by_the_official_name_and_the_record_number():
    person = read(bundles.referral()).person

    assert (person.given_name, person.family_name) == ("Synthia000 Maria000", "Testperson000")
    assert (person.born_on.isoformat(), person.sex, person.phone) == ("1979-04-17", Sex.FEMALE, "555-000-0000")
    assert person.identifiers[0] == ("http://hospital.smarthealthit.org", "MR-0c3fe04d")


def test_a_social_security_number_is_never_kept_and_the_list_says_so():
    referral = read(bundles.referral())

    assert "999-00-0000" not in str(referral)
    assert "Patient.identifier" in {row.what for row in referral.not_understood}


def test_a_whole_referral_becomes_statements_in_its_own_words():
    rows = [(one.kind, one.words, one.value, one.unit, one.status, one.since) for one in said()]

    assert rows == [
        (HistoryKind.CONDITION, "Hypertension", "", "", "active/confirmed", "2011-06-02T08:11:04-04:00"),
        (
            HistoryKind.MEDICATION,
            "lisinopril 10 MG Oral Tablet",
            "one tablet a day",
            "",
            "active",
            "2020-01-03T09:00:00Z",
        ),
        (HistoryKind.ALLERGY, "Penicillin", "Eruption of skin", "", "active/confirmed", "1985-02-01"),
        (HistoryKind.OBSERVATION, "Body Weight", "71.4", "kg", "final", "2026-02-01T10:00:00Z"),
        (HistoryKind.OBSERVATION, "Diastolic Blood Pressure", "81", "mm[Hg]", "final", "2026-02-01T10:00:00Z"),
        (HistoryKind.OBSERVATION, "Systolic Blood Pressure", "131", "mm[Hg]", "final", "2026-02-01T10:00:00Z"),
    ]


def test_what_is_not_read_here_is_counted_by_kind():
    rows = {(row.what, row.times) for row in read(bundles.referral()).not_understood}

    assert ("Procedure", 2) in rows
    assert ("Patient.address", 1) in rows


def test_the_digits_of_a_number_stay_as_they_were_written():
    text = bundles.referral(bundles.weight()).replace(b"71.4,", b"71.40,")

    assert read(text).said[0].value == "71.40"


@pytest.mark.parametrize(
    ("resource", "where", "why"),
    [
        (bundles.weight(status="entered-in-error"), "Observation.status", "is entered-in-error: not recorded"),
        ({**bundles.weight(), "valueQuantity": {}}, "Observation.value[x]", "valueQuantity is not read"),
        (bundles.weight(modifierExtension=[{"url": "x"}]), "Observation.modifierExtension", "changes the meaning"),
        (bundles.weight(subject={"reference": "Patient/other"}), "Observation.subject", "is not the patient"),
        (bundles.weight(effectiveDateTime="last week"), "Observation.effectiveDateTime", "is not a date"),
        (bundles.lisinopril(doNotPerform=True), "MedicationRequest.doNotPerform", "is not to be given"),
        (bundles.lisinopril(status="draft"), "MedicationRequest.status", "is draft"),
        (bundles.lisinopril(medicationCodeableConcept={}), "MedicationRequest.medication[x]", "names no medicine"),
        ({**bundles.hypertension(), "verificationStatus": bundles.status("refuted")}, "Condition.verificationStatus", "refuted"),
    ],
)  # fmt: skip
def test_what_the_sender_takes_back_or_qualifies_is_listed_and_not_recorded(resource, where, why):
    assert said(resource) == ()
    assert why in reasons(resource)[where]


def test_a_dose_that_is_given_in_no_words_is_left_out_and_the_medicine_stays():
    resource = bundles.lisinopril(dosageInstruction=[{"doseAndRate": [{"doseQuantity": {"value": 1}}]}])

    assert [(one.words, one.value) for one in said(resource)] == [("lisinopril 10 MG Oral Tablet", "")]
    assert "without its dose" in reasons(resource)["MedicationRequest.dosage"]


def test_a_medicine_by_reference_is_found_in_the_bundle():
    held = {"resourceType": "Medication", "id": "m1", "code": bundles.coding(bundles.RXNORM, "36437", "sertraline")}
    asked = bundles.lisinopril()
    del asked["medicationCodeableConcept"]
    by_reference = {**asked, "medicationReference": {"reference": "Medication/m1"}}
    contained = {**asked, "contained": [held], "medicationReference": {"reference": "#m1"}}

    assert [one.words for one in said(held, by_reference)] == ["sertraline"]
    assert [one.words for one in said(contained)] == ["sertraline"]


def test_a_unit_that_is_no_ucum_code_stays_with_the_number_as_words():
    resource = bundles.weight(valueQuantity={"value": 5, "unit": "mcg per dose"})

    assert [(one.value, one.unit) for one in said(resource)] == [("5 mcg per dose", "")]


def test_a_comparator_stays_with_its_number():
    resource = bundles.weight(valueQuantity={**bundles.quantity(5, "U/L"), "comparator": "<"})

    assert [(one.value, one.unit) for one in said(resource)] == [("<5", "U/L")]


def test_a_birth_date_that_is_only_a_year_is_unknown_and_no_day_is_made_up():
    assert read(bundles.referral(person=bundles.patient(birthDate="1979"))).person.born_on is None


def test_a_person_who_has_died_is_said_to_have_died():
    assert read(bundles.referral(person=bundles.patient(deceasedDateTime="2025-01-01T00:00:00Z"))).died


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"a": 1, "a": 2}', "given twice"),
        (b'{"a": NaN}', "not a number"),
        (b'{"a": 1e999999999}', "not a number that anybody measures"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no FHIR Bundle"),
        (b'{"resourceType": "Patient"}', "no FHIR Bundle"),
        (b'{"resourceType": "Bundle", "entry": {}}', "must be a list"),
        (b'{"resourceType": "Bundle", "entry": [{}]}', "entry[0] holds no resource"),
        (b'{"resourceType": "Bundle", "entry": []}', "0 patients"),
        (bundles.referral(bundles.patient()), "2 patients"),
        (bundles.referral(person=bundles.patient(name=[])), "Patient.name has no family name"),
        (bundles.referral(person=bundles.patient(birthDate="1979-13-45")), "Patient.birthDate"),
        (b" " * (32 * 1024 * 1024 + 1), "larger than 32 MB"),
    ],
)
def test_a_file_that_cannot_be_a_referral_is_refused_in_one_sentence(content, why):
    with pytest.raises(BundleError, match=r"^[^\n]+$") as refused:
        read(content)

    assert why in str(refused.value).replace("Patient.name: has", "Patient.name has")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9, allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["coding", "code", "text", "value", "start"]), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
ELEMENTS = (
    "code", "subject", "patient", "status", "identifier", "valueQuantity", "valueString", "component", "onsetDateTime", "reaction",
    "medicationCodeableConcept", "medicationReference", "dosageInstruction", "clinicalStatus", "id", "contained", "intent", "name", "gender",
    "telecom", "birthDate",
)  # fmt: skip


@given(
    kind=st.sampled_from(["Condition", "AllergyIntolerance", "MedicationRequest", "Observation", "Patient", "Thing"]),
    element=st.sampled_from(ELEMENTS), content=JSON,
)  # fmt: skip
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_in_an_element_the_answer_is_a_referral_or_one_sentence(kind, element, content):
    whole = {
        "Condition": bundles.hypertension, "AllergyIntolerance": bundles.penicillin, "MedicationRequest": bundles.lisinopril,
        "Observation": bundles.weight, "Patient": bundles.patient, "Thing": lambda: {"resourceType": "Thing"},
    }[kind]()  # fmt: skip
    broken = {**whole, element: content}
    text = bundles.referral(person=broken) if kind == "Patient" else bundles.referral(broken)

    with suppress(BundleError):
        assert isinstance(read(text), Referral)
