"""Readings and scores as Observations, by LOINC code and UCUM unit; the codes stand in this table and nowhere else."""

from openketamine.clinic.candidacy.models import FactRow
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.monitoring.models import Reading
from openketamine.doors.fhir.observation import value_to_fhir
from openketamine.doors.fhir.values import LOINC, Json, coding, instant, row_id, row_reference

SIGNALS = {
    "heart_rate": ("8867-4",), "pulse_rate": ("8889-8",), "spo2": ("59408-5", "2708-6"), "respiratory_rate": ("9279-1",),
    "etco2": ("19891-1",), "temperature": ("8310-5",), "nibp_systolic": ("8480-6",), "nibp_diastolic": ("8462-4",),
    "nibp_mean": ("8478-0",), "abp_systolic": ("8480-6",), "abp_diastolic": ("8462-4",), "abp_mean": ("8478-0",),
    "o2_flow": ("3151-8",),
}  # fmt: skip
METHODS = {"nibp": "cuff (non-invasive)", "abp": "arterial line"}
SCORES = {"phq9": "44261-6", "gad7": "70274-6"}
OWN_SIGNAL = "urn:openketamine:signal"
OWN_FACT = "urn:openketamine:fact"
OWN_SCORE = "urn:openketamine:score"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def reading_to_fhir(row: Reading, *, subject: str) -> Json:
    """Write a reading: its value, or why there is none."""
    written = {
        **_observation(row, subject, "vital-signs"),
        "code": {
            "coding": [coding(OWN_SIGNAL, row.signal), *(coding(LOINC, code) for code in SIGNALS.get(row.signal, ()))],
            "text": row.signal.replace("_", " "),
        },
        "effectiveDateTime": instant(row.observed_at), "issued": instant(row.received_at),
        **({"device": {"reference": row_reference(row.device)}} if row.device else {"performer": [{"display": row.by or row.source}]}),
    }  # fmt: skip
    method = METHODS.get(row.signal.split("_")[0])
    if method:
        written["method"] = {"text": method}
    if row.value is not None:
        return (
            written
            | value_to_fhir(f"{row.value:.12g}", row.unit)
            | ({"note": [{"text": row.text}]} if row.text else {})
        )
    if row.text:
        return written | {"valueString": row.text}
    return written | {"dataAbsentReason": {"text": row.reason or "no value"}}


def fact_to_fhir(row: FactRow, *, subject: str) -> Json:
    """Write an answer to a question of candidacy; asked and not known says so."""
    written = {
        **_observation(row, subject, "survey"), "code": {"coding": [coding(OWN_FACT, row.code)], "text": row.code.replace("_", " ")},
        "effectiveDateTime": (row.observed_on or row.at.date()).isoformat(), "issued": instant(row.at), "performer": [{"display": row.by}],
    }  # fmt: skip
    if isinstance(row.value, bool):
        return written | {"valueBoolean": row.value}
    if row.value is None:
        return written | {"dataAbsentReason": {"text": "asked, not known"}}
    return written | value_to_fhir(f"{row.value:.12g}" if isinstance(row.value, int | float) else str(row.value), "")


def score_to_fhir(row: Answers, *, subject: str) -> Json:
    """Write the total of a questionnaire, derived from its answers."""
    loinc = [coding(LOINC, SCORES[row.instrument])] if row.instrument in SCORES else []
    return {
        **_observation(row, subject, "survey"), "id": f"{row_id(row)}-score",
        "code": {"coding": [coding(OWN_SCORE, row.instrument), *loinc], "text": f"{row.instrument} total"},
        "effectiveDateTime": instant(row.at), "derivedFrom": [{"reference": row_reference(row)}],
        **value_to_fhir(f"{row.score:.12g}", "{score}"),
        **({"interpretation": [{"text": row.band}]} if row.band else {}),
    }  # fmt: skip


def _observation(row: Reading | FactRow | Answers, subject: str, category: str) -> Json:
    return {
        "resourceType": "Observation", "id": row_id(row), "status": "final", "subject": {"reference": subject},
        "category": [{"coding": [coding(CATEGORY, category)]}],
    }  # fmt: skip
