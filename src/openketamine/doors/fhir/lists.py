"""Lines of candidacy's lists as Condition, MedicationStatement and AllergyIntolerance; "asked, and there is none" says so."""

from openketamine.clinic.candidacy.models import Listed, ListRow
from openketamine.clinic.people.history import Statement
from openketamine.clinic.people.models import HistoryKind
from openketamine.doors.fhir import allergy, condition, medication
from openketamine.doors.fhir.values import Json, row_id

KINDS = {
    Listed.CONDITION: (HistoryKind.CONDITION, condition.to_fhir, "resolved"),
    Listed.MEDICINE: (HistoryKind.MEDICATION, medication.to_fhir, "completed"),
    Listed.ALLERGY: (HistoryKind.ALLERGY, allergy.to_fhir, "resolved"),
}
NONE = {
    Listed.CONDITION: "No known condition",
    Listed.MEDICINE: "Takes no medicine",
    Listed.ALLERGY: "No known allergy",
}


def line_to_fhir(row: ListRow, *, subject: str) -> Json:
    """Write one line, with how it came to be known as a note."""
    kind, write, over = KINDS[Listed(row.kind)]
    said = Statement(
        kind, f"list-{row.pk}", NONE[Listed(row.kind)] if row.none_known else row.name, row.system, row.code,
        over if row.ended_on else "active", since="", until=row.ended_on.isoformat() if row.ended_on and kind is not HistoryKind.ALLERGY else "",
        value=row.detail if kind is HistoryKind.MEDICATION else "",
    )  # fmt: skip
    how = f"{row.get_source_display()} {row.source_detail}".strip()
    note = f"{how}, as of {row.observed_on.isoformat()}, written down by {row.by}"
    detail = f"{row.detail}; " if row.detail and kind is not HistoryKind.MEDICATION else ""
    return write(said, resource_id=row_id(row), subject=subject) | {"note": [{"text": detail + note}]}
