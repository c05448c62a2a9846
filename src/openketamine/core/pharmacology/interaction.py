"""What changes exposure to ketamine, and what changes its effect: cited sentences, by route."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openketamine.core.citation import Citation
from openketamine.core.pharmacology.substance import Route


class Changes(StrEnum):
    """What an interaction changes."""

    EXPOSURE = "exposure"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True)
class Interaction:
    """One factor, a plain sentence, and where each part of it comes from.

    `routes` empty means any; `ratio` is that of exposure, if published.
    """

    id: str
    factor: str
    changes: Changes
    routes: frozenset[Route]
    says: str
    ratio: float | None
    citations: tuple[Citation, ...]


def by_route(interactions: Iterable[Interaction], route: Route) -> Sequence[Interaction]:
    """Return what matters for a route: its own rows and those of any route, exposure first."""
    found = [one for one in interactions if not one.routes or route in one.routes]
    return sorted(found, key=lambda one: (one.changes is Changes.EFFECT, one.factor))
