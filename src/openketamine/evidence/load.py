"""Reading evidence: TOML files to plain tables, with every number's citation checked.

Each kind of evidence has a reader of its own beside this file (`pk_models.py`, `protocols.py` ...), which uses these helpers.
"""

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from openketamine.core.citation import Citation, Mark, Source
from openketamine.core.quantity import Quantity

FOLDER = Path(__file__).resolve().parent
ORDER_VERBS = (
    "stop ",
    "start ",
    "give ",
    "pause ",
    "do not ",
    "don't ",
    "increase ",
    "reduce ",
    "administer ",
    "call ",
    "treat ",
)


class EvidenceError(ValueError):
    """An evidence file does not say what it must. The message names file, place and what is missing."""


def table(kind: str, name: str) -> dict[str, Any]:
    """Read `evidence/<kind>/<name>.toml`; raises EvidenceError for a name that is not there."""
    if name not in names(kind):
        raise EvidenceError(f"{kind}: {name!r} is not one of {', '.join(names(kind))}")
    return parse(text(kind, name), f"{kind}/{name}.toml")


def text(kind: str, name: str) -> str:
    """Return the text of an evidence file as it stands."""
    return (FOLDER / kind / f"{name}.toml").read_text(encoding="utf-8")


def names(kind: str) -> tuple[str, ...]:
    """Return the ids of one kind of evidence, sorted."""
    return tuple(sorted(path.stem for path in (FOLDER / kind).glob("*.toml")))


def parse(toml: str, where: str) -> dict[str, Any]:
    """Parse TOML text; raises EvidenceError naming the file."""
    try:
        return tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise EvidenceError(f"{where}: {error}") from error


def sha256(toml: str) -> str:
    """Return the name under which a clinic keeps a text it has used."""
    return hashlib.sha256(toml.encode()).hexdigest()


@cache
def sources() -> dict[str, Source]:
    """Return the bibliography by id: `sources.toml`, joined with the files of `evidence/sources/`."""
    found: dict[str, Source] = {}
    for path in sorted([FOLDER / "sources.toml", *(FOLDER / "sources").glob("*.toml")]):
        for key, row in parse(path.read_text(encoding="utf-8"), path.name).items():
            if key in found:
                raise EvidenceError(f"{path.name}: source {key!r} is given twice")
            found[key] = Source(key, row["citation"], row.get("doi", ""), row.get("url", ""))
    return found


def citation(row: Any, where: str) -> Citation:
    """Turn a `cite` table into a Citation; raises EvidenceError when it is missing or names no known source."""
    if not isinstance(row, dict):
        raise EvidenceError(f"{where}: has no cite = {{ source, locus, mark }}")
    if row.get("source") not in sources():
        raise EvidenceError(f"{where}: source {row.get('source')!r} is not in sources.toml")
    try:
        return Citation(
            row["source"],
            row.get("locus", ""),
            Mark(row.get("mark", "")),
            row.get("grade", "ungraded"),
            row.get("checked_by", ""),
        )
    except ValueError as error:
        raise EvidenceError(f"{where}: {error}") from error


def citations(rows: Any, where: str) -> tuple[Citation, ...]:
    """Turn `cite`, one table or a list of them, into citations; raises EvidenceError when there is none or one is wrong."""
    every = rows if isinstance(rows, list) and rows else [rows]
    return tuple(citation(row, where) for row in every)


def cited(place: Any, unit: str, where: str) -> float:
    """Return a number in a unit; raises EvidenceError when it carries no citation."""
    citations(place.get("cite"), where)
    return Quantity(float(place["value"]), place["unit"]).to(unit).value


def not_an_order(words: str, where: str) -> str:
    """Return rule text unchanged; raises EvidenceError when it begins with an order verb: we show, we never order."""
    if words.lower().startswith(ORDER_VERBS):
        raise EvidenceError(
            f"{where}: {words!r} begins with an order verb; say what was found and which options there are"
        )
    return words
