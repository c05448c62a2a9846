"""The competing explanations of how ketamine may work, from their TOML file to core values. For teaching, never for dosing."""

from functools import cache
from typing import Any

from openketamine.core.pharmacology.mechanism import Evidence, Hypothesis, Step
from openketamine.evidence import load
from openketamine.evidence.load import cited


@cache
def hypotheses(name: str = "mechanisms") -> tuple[Hypothesis, ...]:
    """Return the competing explanations; raises EvidenceError for an uncited number or an unknown source."""
    row, where = load.table("mechanisms", name), f"mechanisms/{name}.toml"
    return tuple(_hypothesis(one, f"{where} {one['id']}") for one in row["hypothesis"])


def _hypothesis(row: dict[str, Any], where: str) -> Hypothesis:
    steps = tuple(_step(one, f"{where} {one['name']}") for one in row["step"])
    return Hypothesis(
        row["id"], row["title"], row["says"], Evidence(row["evidence"]), row["speaks_for"], row["speaks_against"], steps,
        _known(row["sources"], where),
    )  # fmt: skip


def _step(row: dict[str, Any], where: str) -> Step:
    rise, fade = cited(row["rise"], "h", where), cited(row["fade"], "h", where)
    return Step(row["name"], row["term"], Evidence(row["evidence"]), _known(row["sources"], where), rise, fade)


def _known(sources: list[str], where: str) -> tuple[str, ...]:
    unknown = set(sources) - set(load.sources())
    if unknown or not sources:
        raise load.EvidenceError(f"{where}: source {min(unknown, default='')!r} is not in sources.toml")
    return tuple(sources)
