"""Reading the small parts of FHIR R4 that every resource shares, and writing them: codes, dates, identifiers, exact numbers."""

import json
import re
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from django.db.models import Model

Json = dict[str, Any]

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ROWS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:openketamine:row")
OWN_KEY = "urn:openketamine:key"
DATE_TIME = re.compile(
    r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9]))?)?)?"
)
NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")
TEXT = 300
LONGEST_NUMBER = 40
LARGEST_EXPONENT = 40
CODE = 60


class FhirReadError(ValueError):
    """A resource cannot be read; `path` names the first thing that is missing or is not what R4 says."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


def loads(text: str) -> Any:
    """Parse JSON with exact decimals; raises ValueError for a duplicate key, NaN, Infinity or an absurd number."""
    return json.loads(text, parse_float=_exact, parse_constant=_refuse, object_pairs_hook=_no_duplicates)


def dumps(value: Any) -> str:
    """Write canonical JSON: sorted keys, decimals to the digit as they are."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{dumps(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(dumps(one) for one in value) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, allow_nan=False)


def listed(resource: Json, name: str) -> list[Json]:
    """Return a repeating element as a list of objects; raises FhirReadError when it is something else."""
    value = resource.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise FhirReadError(f"{resource.get('resourceType', '')}.{name}", "must be a list of objects")
    return value


def child(resource: Json, name: str) -> Json:
    """Return an element that is an object, empty when absent; raises FhirReadError when it is something else."""
    value = resource.get(name, {})
    if not isinstance(value, dict):
        raise FhirReadError(f"{resource.get('resourceType', '')}.{name}", "must be an object")
    return value


def words(resource: Json, name: str) -> str:
    """Return a primitive that is text, empty when absent; raises FhirReadError when it is something else."""
    value, where = resource.get(name, ""), f"{resource.get('resourceType', '')}.{name}"
    if not isinstance(value, str) or NO_TEXT.search(value):
        raise FhirReadError(where, "must be text")
    if len(value) > TEXT:
        raise FhirReadError(where, f"is longer than {TEXT} characters: not recorded")
    return value.strip()


def coded(concept: Json) -> tuple[str, str, str]:
    """Return system, code and words of a CodeableConcept: its own text, else the first display, else the code."""
    codings = listed(concept, "coding")
    first = next((one for one in codings if one.get("code")), {})
    code = words(first, "code")
    said = words(concept, "text") or next((words(one, "display") for one in codings if one.get("display")), "") or code
    return words(first, "system")[:200], code[:CODE], said[:TEXT]


def concept(system: str, code: str, said: str) -> Json:
    """Write a CodeableConcept."""
    written: Json = {"text": said}
    if code:
        written["coding"] = [{"code": code, **({"system": system} if system else {})}]
    return written


def code_of(concept: Json) -> str:
    """Return the first code of a CodeableConcept, empty when it has none."""
    return next((words(one, "code") for one in listed(concept, "coding") if one.get("code")), "")


def when(resource: Json, name: str) -> str:
    """Return a date or date-time as written, empty when absent; raises FhirReadError when it is none."""
    value = resource.get(name, "")
    if value and not (isinstance(value, str) and DATE_TIME.fullmatch(value)):
        raise FhirReadError(f"{resource.get('resourceType', '')}.{name}", "is not a date")
    return str(value)


def moment(resource: Json, stem: str) -> tuple[str, str]:
    """Return start and end of an element that is a dateTime or a Period, as in `effective[x]`."""
    at = when(resource, f"{stem}DateTime") or when(resource, f"{stem}Instant")
    period = child(resource, f"{stem}Period")
    return at or when(period, "start"), when(period, "end")


def identifier_key(resource: Json, full_url: str) -> str:
    """Return the sender's own name for a resource: an identifier (system and value), else its address, else type and id."""
    for one in listed(resource, "identifier"):
        system, value = words(one, "system"), words(one, "value")
        if system == OWN_KEY:
            return value
        if system and value:
            return f"{resource['resourceType']}|{system}|{value}"[:TEXT]
    if full_url:
        return words({"fullUrl": full_url}, "fullUrl")
    if resource.get("id"):
        return f"{resource['resourceType']}/{words(resource, 'id')}"
    raise FhirReadError(f"{resource['resourceType']}.identifier", "has neither identifier nor id: cannot be told apart")


def coding(system: str, code: str) -> Json:
    """Write a Coding."""
    return {"system": system, "code": code}


def row_id(row: Model) -> str:
    """Return the id of the resource that stands for a row: table and key."""
    return f"{row._meta.label_lower.replace('.', '-')}-{row.pk}"


def row_address(name: str) -> str:
    """Return the address of a resource in a bundle, the same each time."""
    return f"urn:uuid:{uuid.uuid5(ROWS, name)}"


def row_reference(row: Model) -> str:
    """Return the address of the resource that stands for a row."""
    return row_address(row_id(row))


def instant(at: datetime) -> str:
    """Write an instant of UTC."""
    return at.isoformat().replace("+00:00", "Z")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> Json:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is given twice in one object")
    return value


def _exact(text: str) -> Decimal:
    """Return a decimal to the digit; one that would fill the memory when it is written out is no measurement."""
    number = Decimal(text)
    if len(text) > LONGEST_NUMBER or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"{text[:LONGEST_NUMBER]} is not a number that anybody measures")
    return number


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")
