"""AllergyIntolerance: what another record says a person does not tolerate. "No known allergy" is a statement like any other."""

from openketamine.clinic.people.history import Statement
from openketamine.clinic.people.models import HistoryKind
from openketamine.doors.fhir.condition import standing
from openketamine.doors.fhir.values import FhirReadError, Json, child, coded, concept, listed, moment, when

CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"


def from_fhir(resource: Json, key: str) -> Statement:
    """Read an AllergyIntolerance; raises FhirReadError when it names nothing, is refuted or was entered in error."""
    system, code, said = coded(child(resource, "code"))
    if not said:
        raise FhirReadError("AllergyIntolerance.code", "names nothing")
    reactions = [
        coded(one)[2] for reaction in listed(resource, "reaction") for one in listed(reaction, "manifestation")
    ]
    since, _end = moment(resource, "onset")
    return Statement(
        HistoryKind.ALLERGY, key, said, system, code, standing(resource, "AllergyIntolerance"),
        value="; ".join(reaction for reaction in reactions if reaction)[:300], since=since or when(resource, "recordedDate"),
    )  # fmt: skip


def to_fhir(said: Statement, *, resource_id: str, subject: str) -> Json:
    """Write an AllergyIntolerance."""
    clinical, _, verification = said.status.partition("/")
    written: Json = {
        "resourceType": "AllergyIntolerance", "id": resource_id, "patient": {"reference": subject},
        "code": concept(said.system, said.code, said.words),
    }  # fmt: skip
    if clinical:
        written["clinicalStatus"] = {"coding": [{"system": CLINICAL, "code": clinical}]}
    if verification:
        written["verificationStatus"] = {"coding": [{"system": VERIFICATION, "code": verification}]}
    if said.value:
        written["reaction"] = [{"manifestation": [{"text": said.value}]}]
    return written | ({"recordedDate": said.since} if said.since else {})
