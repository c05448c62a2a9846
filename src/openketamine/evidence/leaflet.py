"""The plain-language page for shared decisions and the points of consent, from `leaflets/shared_decision.toml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from openketamine.evidence import load
from openketamine.evidence.protocols import protocol_ids, refuse_uncited

KIND, NAME = "leaflets", "shared_decision"
WHERE = f"{KIND}/{NAME}.toml"


@dataclass(frozen=True, slots=True)
class Leaflet:
    """Sections for everybody, lines by indication, and the points that a patient agrees to one by one."""

    version: str
    sections: Sequence[Mapping[str, Any]]
    indications: Mapping[str, Mapping[str, Any]]
    consent: Sequence[Mapping[str, Any]]


@cache
def leaflet(name: str = NAME) -> Leaflet:
    """Return the leaflet in force; raises EvidenceError for an uncited line or an indication that has none."""
    row = load.table(KIND, name)
    refuse_uncited(row, WHERE)
    lines = [line for part in ("section", "indication") for one in row[part] for line in one["lines"]]
    for line in (*lines, *row["consent"]):
        load.citation(line.get("cite"), f"{WHERE} {line['says']!r}")
    found = Leaflet(row["version"], row["section"], {one["id"]: one for one in row["indication"]}, row["consent"])
    missing = set(protocol_ids()) - set(found.indications)
    if missing:
        raise load.EvidenceError(f"{WHERE}: says nothing about {', '.join(sorted(missing))}")
    return found


def page(protocol: str) -> dict[str, Any]:
    """Return what a patient reads about one indication: words and where they come from, no number about one person."""
    found = leaflet()
    about = found.indications[protocol]
    return {
        "version": found.version, "people": about["people"], "studies": [_line(one) for one in about["lines"]],
        "sections": [{"title": one["title"], "lines": [_line(line) for line in one["lines"]]} for one in found.sections],
        "consent": [{"id": one["id"], "says": one["says"]} for one in found.consent],
    }  # fmt: skip


def _line(row: Mapping[str, Any]) -> dict[str, str]:
    source = load.sources()[row["cite"]["source"]]
    return {"says": row["says"], "source": source.citation}
