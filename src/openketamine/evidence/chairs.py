"""What must stand at a chair before anybody is made ready there, and which rescue drugs sources name, from `chairs/*.toml`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from openketamine.evidence import load
from openketamine.evidence.pharmacology import cited

KIND = "chairs"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that must work or lie ready."""

    id: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class ChairRules:
    """The list of a chair, cannula sizes, which drugs sedate, what is due how often after one."""

    items: tuple[Item, ...]
    gauges: tuple[str, ...]
    after_sedative_min: float
    after_sedative: tuple[str, ...]
    sedatives: tuple[str, ...]

    def sedates(self, drug: str) -> bool:
        """Say whether a drug as somebody wrote it down is one that sedates; a name that is not known here is none."""
        return any(name in drug.lower() for name in self.sedatives)


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
        tuple(sedated["parts"]), tuple(sedated["names"]),
    )  # fmt: skip


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
