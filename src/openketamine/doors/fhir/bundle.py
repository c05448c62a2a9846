"""A referral as an R4 Bundle: one person, and what is said of them. What is not understood is listed, never dropped in silence."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from openketamine.clinic.people.history import Person, Statement
from openketamine.doors.fhir import allergy, condition, medication, observation, patient
from openketamine.doors.fhir.values import FhirReadError, Json, child, identifier_key, listed, loads, words

LARGEST_BYTES = 32 * 1024 * 1024
MOST_ENTRIES = 50_000
READ = ("Patient", "Condition", "AllergyIntolerance", "MedicationRequest", "MedicationStatement", "Observation")
SHOWN = 80


class BundleError(ValueError):
    """The file is no bundle about one person; the message says what it is and what to do. Nothing was recorded."""


@dataclass(frozen=True, slots=True, order=True)
class NotUnderstood:
    """What was left out: which element, why, and how often."""

    what: str
    why: str
    times: int


@dataclass(frozen=True, slots=True)
class Referral:
    """A bundle as our values."""

    person: Person
    said: tuple[Statement, ...]
    not_understood: tuple[NotUnderstood, ...]
    died: bool


def read(content: bytes) -> Referral:
    """Read a bundle; raises BundleError in one sentence when it is too large, malformed, or not about exactly one person."""
    entries = _entries(_json(content))
    people = [one for _url, one in entries if one["resourceType"] == "Patient"]
    if len(people) != 1:
        raise BundleError(
            _("The bundle holds %(n)s patients, a referral is one: export one person and try again")
            % {"n": len(people)}
        )
    try:
        person = patient.from_fhir(people[0])
    except FhirReadError as error:
        raise BundleError(_("%(what)s: ask the sender, or type the referral") % {"what": error}) from error
    left_out: Counter[tuple[str, str]] = Counter(_of_person(people[0]))
    said = tuple(_statements(entries, left_out))
    rows = tuple(sorted(NotUnderstood(what, why, times) for (what, why), times in left_out.items()))
    return Referral(person, said, rows, patient.died(people[0]))


def _json(content: bytes) -> Json:
    if len(content) > LARGEST_BYTES:
        raise BundleError(
            _("The file is larger than %(most)s MB: export one person and try again")
            % {"most": LARGEST_BYTES // 1024**2}
        )
    try:
        value = loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        said = _("The file is not JSON (%(why)s): export it again as FHIR R4 JSON")
        raise BundleError(said % {"why": str(error)[:SHOWN]}) from error
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        raise BundleError(_("The file is no FHIR Bundle (resourceType is not Bundle): export it again as an R4 Bundle"))
    return value


def _entries(bundle: Json) -> list[tuple[str, Json]]:
    """Return address and resource of each entry."""
    try:
        rows = listed(bundle, "entry")
    except FhirReadError as error:
        raise BundleError(_("%(what)s: export it again as an R4 Bundle") % {"what": error}) from error
    if len(rows) > MOST_ENTRIES:
        said = _("The bundle has %(n)s entries, %(most)s are read: export less history")
        raise BundleError(said % {"n": len(rows), "most": MOST_ENTRIES})
    found = []
    for number, row in enumerate(rows):
        resource, url = row.get("resource"), row.get("fullUrl", "")
        if (
            not isinstance(resource, dict)
            or not isinstance(resource.get("resourceType"), str)
            or not isinstance(url, str)
        ):
            said = _("entry[%(n)s] holds no resource: export it again as an R4 Bundle")
            raise BundleError(said % {"n": number})
        found.append((url, resource))
    return found


def _statements(entries: list[tuple[str, Json]], left_out: Counter[tuple[str, str]]) -> Iterator[Statement]:
    known = {url: one for url, one in entries if url}
    known |= {f"{one['resourceType']}/{one['id']}": one for _url, one in entries if isinstance(one.get("id"), str)}
    about = next(_names(url, one) for url, one in entries if one["resourceType"] == "Patient")
    for url, resource in entries:
        kind = resource["resourceType"]
        if kind not in READ:
            left_out[kind[:SHOWN], "not read here"] += 1
        elif kind != "Patient":
            try:
                yield from _read(url, resource, known, about)
                if kind.startswith("Medication") and medication.dose_was_left_out(resource):
                    left_out[f"{kind}.dosage", "is given in no words: the medicine is recorded without its dose"] += 1
            except FhirReadError as error:
                left_out[error.path[:SHOWN], error.why[:SHOWN]] += 1


def _read(url: str, resource: Json, known: dict[str, Json], about: frozenset[str]) -> list[Statement]:
    """Return what one resource says; modifier extensions change its meaning in a way we do not know, so it is refused."""
    kind = resource["resourceType"]
    for name in ("modifierExtension", "implicitRules"):
        if resource.get(name):
            raise FhirReadError(f"{kind}.{name}", "changes the meaning in a way that is not read here: not recorded")
    whose = words(child(resource, "patient" if kind == "AllergyIntolerance" else "subject"), "reference")
    if whose not in about:
        raise FhirReadError(f"{kind}.subject", "is not the patient of this bundle: not recorded")
    key = identifier_key(resource, url)
    if kind == "Condition":
        return [condition.from_fhir(resource, key)]
    if kind == "AllergyIntolerance":
        return [allergy.from_fhir(resource, key)]
    if kind == "Observation":
        return list(observation.from_fhir(resource, key))
    return [medication.from_fhir(resource, key, lambda one, reference: _find(one, reference, known))]


def _find(resource: Json, reference: str, known: dict[str, Json]) -> Json:
    if reference.startswith("#"):
        return next((one for one in listed(resource, "contained") if one.get("id") == reference[1:]), {})
    return known.get(reference, {})


def _names(url: str, resource: Json) -> frozenset[str]:
    """Return every way in which this bundle may refer to its patient."""
    return frozenset(name for name in (url, f"Patient/{resource.get('id')}") if name)


def _of_person(resource: Json) -> list[tuple[str, str]]:
    """Return what of the patient is not kept."""
    found = [
        (f"Patient.{name}", "not kept here") for name in ("address", "maritalStatus", "contact") if name in resource
    ]
    if words(resource, "gender") not in {"", "female", "male", "unknown"}:
        found.append(("Patient.gender", "is neither female nor male here: recorded as not recorded"))
    kept = patient.from_fhir(resource).identifiers
    if len(kept) < len(listed(resource, "identifier")):
        found.append(("Patient.identifier", "social security numbers and identifiers without a system are not kept"))
    return found
