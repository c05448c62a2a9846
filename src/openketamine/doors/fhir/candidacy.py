"""What a referral says, where candidacy asks for it: lines of its lists, and answers to its questions, marked as imported."""

from datetime import date, datetime

from openketamine.clinic.candidacy import actions as candidacy
from openketamine.clinic.candidacy.models import Listed, Source
from openketamine.clinic.people.history import Statement, Taken
from openketamine.clinic.people.models import HistoryKind
from openketamine.core.candidacy.facts import Fact, FactError
from openketamine.doors.fhir.values import LOINC
from openketamine.evidence.protocols import protocol, protocol_ids

LISTS = {
    HistoryKind.CONDITION: Listed.CONDITION,
    HistoryKind.MEDICATION: Listed.MEDICINE,
    HistoryKind.ALLERGY: Listed.ALLERGY,
}
GONE = frozenset({"inactive", "resolved", "remission", "completed", "stopped", "not-taken"})
FIRM = frozenset({"final", "amended", "corrected"})
NO_KNOWN_ALLERGY = frozenset({"no known allergy", "no known allergies"})
FACTS = {
    "8480-6": ("resting_systolic", "mm[Hg]"),
    "8462-4": ("resting_diastolic", "mm[Hg]"),
    "44261-6": ("phq9_total", "{score}"),
}
"""LOINC code to the fact that it answers, and the UCUM unit that it must come in."""
WHOLE_DATE = 10


def tell(taken: Taken, *, by: str, at: datetime) -> None:
    """Write the new statements of an import into the lists and facts of candidacy, with their source and day."""
    for said in taken.fresh:
        if said.kind is HistoryKind.OBSERVATION:
            _fact(taken, said, by, at)
        elif _stands(said):
            _line(taken, said, by, at)


def _line(taken: Taken, said: Statement, by: str, at: datetime) -> None:
    """Add a line; "no known allergy" says that there is none, "no known drug allergy" is not that and stays where it was read."""
    words = said.words.casefold()
    none = said.kind is HistoryKind.ALLERGY and words in NO_KNOWN_ALLERGY
    if words.startswith("no known") and not none:
        return
    line = {"none_known": True} if none else {
        "name": said.words[:200], "system": said.system[:120], "code": said.code, "ended_on": _day(said.until),
        "detail": (said.value or said.status)[:200],
    }  # fmt: skip
    known = candidacy.Known(Source.IMPORTED, at.date(), said.key[:200])
    candidacy.list_item(patient=taken.patient, kind=LISTS[said.kind], known=known, by=by, at=at, **line)


def _fact(taken: Taken, said: Statement, by: str, at: datetime) -> None:
    code, unit = FACTS.get(said.code, ("", "")) if said.system == LOINC else ("", "")
    day, fact = _day(said.since), _facts().get(code)
    if fact is None or day is None or said.unit != unit or said.status not in FIRM:
        return
    try:
        value = fact.read(float(said.value))
    except (ValueError, FactError):
        return
    known = candidacy.Known(Source.IMPORTED, day, said.key[:200])
    candidacy.record_facts(patient=taken.patient, facts={code: value}, known=known, by=by, at=at)


def _stands(said: Statement) -> bool:
    """Say whether a statement belongs on a list: what is over without an end would be read as current."""
    return said.status.split("/")[0] not in GONE or _day(said.until) is not None


def _day(text: str) -> date | None:
    """Return the day of a date that names one."""
    return date.fromisoformat(text[:WHOLE_DATE]) if len(text) >= WHOLE_DATE else None


def _facts() -> dict[str, Fact]:
    return {fact.code: fact for name in protocol_ids() for fact in protocol(name).facts}
