"""MedicationRequest and MedicationStatement: what another record says a person takes or was prescribed."""

from collections.abc import Callable

from openketamine.clinic.people.history import Statement
from openketamine.clinic.people.models import HistoryKind
from openketamine.doors.fhir.values import FhirReadError, Json, child, coded, concept, listed, moment, when, words

NEVER_TAKEN = frozenset({"entered-in-error", "cancelled", "draft"})
NOT_AN_ORDER = frozenset({"proposal", "option"})
Find = Callable[[Json, str], Json]
"""Finds the resource that a reference names, contained or in the bundle; empty when it is not there."""


def from_fhir(resource: Json, key: str, find: Find) -> Statement:
    """Read a MedicationRequest or MedicationStatement; raises FhirReadError for no name, a prohibition, or one never taken."""
    kind = resource["resourceType"]
    _refuse_what_was_never_taken(resource, kind)
    named = child(resource, "medicationCodeableConcept")
    if not named and resource.get("medicationReference"):
        named = child(find(resource, words(child(resource, "medicationReference"), "reference")), "code")
    system, code, said = coded(named)
    if not said:
        raise FhirReadError(f"{kind}.medication[x]", "names no medicine that is in the bundle")
    since, until = moment(resource, "effective")
    return Statement(
        HistoryKind.MEDICATION, key, said, system, code, words(resource, "status"), value=dosage(resource),
        since=since or when(resource, "authoredOn"), until=until,
    )  # fmt: skip


def to_fhir(said: Statement, *, resource_id: str, subject: str) -> Json:
    """Write a MedicationStatement."""
    written: Json = {
        "resourceType": "MedicationStatement", "id": resource_id, "status": said.status or "unknown",
        "medicationCodeableConcept": concept(said.system, said.code, said.words), "subject": {"reference": subject},
    }  # fmt: skip
    if said.until:
        written["effectivePeriod"] = {"end": said.until, **({"start": said.since} if said.since else {})}
    elif said.since:
        written["effectiveDateTime"] = said.since
    return written | ({"dosage": [{"text": said.value}]} if said.value else {})


def dosage(resource: Json) -> str:
    """Return the dose in the sender's words, empty when it is given in no words."""
    rows = listed(resource, "dosageInstruction") or listed(resource, "dosage")
    return "; ".join(said for said in (words(row, "text") for row in rows) if said)[:300]


def dose_was_left_out(resource: Json) -> bool:
    """Say whether a dose is there, but not in words."""
    rows = listed(resource, "dosageInstruction") or listed(resource, "dosage")
    return bool(rows) and not dosage(resource)


def _refuse_what_was_never_taken(resource: Json, kind: str) -> None:
    if resource.get("doNotPerform") is True:
        raise FhirReadError(f"{kind}.doNotPerform", "says that this medicine is not to be given: not recorded")
    for name, refused in (("status", NEVER_TAKEN), ("intent", NOT_AN_ORDER)):
        if words(resource, name) in refused:
            raise FhirReadError(f"{kind}.{name}", f"is {words(resource, name)}: not recorded")
