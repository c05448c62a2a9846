"""Interactions and the formula of body weights, from their TOML files to core values."""

from functools import cache
from typing import Any

from openketamine.core.pharmacology.body_weight import IdealWeight
from openketamine.core.pharmacology.interaction import Changes, Interaction
from openketamine.core.pharmacology.substance import Route, Sex
from openketamine.evidence import load
from openketamine.evidence.load import cited

ANY = "any"


@cache
def interactions(name: str = "interactions") -> tuple[Interaction, ...]:
    """Return the cited interactions; raises EvidenceError for one without a source or one that begins with an order verb."""
    where = f"interactions/{name}.toml"
    return tuple(_interaction(row, f"{where} {row['id']}") for row in load.table("interactions", name)["interaction"])


@cache
def ideal_weight(name: str = "devine") -> IdealWeight:
    """Return the formula of ideal and adjusted weight."""
    row, where = load.table("body_weights", name), f"body_weights/{name}.toml"
    base = {Sex.MALE: cited(row["male_base"], "kg", where), Sex.FEMALE: cited(row["female_base"], "kg", where)}
    height, share = cited(row["base_height"], "cm", where), cited(row["adjusted_share"], "1", where)
    return IdealWeight(base, height, cited(row["per_cm"], "kg", where), share)


def _interaction(row: dict[str, Any], where: str) -> Interaction:
    routes = frozenset(Route(route) for route in row["routes"] if route != ANY)
    ratio = cited(row, "1", where) if "value" in row else None
    says = load.not_an_order(row["says"], where)
    citations = load.citations(row["cite"], where)
    return Interaction(row["id"], row["factor"], Changes(row["changes"]), routes, says, ratio, citations)
