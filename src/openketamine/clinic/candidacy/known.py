"""What is known of a person now: answers, and what other records already answer, each with its source and day."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from openketamine.clinic.candidacy import history
from openketamine.clinic.candidacy.actions import rows_of
from openketamine.clinic.candidacy.models import FactRow, Listed, ListRow, Screen
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient
from openketamine.clinic.ui.measures import Typed
from openketamine.core.candidacy.facts import Fact, FactError, Value
from openketamine.core.candidacy.laboratory import LaboratoryValue
from openketamine.evidence import measured
from openketamine.evidence.medicines import interactions_of
from openketamine.evidence.protocols import Protocol

SCREENS = {"asq": "asq", "cssrs_screener": "c_ssrs"}


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A value (None: asked, not known), how and when it came to be known, who wrote it down, and as what, where in another unit."""

    value: Value | None
    source: str
    observed_on: date
    by: str
    typed: str = ""


def known_facts(patient: Patient, protocol: Protocol, on: date) -> dict[str, KnownFact]:
    """Return what is known of the facts of a protocol; of an answer and another record the later one counts.

    An answer that the protocol in force cannot read (its question has changed) is not known: it is asked again.
    """
    return known_of(patient, protocol.facts, on)


def known_of(patient: Patient, facts: Iterable[Fact], on: date | None) -> dict[str, KnownFact]:
    """Return what is known of some facts; `on` is the day up to which dates count, None where none of them is counted from a date."""
    records, found = Records(patient), {}
    for fact in facts:
        both = [one for one in (_answered(records.answers.get(fact.code)), records.of(fact)) if one]
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
    typed = Typed(row.typed, row.typed_unit).shown if row.typed else ""
    return KnownFact(row.value, told, row.observed_on or row.at.date(), row.by, typed)


class Records:
    """What other records of one person answer; each is read once, however many questions ask it."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient

    def of(self, fact: Fact) -> KnownFact | None:
        """Return what the record that a fact names says; None when it says nothing, or the fact names none."""
        kind, _, name = fact.comes_from.partition(":")
        return RECORDS[kind](self, name) if kind in RECORDS else None

    @cached_property
    def answers(self) -> dict[str, FactRow]:
        """The row that counts for each question asked."""
        return rows_of(self.patient)

    @cached_property
    def scores(self) -> dict[str, Answers]:
        """The newest scored answers to each questionnaire."""
        rows = Answers.objects.filter(patient=self.patient).exclude(score=None).order_by("at", "pk")
        return {row.instrument: row for row in rows}

    @cached_property
    def medicines(self) -> dict[str, ListRow]:
        """The newest listed medicine by the question that it answers."""
        rows = ListRow.objects.filter(patient=self.patient, kind=Listed.MEDICINE, ended_on=None).order_by("pk")
        return {one.fact: row for row in rows for one in interactions_of(row.name)}

    def born(self, _name: str) -> KnownFact:
        """Return the date of birth."""
        return KnownFact(self.patient.born_on.isoformat(), "date of birth", date.max, "")

    def failed(self, _name: str) -> KnownFact | None:
        """Return how many adequate treatments failed, when the history says it."""
        failed = history.failed_known(self.patient)
        return KnownFact(float(failed[0]), "treatment history", failed[1], "") if failed else None

    def scored(self, name: str) -> KnownFact | None:
        """Return the newest score of a questionnaire."""
        row = self.scores.get(name)
        return KnownFact(row.score, f"questionnaire {name}", row.at.date(), row.by) if row else None

    def screened(self, _name: str) -> KnownFact | None:
        """Return by which questionnaire a suicide screen was made."""
        row = Screen.objects.filter(patient=self.patient).select_related("answers").first()
        return KnownFact(SCREENS[row.answers.instrument], "suicide screen", row.at.date(), row.by) if row else None

    def listed(self, name: str) -> KnownFact | None:
        """Return yes when a medicine in the list answers the question; a list never says no."""
        row = self.medicines.get(name)
        if row is None:
            return None
        return KnownFact(value=True, source=f"listed medicine: {row.name}", observed_on=row.observed_on, by=row.by)

    def tested(self, _name: str) -> KnownFact | None:
        """Return how the liver tests stand, as old as the oldest value that it rests on."""
        tests = laboratory_values(self.answers)
        found = measured.liver(tests)
        if found is None:
            return None
        newest = [self.answers[code] for code in tests]
        words = ", ".join(f"{code.upper()} {one.times_the_limit:.2g} x" for code, one in tests.items())
        days = [row.observed_on or row.at.date() for row in newest]
        return KnownFact(found, f"laboratory values against the laboratory's limits: {words}", min(days), newest[-1].by)


def laboratory_values(rows: Mapping[str, FactRow]) -> dict[str, LaboratoryValue]:
    """Return the liver tests that have a value and, of the same day, the laboratory's upper limit."""
    pairs = {code: (rows.get(code), rows.get(code + measured.UPPER_LIMIT)) for code in measured.liver_tests()}
    return {
        code: LaboratoryValue(float(value.value), float(limit.value))
        for code, (value, limit) in pairs.items()
        if value
        and limit
        and value.observed_on == limit.observed_on
        and value.value is not None
        and limit.value is not None
    }


RECORDS: Mapping[str, Callable[[Records, str], KnownFact | None]] = {
    "person": Records.born, "history": Records.failed, "score": Records.scored, "screen": Records.screened, "medicine": Records.listed,
    "laboratory": Records.tested,
}  # fmt: skip


def _reads(fact: Fact, value: Value | None, on: date | None) -> bool:
    try:
        fact.read(value, on)
    except FactError:
        return False
    return True
