"""What must stand at a chair before anybody is made ready there, and which rescue drugs sources name, from `chairs/*.toml`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from openketamine.evidence import load
from openketamine.evidence.load import cited

KIND = "chairs"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that must work or lie ready."""

    id: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class ChairRules:
    """The list of a chair, cannula sizes, which drugs sedate, what is due how often after one.

    A rate above `rate_above` times the ordered one, or below `rate_below` times, is asked about again.
    """

    items: tuple[Item, ...]
    gauges: tuple[str, ...]
    after_sedative_min: float
    after_sedative: tuple[str, ...]
    sedatives: tuple[str, ...]
    brands: tuple[str, ...]
    not_asked: tuple[str, ...]
    rate_above: float
    rate_below: float

    def sedates(self, drug: str) -> bool:
        """Say whether a drug as somebody wrote it down is known here as one that sedates, by its name or by a brand."""
        return any(name in drug.lower() for name in (*self.sedatives, *self.brands))

    def knows(self, drug: str) -> bool:
        """Say whether it is known here if a drug as somebody wrote it down sedates; of any other it has to be asked."""
        return self.sedates(drug) or drug.strip().lower() in self.not_asked


@cache
def chair_rules(name: str = "chair") -> ChairRules:
    """Return the rules of a chair; raises EvidenceError for what is not cited."""
    row, where = load.table(KIND, name), f"{KIND}/{name}.toml"
    items = tuple(
        Item(
            one["id"], load.not_an_order(one["says"], where), load.citation(one["cite"], f"{where} {one['id']}").source
        )
        for one in row["item"]
    )
    load.citation(row["vein"]["cite"], f"{where} vein")
    sedated = row["after_sedative"]
    return ChairRules(
        items, tuple(row["vein"]["gauges"]), cited(sedated, "min", where),
        tuple(sedated["parts"]), tuple(sedated["names"]), _brands(sedated, where), _not_asked(sedated, where),
        cited(row["rate_asked_again"]["above"], "1", where), cited(row["rate_asked_again"]["below"], "1", where),
    )  # fmt: skip


def _brands(row: dict[str, Any], where: str) -> tuple[str, ...]:
    """Return the brand names; raises EvidenceError for one of a drug that is no sedative here."""
    load.citation(row["brands"]["cite"], f"{where} brands")
    stray = [brand for brand, drug in row["brands"]["names"].items() if drug not in row["names"]]
    if stray:
        raise load.EvidenceError(f"{where} brands: {stray[0]!r} is a brand of nothing that is named above")
    return tuple(row["brands"]["names"])


def _not_asked(row: dict[str, Any], where: str) -> tuple[str, ...]:
    load.citation(row["not_asked"]["cite"], f"{where} not_asked")
    return tuple(row["not_asked"]["names"])


@dataclass(frozen=True, slots=True)
class RescueOption:
    """A drug that a source names for a trouble: its dose range in words, whom it may harm, and where that stands."""

    id: str
    drug: str
    trouble: str
    range: str
    caution: str
    source: str
    locus: str


@cache
def rescue_options(name: str = "rescue") -> tuple[RescueOption, ...]:
    """Return the options; raises EvidenceError for one without a source or worded as an order."""
    where = f"{KIND}/{name}.toml"
    return tuple(_option(row, f"{where} {row['id']}") for row in load.table(KIND, name)["option"])


def _option(row: dict[str, Any], where: str) -> RescueOption:
    cite = load.citation(row["cite"], where)
    citation = load.sources()[cite.source].citation
    return RescueOption(
        row["id"],
        row["drug"],
        row["trouble"],
        load.not_an_order(row["range"], where),
        row["caution"],
        citation,
        cite.locus,
    )


def checked(name: str) -> object:
    """Read one file of this kind."""
    return rescue_options() if name == "rescue" else chair_rules(name)
