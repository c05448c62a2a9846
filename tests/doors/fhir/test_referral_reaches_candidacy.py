"""What a referral says stands where candidacy asks for it, marked as imported, with the sender's day."""

from datetime import date

import pytest
from tests.builders import AT, make_clinic
from tests.conformance.r4 import faults
from tests.doors.fhir import bundles

from openketamine.clinic.candidacy.models import FactRow, Listed, ListRow, Source
from openketamine.doors.fhir import actions, export
from openketamine.doors.fhir.actions import NewPatient

pytestmark = pytest.mark.django_db


def take_in(*resources):
    make_clinic()
    kept, _referral = actions.receive(bundles.referral(*resources), by="dora", at=AT)
    return actions.take_in(kept, whose=NewPatient(date(1979, 4, 17), "depression"), by="dora", at=AT).patient


def lines():
    return {(row.kind, row.name, row.none_known, row.source, row.by) for row in ListRow.objects.all()}


def test_conditions_medicines_and_allergies_become_lines_marked_as_imported():
    take_in(bundles.hypertension(), bundles.lisinopril(), bundles.penicillin())

    assert lines() == {
        (Listed.CONDITION, "Hypertension", False, Source.IMPORTED, "dora"),
        (Listed.MEDICINE, "lisinopril 10 MG Oral Tablet", False, Source.IMPORTED, "dora"),
        (Listed.ALLERGY, "Penicillin", False, Source.IMPORTED, "dora"),
    }


def test_a_medicine_that_is_over_without_an_end_is_not_listed_as_if_it_were_taken():
    take_in(bundles.lisinopril(status="stopped"))

    assert lines() == set()


def test_no_known_allergy_says_none_and_no_known_drug_allergy_does_not():
    none = {**bundles.penicillin(), "code": {"text": "No known allergy"}, "reaction": []}
    no_drug = {**bundles.penicillin(), "code": {"text": "No known drug allergy"}, "reaction": []}
    take_in(none, no_drug)

    assert lines() == {(Listed.ALLERGY, "", True, Source.IMPORTED, "dora")}


def test_a_pressure_answers_its_question_with_the_day_it_was_measured():
    take_in(bundles.pressure())

    assert {(row.code, row.value, row.source, row.observed_on) for row in FactRow.objects.all()} == {
        ("resting_systolic", 131.0, Source.IMPORTED, date(2026, 2, 1)),
        ("resting_diastolic", 81.0, Source.IMPORTED, date(2026, 2, 1)),
    }


@pytest.mark.parametrize(
    "changes",
    [{"status": "preliminary"}, {"effectiveDateTime": "2026"}, {"valueQuantity": bundles.quantity(17.4, "kPa")},
     {"valueQuantity": bundles.quantity(900, "mm[Hg]")}, {"valueQuantity": {**bundles.quantity(90, "mm[Hg]"), "comparator": "<"}}],
)  # fmt: skip
def test_a_value_without_day_unit_or_sense_answers_nothing(changes):
    pressure = {
        "code": bundles.coding(bundles.LOINC, "8480-6", "Systolic"),
        "valueQuantity": bundles.quantity(131, "mm[Hg]"),
    }
    patient = take_in(bundles.weight(**{**pressure, **changes}))

    assert FactRow.objects.count() == 0
    assert patient.history.count() == 1


def test_a_line_of_a_list_is_exported_as_what_it_is_with_how_it_is_known():
    patient = take_in(
        bundles.lisinopril(), {**bundles.penicillin(), "code": {"text": "No known allergy"}, "reaction": []}
    )
    lines = [one for one in export.resources(patient) if one["id"].startswith("candidacy-listrow")]

    assert {(one["resourceType"], said(one)) for one in lines} == {
        ("MedicationStatement", "lisinopril 10 MG Oral Tablet"),
        ("AllergyIntolerance", "No known allergy"),
    }
    assert all("imported from another system" in one["note"][0]["text"] for one in lines)
    assert [fault for one in lines for fault in faults(one)] == []


def said(resource):
    return (resource.get("code") or resource["medicationCodeableConcept"])["text"]
