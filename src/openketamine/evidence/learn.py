"""The page "How it works", from its TOML file to plain values: example persons, choices, sentences, each with its source."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from openketamine.core.citation import Citation
from openketamine.core.pharmacology.substance import Person, Sex
from openketamine.evidence import load
from openketamine.evidence.load import cited

PAGE = "how_it_works"


@dataclass(frozen=True, slots=True)
class Example:
    """An invented person: never the reader, never the reader's dose."""

    id: str
    name: str
    person: Person
    resting_systolic: float
    resting_diastolic: float
    mood_score: float


@dataclass(frozen=True, slots=True)
class Cited:
    """Something the page says, with each study it rests on."""

    citations: tuple[Citation, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of its sources, in the order in which they are cited."""
        return tuple(one.source for one in self.citations)


@dataclass(frozen=True, slots=True)
class Choice(Cited):
    """A dose or a duration that may be chosen, and who used it."""

    value: float


@dataclass(frozen=True, slots=True)
class Feeling(Cited):
    """What so many of 100 people felt."""

    of_hundred: float
    says: str
    when: str


@dataclass(frozen=True, slots=True)
class Claim(Cited):
    """What people hear, and what was found."""

    heard: str
    found: str


@dataclass(frozen=True, slots=True)
class Sentence(Cited):
    """A paragraph of the page."""

    says: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page says that is not drawn."""

    persons: tuple[Example, ...]
    doses: tuple[Choice, ...]
    minutes: tuple[Choice, ...]
    feelings: tuple[Feeling, ...]
    claims: tuple[Claim, ...]
    texts: dict[str, Sentence]


@cache
def page(name: str = PAGE) -> Page:
    """Return the page; raises EvidenceError for a sentence or a number without a source."""
    row, where = load.table("learn", name), f"learn/{name}.toml"

    def sources(one: dict[str, Any]) -> tuple[Citation, ...]:
        return load.citations(one.get("cite"), where)

    return Page(
        tuple(_example(one) for one in row["person"]),
        tuple(Choice(sources(one), cited(one, "mg/kg", where)) for one in row["dose"]),
        tuple(Choice(sources(one), cited(one, "min", where)) for one in row["minutes"]),
        tuple(Feeling(sources(one), cited(one, "%", where), one["says"], one["when"]) for one in row["feeling"]),
        tuple(Claim(sources(one), one["heard"], one["found"]) for one in row["claim"]),
        {one["id"]: Sentence(sources(one), one["says"]) for one in row["text"]},
    )


def _example(row: dict[str, Any]) -> Example:
    person = Person(float(row["weight_kg"]), float(row["age_years"]), None, Sex(row["sex"]))
    pressures = float(row["resting_systolic"]), float(row["resting_diastolic"])
    return Example(row["id"], row["name"], person, *pressures, float(row["mood_score"]))
