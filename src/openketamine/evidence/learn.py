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
class Choice:
    """A dose or a duration that may be chosen, and who used it."""

    value: float
    citation: Citation


@dataclass(frozen=True, slots=True)
class Feeling:
    """What so many of 100 people felt."""

    of_hundred: float
    says: str
    when: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Claim:
    """What people hear, and what was found."""

    heard: str
    found: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Sentence:
    """A paragraph of the page with its source."""

    says: str
    citation: Citation


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

    def source(one: dict[str, Any]) -> Citation:
        return load.citation(one.get("cite"), where)

    return Page(
        tuple(_example(one) for one in row["person"]),
        tuple(Choice(cited(one, "mg/kg", where), source(one)) for one in row["dose"]),
        tuple(Choice(cited(one, "min", where), source(one)) for one in row["minutes"]),
        tuple(Feeling(cited(one, "%", where), one["says"], one["when"], source(one)) for one in row["feeling"]),
        tuple(Claim(one["heard"], one["found"], source(one)) for one in row["claim"]),
        {one["id"]: Sentence(one["says"], source(one)) for one in row["text"]},
    )


def _example(row: dict[str, Any]) -> Example:
    person = Person(float(row["weight_kg"]), float(row["age_years"]), None, Sex(row["sex"]))
    pressures = float(row["resting_systolic"]), float(row["resting_diastolic"])
    return Example(row["id"], row["name"], person, *pressures, float(row["mood_score"]))
