"""An infusion as Encounter, MedicationRequest, MedicationAdministration and Observations of what the pump was set to."""

from datetime import datetime

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.monitoring.seats import sat_on
from openketamine.clinic.plan.models import Course, Order
from openketamine.core.infusion.events import Course as Events
from openketamine.core.infusion.events import Phase
from openketamine.doors.fhir.observation import value_to_fhir
from openketamine.doors.fhir.values import UCUM, Json, coding, instant, row_id, row_reference

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
OWN_EVENT = "urn:openketamine:event"
KETAMINE = {"text": "ketamine (racemate, free base)"}
ENCOUNTER = {
    Phase.ARRIVED: "arrived", Phase.CHECKED: "arrived", Phase.READY: "arrived", Phase.INFUSING: "in-progress", Phase.PAUSED: "in-progress",
    Phase.RECOVERING: "in-progress", Phase.DISCHARGED: "finished", Phase.LEFT: "finished", Phase.TRANSFERRED: "finished",
    Phase.SIGNED: "finished", Phase.CANCELLED: "cancelled",
}  # fmt: skip
GIVEN = {
    Phase.INFUSING: "in-progress",
    Phase.PAUSED: "on-hold",
    Phase.CANCELLED: "stopped",
    Phase.TRANSFERRED: "stopped",
}


def course_to_fhir(row: Course, *, subject: str) -> Json:
    """Write a planned course."""
    return {
        "resourceType": "CarePlan", "id": row_id(row), "status": "active", "intent": "plan", "subject": {"reference": subject},
        "created": instant(row.at), "title": f"{row.infusions} infusions, {row.dose_mg_per_kg} mg/kg over {row.duration_min} min",
        "note": [{"text": f"regimen {row.regimen}, SHA-256 {row.regimen_sha256}; planned by {row.by}"}],
    }  # fmt: skip


def order_to_fhir(row: Order, *, subject: str) -> Json:
    """Write a signed order: dose, bag, rate and the weight that it was reckoned for."""
    return {
        "resourceType": "MedicationRequest", "id": row_id(row), "status": "active", "intent": "order", "subject": {"reference": subject},
        "medicationCodeableConcept": KETAMINE, "authoredOn": instant(row.at), "requester": {"display": row.by},
        "basedOn": [{"reference": row_reference(row.planned.course)}],
        "dosageInstruction": [{
            "text": "; ".join(row.arithmetic), "route": {"text": "intravenous"},
            "doseAndRate": [{"doseQuantity": _quantity(str(row.dose_mg), "mg"), "rateQuantity": _quantity(str(row.rate_ml_per_h), "mL/h")}],
        }],
        "note": [{"text": f"weight {row.weight_kg} kg, {row.dose_mg_per_kg} mg/kg, {row.concentration_mg_per_ml} mg/mL, bag {row.bag_ml} mL"}],
    }  # fmt: skip


def infusion_to_fhir(row: Infusion, *, subject: str) -> list[Json]:
    """Write a session and, once something was given, the drug given in it."""
    course = queries.course_of(row)
    encounter: Json = {
        "resourceType": "Encounter", "id": row_id(row), "status": ENCOUNTER[course.phase], "class": coding(ACT_CODE, "AMB"),
        "subject": {"reference": subject}, "period": _period(row.opened_at, row.closed_at),
        "identifier": [{"system": "urn:openketamine:session", "value": row.reference}],
        "participant": _participants(row), "location": _locations(row),
    }  # fmt: skip
    return [encounter, _given(row, course, subject)] if course.started_at else [encounter]


def _participants(row: Infusion) -> list[Json]:
    """Name who looked after the chair; where others took over each with its time."""
    nurses = queries.nurses_of(row)
    if len(nurses) == 1:
        return [{"individual": {"display": row.nurse}}]
    ends = [*(since for _name, since in nurses[1:]), row.closed_at]
    return [
        {"individual": {"display": name}, "period": _period(since, until)}
        for (name, since), until in zip(nurses, ends, strict=True)
    ]


