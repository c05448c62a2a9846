"""Patient: who a bundle is about."""

from datetime import date

from openketamine.clinic.people.history import Person
from openketamine.clinic.people.models import Sex
from openketamine.doors.fhir.values import FhirReadError, Json, child, code_of, listed, words

NEVER_KEPT_SYSTEMS = frozenset({"http://hl7.org/fhir/sid/us-ssn"})
NEVER_KEPT_TYPES = frozenset({"SS"})
"""Social security numbers: nobody needs them here."""
MEDICAL_RECORD = "MR"
NAME_ORDER = ("official", "usual", "")
WHOLE_DATE = 10
LONGEST_NAME = 80


def from_fhir(resource: Json) -> Person:
    """Read a Patient; raises FhirReadError when nobody is named."""
    name = _name(listed(resource, "name"))
    parts = name.get("given", [])
    given = " ".join(words({"given": part}, "given") for part in parts) if isinstance(parts, list) else ""
    family = words(name, "family") or words(name, "text")
    if not family:
        raise FhirReadError("Patient.name", "has no family name")
    phones = [words(one, "value") for one in listed(resource, "telecom") if one.get("system") == "phone"]
    return Person(
        given[:LONGEST_NAME], family[:LONGEST_NAME], born_on(resource), _sex(resource), (phones or [""])[0][:40], _identifiers(resource),
    )  # fmt: skip


def to_fhir(person: Person, *, resource_id: str) -> Json:
    """Write a Patient."""
    written: Json = {
        "resourceType": "Patient", "id": resource_id,
        "name": [{"use": "official", "family": person.family_name, **({"given": [person.given_name]} if person.given_name else {})}],
        "gender": person.sex.value,
    }  # fmt: skip
    if person.born_on is not None:
        written["birthDate"] = person.born_on.isoformat()
    if person.identifiers:
        written["identifier"] = [{"system": system, "value": value} for system, value in person.identifiers]
    if person.phone:
        written["telecom"] = [{"system": "phone", "value": person.phone}]
    return written


def born_on(resource: Json) -> date | None:
    """Return the birth date, None when it is absent or only a year or month; raises FhirReadError for no date at all."""
    text = words(resource, "birthDate")
    if len(text) < WHOLE_DATE:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FhirReadError("Patient.birthDate", "is not a day of the calendar") from error


def died(resource: Json) -> bool:
    """Say whether the sender says that this person has died."""
    return bool(resource.get("deceasedDateTime")) or resource.get("deceasedBoolean") is True


def _name(names: list[Json]) -> Json:
    """Return the official name, else the usual one, else the first that is no old or maiden name."""
    for use in NAME_ORDER:
        for one in names:
            if one.get("use", "") == use:
                return one
    return next((one for one in names if one.get("use") not in {"old", "maiden"}), {})


def _sex(resource: Json) -> Sex:
    gender = words(resource, "gender")
    return Sex(gender) if gender in {"female", "male"} else Sex.UNKNOWN


def _identifiers(resource: Json) -> tuple[tuple[str, str], ...]:
    """Return system and value of each identifier we keep, the medical record number first."""
    kept = [
        one
        for one in listed(resource, "identifier")
        if words(one, "system")
        and words(one, "value")
        and words(one, "system") not in NEVER_KEPT_SYSTEMS
        and code_of(child(one, "type")) not in NEVER_KEPT_TYPES
    ]
    kept.sort(key=lambda one: code_of(child(one, "type")) != MEDICAL_RECORD)
    return tuple((words(one, "system")[:200], words(one, "value")[:200]) for one in kept)
