"""What was tried before: classes and agents, what makes a trial adequate, the cut-offs of the Maudsley staging."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from openketamine.core.candidacy.history import Minimums, Staging
from openketamine.evidence import load
from openketamine.evidence.load import cited

KIND, NAME = "treatments", "antidepressants"


@dataclass(frozen=True, slots=True)
class TreatmentClass:
    """A class of treatments, its words, its agents, and whether its trials count as trials of an antidepressant."""

    id: str
    words: str
    antidepressant: bool
    agents: tuple[str, ...]


@cache
def classes(name: str = NAME) -> tuple[TreatmentClass, ...]:
    """Return the classes in the order of the file; raises EvidenceError for an uncited one."""
    where = f"{KIND}/{name}.toml"
    found = []
    for row in load.table(KIND, name)["class"]:
        load.citation(row.get("cite"), f"{where} {row['id']}")
        found.append(TreatmentClass(row["id"], row["words"], row["antidepressant"], tuple(row["agents"])))
    return tuple(found)


def class_of(agent: str) -> TreatmentClass | None:
    """Return the class of an agent, None for one that is not listed."""
    return next((one for one in classes() if agent in one.agents), None)


def minimums(mg_per_day: Mapping[str, float]) -> Minimums:
    """Return what makes a trial adequate: weeks from the evidence, daily doses as the clinic has set them."""
    row = load.table(KIND, NAME)
    return Minimums(cited(row["minimum_weeks"], "wk", f"{KIND}/{NAME}.toml minimum_weeks"), dict(mg_per_day))


@cache
def staging() -> Staging:
    """Return the cut-offs of the Maudsley staging."""
    row = load.table(KIND, NAME)["staging"]
    load.citation(row.get("cite"), f"{KIND}/{NAME}.toml staging")
    return Staging(tuple(row["duration_months"]), tuple(row["failed"]), row["weeks_per_year"])