def _locations(row: Infusion) -> list[Json]:
    """Name the chair; of a session that moved each chair with its time."""
    chairs = sat_on(row.watch)
    if len(chairs) == 1:
        return [{"location": {"display": str(row.watch.chair)}}]
    return [{"location": {"display": str(chair)}, "period": _period(seat.since, seat.until)} for chair, seat in chairs]


def event_to_fhir(row: InfusionEvent, *, subject: str) -> Json:
    """Write one recorded step: a drug given besides, or what was done at the pump. A corrected step was entered in error."""
    corrected = hasattr(row, "voided_by")
    common: Json = {"id": row_id(row), "subject": {"reference": subject}, "note": _notes(row)}
    if row.kind == "drug_given":
        return common | {
            "resourceType": "MedicationAdministration", "status": "entered-in-error" if corrected else "completed",
            "medicationCodeableConcept": {"text": row.says or "not named"}, "effectiveDateTime": instant(row.at),
            "context": {"reference": row_reference(row.infusion)}, "performer": [{"actor": {"display": row.by}}],
            **({"dosage": {"text": row.dose}} if row.dose else {}),
        }  # fmt: skip
    return common | {
        "resourceType": "Observation", "status": "entered-in-error" if corrected else "final",
        "code": {"coding": [coding(OWN_EVENT, row.kind)], "text": row.kind.replace("_", " ")},
        "effectiveDateTime": instant(row.at), "issued": instant(row.recorded_at), "performer": [{"display": row.by}],
        "encounter": {"reference": row_reference(row.infusion)}, **_value(row),
    }  # fmt: skip


def _given(row: Infusion, course: Events, subject: str) -> Json:
    start, end = course.started_at, course.stopped_at
    mg = queries.given_mg(row, course, end) if end else None
    doubt = queries.doubt(instant(course.doubtful_from)) if course.doubtful_from else ""
    return {
        "resourceType": "MedicationAdministration", "id": f"{row_id(row)}-given", "status": GIVEN.get(course.phase, "completed"),
        "medicationCodeableConcept": KETAMINE, "subject": {"reference": subject}, "context": {"reference": row_reference(row)},
        "request": {"reference": row_reference(row.order)}, "effectivePeriod": _period(start, end),
        **({} if mg is None else {"dosage": _dosage(f"{mg:f}", doubt)}), **({"note": [{"text": doubt}]} if doubt else {}),
    }  # fmt: skip


def _dosage(mg: str, doubt: str) -> Json:
    """Write what the drug book posts as given, and what is not known of it."""
    return {**({"text": doubt} if doubt else {}), "dose": _quantity(mg, "mg"), "route": {"text": "intravenous"}}


def _value(row: InfusionEvent) -> Json:
    if row.rate_ml_per_h is not None:
        return value_to_fhir(f"{row.rate_ml_per_h:.12g}", "mL/h")
    if row.delivered_ml is not None:
        return value_to_fhir(f"{row.delivered_ml:.12g}", "mL")
    return {"valueString": row.says} if row.says else {}


def _notes(row: InfusionEvent) -> list[Json]:
    said = [
        f"event {row.number}",
        row.says,
        row.although_said,
        _corrects(row),
    ]
    return [{"text": text} for text in said if text]


def _corrects(row: InfusionEvent) -> str:
    """Say which event a row puts right, what stood there and what stands now, and why."""
    if row.voids is None:
        return ""
    changed = row.replaced_with(lambda at, _beside: instant(at))
    return f"corrects event {row.voids.number}" + "".join(
        (f": {changed}" if changed else "", f"; {row.reason}" if row.reason else "")
    )


def _period(start: datetime | None, end: datetime | None) -> Json:
    return {name: instant(at) for name, at in (("start", start), ("end", end)) if at is not None}


def _quantity(number: str, unit: str) -> Json:
    return dict(value_to_fhir(number, unit)["valueQuantity"]) | {"system": UCUM}
