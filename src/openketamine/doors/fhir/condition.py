"""Condition: a diagnosis or problem that another record names."""

from openketamine.clinic.people.history import Statement
from openketamine.clinic.people.models import HistoryKind
from openketamine.doors.fhir.values import FhirReadError, Json, child, code_of, coded, concept, moment, words

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
NOT_SO = frozenset({"refuted", "entered-in-error"})


def from_fhir(resource: Json, key: str) -> Statement:
    """Read a Condition; raises FhirReadError when it names nothing, is refuted or was entered in error."""
    system, code, said = coded(child(resource, "code"))
    if not said:
        raise FhirReadError("Condition.code", "names nothing")
    status = standing(resource, "Condition")
    since, _end = moment(resource, "onset")
    until, _end = moment(resource, "abatement")
    return Statement(
        HistoryKind.CONDITION, key, said, system, code, status, since=since, until=until,
        value="" if since else words(resource, "onsetString")[:300],
    )  # fmt: skip


def to_fhir(said: Statement, *, resource_id: str, subject: str) -> Json:
    """Write a Condition."""
    clinical, _, verification = said.status.partition("/")
    written: Json = {
        "resourceType": "Condition", "id": resource_id, "subject": {"reference": subject},
        "code": concept(said.system, said.code, said.words),
    }  # fmt: skip
    if clinical:
        written["clinicalStatus"] = {"coding": [{"system": CLINICAL, "code": clinical}]}
    if verification:
        written["verificationStatus"] = {"coding": [{"system": VERIFICATION, "code": verification}]}
    written |= {"onsetDateTime": said.since} if said.since else {"onsetString": said.value} if said.value else {}
    return written | ({"abatementDateTime": said.until} if said.until else {})


def standing(resource: Json, name: str) -> str:
    """Return clinical and verification status as one word each; raises FhirReadError for what the sender takes back."""
    verification = code_of(child(resource, "verificationStatus"))
    if verification in NOT_SO:
        raise FhirReadError(f"{name}.verificationStatus", f"is {verification}: not recorded")
    clinical = code_of(child(resource, "clinicalStatus"))
    return f"{clinical}/{verification}" if verification else clinical
