"""What is known of a person now: answers, and what other records already answer, each with its source and day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openketamine.clinic.candidacy import history
from openketamine.clinic.candidacy.actions import rows_of
from openketamine.clinic.candidacy.models import FactRow, Listed, ListRow, Screen
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient
from openketamine.core.candidacy.facts import Fact, FactError, Value
from openketamine.evidence.medicines import interactions_of
from openketamine.evidence.protocols import Protocol

SCREENS = {"asq": "asq", "cssrs_screener": "c_ssrs"}


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A value (None: asked, not known), how it came to be known, the day on which it was so, and who wrote it down."""

    value: Value | None
    source: str
    observed_on: date
    by: str


def known_facts(patient: Patient, protocol: Protocol, on: date) -> dict[str, KnownFact]:
    """Return what is known of the facts of a protocol; of an answer and another record the later one counts.

    An answer that the protocol in force cannot read (its question has changed) is not known: it is asked again.
    """
    rows, found = rows_of(patient), {}
    for fact in protocol.facts:
        both = [one for one in (_answered(rows.get(fact.code)), _recorded(patient, fact)) if one]
        readable = [one for one in both if _reads(fact, one.value, on)]
        if readable:
            found[fact.code] = max(readable, key=lambda one: one.observed_on)
    return found


def values(known: Mapping[str, KnownFact]) -> dict[str, Value | None]:
    """Return the values alone, as an assessment takes them."""
    return {code: one.value for code, one in known.items()}


def _answered(row: FactRow | None) -> KnownFact | None:
    if row is None:
        return None
    told = ": ".join(part for part in (str(row.get_source_display()), row.source_detail) if part)
    return KnownFact(row.value, told, row.observed_on or row.at.date(), row.by)


def _recorded(patient: Patient, fact: Fact) -> KnownFact | None:
    kind, _, name = fact.comes_from.partition(":")
    if kind == "person":
        return KnownFact(patient.born_on.isoformat(), "date of birth", date.max, "")
    if kind in RECORDS:
        return RECORDS[kind](patient, name)
    failed = history.failed_known(patient) if kind == "history" else None
    return KnownFact(float(failed[0]), "treatment history", failed[1], "") if failed else None


def _scored(patient: Patient, name: str) -> KnownFact | None:
    row = Answers.objects.filter(patient=patient, instrument=name).exclude(score=None).order_by("-at", "-pk").first()
    return KnownFact(row.score, f"questionnaire {name}", row.at.date(), row.by) if row else None


def _screened(patient: Patient, _name: str) -> KnownFact | None:
    row = Screen.objects.filter(patient=patient).select_related("answers").first()
    return KnownFact(SCREENS[row.answers.instrument], "suicide screen", row.at.date(), row.by) if row else None


def _listed(patient: Patient, name: str) -> KnownFact | None:
    """Return yes when a medicine in the list answers the question; a list never says no."""
    for row in ListRow.objects.filter(patient=patient, kind=Listed.MEDICINE, ended_on=None).order_by("-pk"):
        if any(one.fact == name for one in interactions_of(row.name)):
            return KnownFact(True, f"listed medicine: {row.name}", row.observed_on, row.by)  # noqa: FBT003 - the value itself
    return None


RECORDS = {"score": _scored, "screen": _screened, "medicine": _listed}


def _reads(fact: Fact, value: Value | None, on: date) -> bool:
    try:
        fact.read(value, on)
    except FactError:
        return False
    return True
