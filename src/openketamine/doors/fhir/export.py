"""A patient's whole record as one R4 Bundle: a resource for every row, the same bytes each time."""

from collections.abc import Callable, Iterator
from typing import Any

from openketamine.clinic.audit.rows import label, rows
from openketamine.clinic.people.history import Person, Statement
from openketamine.clinic.people.models import HistoryItem, HistoryKind, Patient, Sex
from openketamine.doors.fhir import (
    allergy,
    condition,
    judgement,
    lists,
    medication,
    observation,
    patient,
    trail,
    treatment,
    vitals,
)
from openketamine.doors.fhir.values import OWN_KEY, Json, dumps, row_address, row_id, row_reference

OWN_PATIENT = "urn:openketamine:patient"
WRITERS: dict[str, Callable[..., Json | list[Json]]] = {
    "monitoring.reading": vitals.reading_to_fhir, "candidacy.factrow": vitals.fact_to_fhir,
    "candidacy.listrow": lists.line_to_fhir,
    "plan.course": treatment.course_to_fhir, "plan.order": treatment.order_to_fhir, "infusion.infusion": treatment.infusion_to_fhir,
    "infusion.infusionevent": treatment.event_to_fhir, "people.finding": judgement.finding_to_fhir,
    "monitoring.alarmevent": judgement.alarm_to_fhir, "candidacy.decision": judgement.decision_to_fhir,
    "tasks.task": judgement.task_to_fhir, "audit.entry": trail.entry_to_fhir, "recovery.signature": trail.signature_to_fhir,
}  # fmt: skip
"""What a table becomes; a row of any other table becomes a Basic resource that holds it word for word."""
HISTORY: dict[str, Callable[..., Json]] = {
    HistoryKind.CONDITION: condition.to_fhir, HistoryKind.MEDICATION: medication.to_fhir,
    HistoryKind.ALLERGY: allergy.to_fhir, HistoryKind.OBSERVATION: observation.to_fhir,
}  # fmt: skip


def bundle(person: Patient) -> bytes:
    """Return the bundle as canonical JSON."""
    entries = [{"fullUrl": row_address(one["id"]), "resource": one} for one in resources(person)]
    return (dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}) + "\n").encode()


def resources(person: Patient) -> Iterator[Json]:
    """Yield the patient first, then a resource for every row, then who took in what."""
    subject = row_reference(person)
    for row in sorted(rows(person), key=lambda row: not isinstance(row, Patient)):
        if label(type(row)) == "people.patient":
            yield _patient(person)
        elif isinstance(row, HistoryItem):
            yield history_to_fhir(row, subject=subject)
        elif label(type(row)) == "instruments.answers":
            yield from _answers(row, subject)
        else:
            written = WRITERS.get(label(type(row)), trail.row_to_fhir)(row, subject=subject)
            yield from written if isinstance(written, list) else [written]
    yield from trail.imports_to_fhir(person.history.order_by("pk"))


def history_to_fhir(row: HistoryItem, *, subject: str) -> Json:
    """Write what another record said, under that record's own key."""
    said = Statement(**{name: getattr(row, name) for name in Statement.__slots__} | {"kind": HistoryKind(row.kind)})
    return HISTORY[row.kind](said, resource_id=row_id(row), subject=subject) | {
        "identifier": [{"system": OWN_KEY, "value": row.key}]
    }


def _patient(row: Patient) -> Json:
    pairs = [(one.system, one.value) for one in row.identifiers.all()]
    person = Person(
        row.given_name, row.family_name, row.born_on, Sex(row.sex), row.phone, ((OWN_PATIENT, row.reference), *pairs)
    )
    return patient.to_fhir(person, resource_id=row_id(row))


def _answers(row: Any, subject: str) -> list[Json]:
    written = [judgement.answers_to_fhir(row, subject=subject)]
    return written if row.score is None else [*written, vitals.score_to_fhir(row, subject=subject)]
