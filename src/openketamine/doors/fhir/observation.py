"""Observation: a vital sign, a laboratory value, a weight or height, a score: number with UCUM unit, or words."""

import re
from collections.abc import Iterator
from decimal import Decimal

from openketamine.clinic.people.history import Statement
from openketamine.clinic.people.models import HistoryKind
from openketamine.doors.fhir.values import UCUM, FhirReadError, Json, child, coded, concept, listed, moment, words

RECORDED = frozenset({"final", "amended", "corrected", "preliminary", "registered"})
NUMBER = re.compile(r"(<=|>=|<|>)?(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)")
PLAIN_UNIT = re.compile(r"[\x21-\x7e]+")
"""UCUM codes are printable ASCII without a space."""


def from_fhir(resource: Json, key: str) -> Iterator[Statement]:
    """Read an Observation, one statement for its value and one for each component; raises FhirReadError when there is none."""
    status = words(resource, "status")
    if status not in RECORDED:
        raise FhirReadError("Observation.status", f"is {status or 'missing'}: not recorded")
    parts = [
        (resource, key),
        *((row, f"{key}#{coded(child(row, 'code'))[1]}") for row in listed(resource, "component")),
    ]
    since, until = moment(resource, "effective")
    found = 0
    for part, name in parts:
        system, code, said = coded(child(part, "code"))
        value, unit = value_of(part)
        if value:
            if not said:
                raise FhirReadError("Observation.code", "names nothing")
            found += 1
            yield Statement(HistoryKind.OBSERVATION, name, said, system, code, status, value, unit, since, until)
    if not found:
        raise FhirReadError("Observation.value[x]", _why_nothing(resource))


def to_fhir(said: Statement, *, resource_id: str, subject: str) -> Json:
    """Write an Observation."""
    written: Json = {
        "resourceType": "Observation", "id": resource_id, "status": said.status, "subject": {"reference": subject},
        "code": concept(said.system, said.code, said.words), **value_to_fhir(said.value, said.unit),
    }  # fmt: skip
    if said.until:
        written["effectivePeriod"] = {"end": said.until, **({"start": said.since} if said.since else {})}
    elif said.since:
        written["effectiveDateTime"] = said.since
    return written


def value_of(part: Json) -> tuple[str, str]:
    """Return value and UCUM unit as text; a unit that is not UCUM stays with the value as words."""
    if "valueQuantity" in part:
        return _quantity(child(part, "valueQuantity"))
    if "valueCodeableConcept" in part:
        return coded(child(part, "valueCodeableConcept"))[2], ""
    for name in ("valueString", "valueDateTime"):
        if name in part:
            return words(part, name)[:300], ""
    for name in ("valueInteger", "valueBoolean"):
        if isinstance(part.get(name), int):
            return str(part[name]).lower(), ""
    return "", ""


def value_to_fhir(value: str, unit: str) -> Json:
    """Write a value: a Quantity when it is a number, else words."""
    number = NUMBER.fullmatch(value)
    if number is None:
        return {"valueString": value}
    quantity: Json = {"value": Decimal(number[2])}
    if number[1]:
        quantity["comparator"] = number[1]
    return {"valueQuantity": quantity | ({"unit": unit, "system": UCUM, "code": unit} if unit else {})}


def _quantity(quantity: Json) -> tuple[str, str]:
    number = quantity.get("value")
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        return "", ""
    text = words(quantity, "comparator") + (f"{number:f}" if isinstance(number, Decimal) else str(number))
    code = words(quantity, "code")
    if quantity.get("system") == UCUM and PLAIN_UNIT.fullmatch(code):
        return text, code[:40]
    return f"{text} {words(quantity, 'unit') or code}".strip()[:300], ""


def _why_nothing(resource: Json) -> str:
    named = next((name for name in resource if name.startswith("value")), "")
    if named:
        return f"{named} is not read"
    absent = coded(child(resource, "dataAbsentReason"))[2]
    return f"is absent ({absent})" if absent else "is absent"
