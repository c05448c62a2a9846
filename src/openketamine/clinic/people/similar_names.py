"""Whose names are easily taken for one another when both are here on the same day."""

from difflib import SequenceMatcher

from openketamine.clinic.people.duplicates import alike, plain
from openketamine.clinic.people.models import Patient

SIMILAR_FROM = 0.8
"""Share of letters that two names have in common, in order, from which on they count as similar. An assumption of this program, not
clinical evidence: it flags Schmidt and Schmitt, Anderson and Andersen, Johnson and Johnston; a flag that is too many costs a glance."""


def similar(one: Patient, other: Patient) -> bool:
    """Say whether any name of one person, given or family, is the same as or similar to any name of another."""
    names, others = ({person.given_name, person.family_name} for person in (one, other))
    return any(similar_names(name, another) for name in names for another in others)


def similar_names(one: str, other: str) -> bool:
    """Say whether two names are alike to the letter but one, or have most of their letters in common."""
    return alike(one, other) or _shared(plain(one), plain(other)) >= SIMILAR_FROM


def _shared(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    return max(SequenceMatcher(None, a, b, autojunk=False).ratio() for a, b in ((one, other), (other, one)))
