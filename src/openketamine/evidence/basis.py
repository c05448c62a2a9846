"""The numbers behind an answer, one line each, with source, place and mark: what "Basis" shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from openketamine.core.citation import Citation, Mark, Source
from openketamine.evidence import load


@dataclass(frozen=True, slots=True)
class Line:
    """One number of an evidence file."""

    what: str
    value: float
    unit: str
    citation: Citation
    source: Source


@dataclass(frozen=True, slots=True)
class Basis:
    """One evidence file: its title, where its use ends, and its numbers."""

    title: str
    limits_of_use: str
    lines: tuple[Line, ...]


def basis(kind: str, name: str) -> Basis:
    """Return what stands in one evidence file; raises EvidenceError for an unknown id or an uncited number."""
    row, where = load.table(kind, name), f"{kind}/{name}.toml"
    return Basis(row["title"], row.get("limits_of_use", ""), tuple(_lines(row, "", where)))


@dataclass(frozen=True, slots=True)
class Marks:
    """How many numbers are read, transcribed, derived and assumed, and which ones are assumed: file and place."""

    counts: dict[str, int]
    assumed: tuple[str, ...]


def marks(files: Iterable[tuple[str, str]]) -> Marks:
    """Return how we know the numbers of some evidence files, given as (kind, name)."""
    found = [(name, line) for kind, name in dict.fromkeys(files) for line in basis(kind, name).lines]
    counts = {mark.value: sum(line.citation.mark is mark for _name, line in found) for mark in Mark}
    return Marks(counts, tuple(f"{name}: {line.what}" for name, line in found if line.citation.mark is Mark.ASSUMED))


def _lines(row: Any, path: str, where: str) -> Iterator[Line]:
    if isinstance(row, list):
        for one in row:
            yield from _lines(one, path, where)
    elif isinstance(row, dict):
        if "value" in row and "cite" in row:
            for one in load.citations(row["cite"], where):
                yield Line(_named(row, path), row["value"], row["unit"], one, load.sources()[one.source])
        for key, one in row.items():
            yield from _lines(one, f"{path}, {_words(key)}" if path else _words(key), where)


def _named(row: dict[str, Any], path: str) -> str:
    more = " between " + row["between"] + "s" if "between" in row else ""
    return path + (f" of {_words(row['parameter'])}{more}" if "parameter" in row else "")


def _words(key: str) -> str:
    return key.replace("_", " ")
