"""Referrals in the shape that Synthea gives them: a transaction of urn:uuid entries about one obviously synthetic person."""

import json
import uuid

SYNTHEA = "https://github.com/synthetichealth/synthea"
PATIENT = "urn:uuid:0c3fe04d-0000-4000-8000-000000000000"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def patient(**changes):
    return {
        "resourceType": "Patient", "id": "0c3fe04d-0000-4000-8000-000000000000",
        "identifier": [
            {"system": SYNTHEA, "value": "0c3fe04d"},
            {"type": {"coding": [{"code": "MR"}]}, "system": "http://hospital.smarthealthit.org", "value": "MR-0c3fe04d"},
            {"type": {"coding": [{"code": "SS"}]}, "system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-00-0000"},
        ],
        "name": [
            {"use": "maiden", "family": "Before000", "given": ["Synthia000"]},
            {"use": "official", "family": "Testperson000", "given": ["Synthia000", "Maria000"], "prefix": ["Ms."]},
        ],
        "telecom": [{"system": "phone", "value": "555-000-0000", "use": "home"}],
        "gender": "female", "birthDate": "1979-04-17", "address": [{"city": "Nowhere"}],
        **changes,
    }  # fmt: skip


def entry(resource, number):
    return {
        "fullUrl": f"urn:uuid:{uuid.UUID(int=number)}",
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def about(kind, **fields):
    """A resource about the patient of the bundle."""
    name = "patient" if kind == "AllergyIntolerance" else "subject"
    return {"resourceType": kind, name: {"reference": PATIENT}, **fields}


def coding(system, code, display):
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def status(word):
    return {"coding": [{"code": word}]}


def quantity(value, unit):
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def hypertension():
    return about(
        "Condition", code=coding(SNOMED, "38341003", "Hypertension"), clinicalStatus=status("active"),
        verificationStatus=status("confirmed"), onsetDateTime="2011-06-02T08:11:04-04:00",
    )  # fmt: skip


def lisinopril(**changes):
    return about(
        "MedicationRequest",
        **{"status": "active", "intent": "order", "authoredOn": "2020-01-03T09:00:00Z", "medicationCodeableConcept": coding(RXNORM, "314076", "lisinopril 10 MG Oral Tablet"),
           "dosageInstruction": [{"sequence": 1, "text": "one tablet a day"}], **changes},
    )  # fmt: skip


def penicillin():
    return about(
        "AllergyIntolerance", code=coding(SNOMED, "764146007", "Penicillin"), clinicalStatus=status("active"),
        verificationStatus=status("confirmed"), recordedDate="1985-02-01",
        reaction=[{"manifestation": [coding(SNOMED, "271807003", "Eruption of skin")]}],
    )  # fmt: skip


def weight(value=71.40, unit="kg", **changes):
    return about("Observation", **{
        "status": "final", "code": coding(LOINC, "29463-7", "Body Weight"), "effectiveDateTime": "2026-02-01T10:00:00Z",
        "valueQuantity": quantity(value, unit), **changes,
    })  # fmt: skip


def pressure():
    return about(
        "Observation", status="final", code=coding(LOINC, "85354-9", "Blood Pressure"), effectiveDateTime="2026-02-01T10:00:00Z",
        component=[
            {"code": coding(LOINC, "8462-4", "Diastolic Blood Pressure"), "valueQuantity": quantity(81, "mm[Hg]")},
            {"code": coding(LOINC, "8480-6", "Systolic Blood Pressure"), "valueQuantity": quantity(131, "mm[Hg]")},
        ],
    )  # fmt: skip


def referral(*resources, person=None):
    """Return the bytes of a bundle; without resources, of the whole referral."""
    said = resources or (
        hypertension(), lisinopril(), penicillin(), weight(), pressure(), {**about("Procedure"), "status": "completed"},
        {**about("Procedure"), "status": "completed"},
    )  # fmt: skip
    entries = [{"fullUrl": PATIENT, "resource": person or patient()}]
    entries += [entry(resource, number) for number, resource in enumerate(said, start=1)]
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()
