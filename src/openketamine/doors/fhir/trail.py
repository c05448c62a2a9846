"""Who did it: audit rows as AuditEvents, imports and signatures as Provenance; and any other row, word for word, as Basic."""

import base64
from collections.abc import Iterable

from django.db.models import Model

from openketamine.clinic.audit.archive import text_of
from openketamine.clinic.audit.models import Entry
from openketamine.clinic.audit.rows import columns, label
from openketamine.clinic.people.models import HistoryItem
from openketamine.clinic.recovery.models import Signature
from openketamine.doors.fhir.values import Json, coding, instant, row_id, row_reference

OWN_ACTION = "urn:openketamine:action"
OWN_ROW = "urn:openketamine:row"
OWN_COLUMN = "urn:openketamine:column"
SIGNATURE_TYPE = "urn:iso-astm:E1762-95:2013"
AUTHOR = "1.2.840.10065.1.12.1.1"
"""ASTM E1762: author's signature."""


def entry_to_fhir(row: Entry, *, subject: str) -> Json:
    """Write an audit row."""
    return {
        "resourceType": "AuditEvent", "id": row_id(row), "recorded": instant(row.at), "type": coding(OWN_ACTION, "action") | {"display": row.action},
        "agent": [{"who": {"display": row.by}, "requestor": True}], "source": {"observer": {"display": "OpenKetamine"}},
        "entity": [{"what": {"reference": subject}, **({"description": row.record} if row.record else {})}],
    }  # fmt: skip


def signature_to_fhir(row: Signature, *, subject: str) -> Json:
    """Write a signature over the record of an infusion."""
    return {
        "resourceType": "Provenance", "id": row_id(row), "target": [{"reference": row_reference(row.infusion)}, {"reference": subject}],
        "recorded": instant(row.at), "activity": {"text": "signed and locked"}, "agent": [{"who": {"display": row.by}}],
        "signature": [{
            "type": [coding(SIGNATURE_TYPE, AUTHOR)], "when": instant(row.at), "who": {"display": row.by},
            "data": base64.b64encode(bytes.fromhex(row.signature)).decode(),
        }],
    }  # fmt: skip


def imports_to_fhir(rows: Iterable[HistoryItem]) -> list[Json]:
    """Write who took in what and when, one Provenance for each import."""
    imports: dict[tuple[str, str], list[HistoryItem]] = {}
    for row in rows:
        imports.setdefault((instant(row.at), row.by), []).append(row)
    return [
        {
            "resourceType": "Provenance", "id": f"import-{items[0].pk}", "target": [{"reference": row_reference(item)} for item in items],
            "recorded": at, "activity": {"text": "imported"}, "agent": [{"who": {"display": by}}],
        }
        for (at, by), items in sorted(imports.items(), key=lambda one: one[1][0].pk)
    ]  # fmt: skip


def row_to_fhir(row: Model, *, subject: str) -> Json:
    """Write any row word for word: one extension for each column that holds something."""
    texts = ((field.attname, text_of(row, field)) for field in columns(type(row)))
    return {
        "resourceType": "Basic", "id": row_id(row), "code": {"coding": [coding(OWN_ROW, label(type(row)))]},
        "subject": {"reference": subject},
        "extension": [{"url": f"{OWN_COLUMN}:{name}", "valueString": text} for name, text in texts if text and text.strip()],
    }  # fmt: skip
