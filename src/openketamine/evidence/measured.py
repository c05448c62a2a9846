"""What the work-up measures: body, electrocardiogram, laboratory; and which values propose a finding."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from openketamine.core.candidacy.facts import Fact
from openketamine.core.candidacy.laboratory import LaboratoryValue, liver_standing
from openketamine.evidence import load, person
from openketamine.evidence.protocols import fact_of

KIND, NAME = "measured", "work_up"
UPPER_LIMIT = "_upper_limit"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule of the protocols that proposes a finding when it counts against; `only` narrows it to some words of its fact."""

    rule: str
    finding: str
    only: tuple[str, ...]


@cache
def measured(name: str = NAME) -> tuple[Fact, ...]:
    """Return what is measured, in the order of the file; raises EvidenceError for a number without a source."""
    where, found = f"{KIND}/{name}.toml", []
    for row in load.table(KIND, name)["fact"]:
        load.citation(row.get("cite"), f"{where} {row['code']}")
        found.append(fact_of(_limited(row, where)))
    return tuple(found)


@cache
def proposals(name: str = NAME) -> tuple[Proposal, ...]:
    """Return which rules propose which finding."""
    rows = load.table(KIND, name)["proposal"]
    return tuple(Proposal(row["rule"], row["finding"], tuple(row.get("only", ()))) for row in rows)


@cache
def liver_tests(name: str = NAME) -> tuple[str, ...]:
    """Return the codes of the liver tests."""
    return tuple(load.table(KIND, name)["liver"]["tests"])


def liver(values: Mapping[str, LaboratoryValue]) -> str | None:
    """Return how the liver tests stand against the laboratory's own limits; None when too little is known."""
    row = load.table(KIND, NAME)["liver"]
    times = load.cited(row, "1", f"{KIND}/{NAME}.toml liver")
    return liver_standing(values, needed=row["needed"], far_above=times)


def _limited(row: dict[str, Any], where: str) -> dict[str, Any]:
    """Take the range of a fact about the body from the limits that every weight and height is held against."""
    if "limits" not in row:
        return row
    low, high = person.limits()[row["limits"]]
    return {**row, "low": low, "high": high}
