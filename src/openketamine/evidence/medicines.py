"""Medicines whose name in a list answers a question with yes, and what is known of their interaction with ketamine."""

from dataclasses import dataclass
from functools import cache

from openketamine.core.citation import Citation
from openketamine.evidence import load

KIND, NAME = "medicines", "interacting"


@dataclass(frozen=True, slots=True)
class Interaction:
    """A class of medicines: the fact it answers, its names, what is known, and where from."""

    fact: str
    names: tuple[str, ...]
    effect: str
    cite: Citation


@cache
def interactions(name: str = NAME) -> tuple[Interaction, ...]:
    """Return the classes in the order of the file; raises EvidenceError for an uncited one."""
    where = f"{KIND}/{name}.toml"
    return tuple(
        Interaction(
            row["fact"], tuple(row["names"]), row["effect"], load.citation(row.get("cite"), f"{where} {row['fact']}")
        )
        for row in load.table(KIND, name)["class"]
    )


def interactions_of(listed: str) -> tuple[Interaction, ...]:
    """Return what is known of a medicine as somebody listed it: any word of its name, strength and form left aside."""
    words = listed.lower()
    return tuple(one for one in interactions() if any(name in words for name in one.names))
