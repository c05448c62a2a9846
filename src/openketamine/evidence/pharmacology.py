"""The way in of a notebook: disposition models, links, effects and persons by id; what they rest on, and how to cite it."""

from collections.abc import Iterator

from openketamine.core.citation import Source
from openketamine.core.pharmacology.effects import Effect
from openketamine.core.pharmacology.model import Link, PkModel
from openketamine.core.pharmacology.subject import Subject
from openketamine.evidence import basis, load
from openketamine.evidence.effects import effect, haemodynamics, scatter
from openketamine.evidence.load import cited
from openketamine.evidence.pk_models import pk_link, pk_model

Used = PkModel | Link | Effect | Subject
"""What a result was computed with."""


def references(*used: Used, population: bool = False) -> tuple[Source, ...]:
    """Return the sources of what was used, each once; with a population also of a spread that was borrowed."""
    parts = [part for one in used for part in _parts(one)]
    spreads = [part.variability for part in parts if population and isinstance(part, PkModel)]
    borrowed = [spread.borrowed_from for spread in spreads if spread and spread.borrowed_from]
    ids = dict.fromkeys([*(source for part in parts for source in part.sources), *borrowed])
    return tuple(load.sources()[key] for key in ids)


def citation(*used: Used, population: bool = False) -> str:
    """Return the references as text to print below a result, one a line."""
    found = references(*used, population=population)
    return "\n".join(f"{one.citation}. doi:{one.doi}" if one.doi else f"{one.citation}." for one in found)


def marks(*used: Used) -> basis.Marks:
    """Return how we know the numbers of what was used: how many are read, transcribed, derived, assumed; and which are assumed."""
    return basis.marks(file for one in used for part in _parts(one) for file in _files(part))


def _parts(one: Used) -> tuple[PkModel | Link | Effect, ...]:
    return (one.model, *one.effects) if isinstance(one, Subject) else (one,)


def _files(part: PkModel | Link | Effect) -> Iterator[tuple[str, str]]:
    if isinstance(part, PkModel):
        yield "pk_models", part.id
        yield from (("pk_links", link) for link in part.links)
    else:
        yield ("effects" if isinstance(part, Effect) else "pk_links"), part.id


__all__ = [
    "citation", "cited", "effect", "haemodynamics", "marks", "pk_link", "pk_model", "references", "scatter",
]  # fmt: skip
