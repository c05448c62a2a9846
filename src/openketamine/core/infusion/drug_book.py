"""The drug book as double entry: milligrams never appear or vanish, they move from one account to another."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Account(StrEnum):
    """Where milligrams are."""

    SUPPLIER = "supplier"
    STOCK = "stock"
    SYRINGE = "syringe and bag"
    PATIENT = "given to patients"
    WASTE = "wasted before a witness"
    VARIANCE = "differences found at counts"


@dataclass(frozen=True, slots=True)
class Transfer:
    """Milligrams that moved from one account to another; raises ValueError for nothing, or less, or within one account."""

    origin: Account
    destination: Account
    mg: Decimal

    def __post_init__(self) -> None:
        if self.origin is self.destination:
            raise ValueError(f"{self.origin}: a transfer goes from one account to another")
        if self.mg < 0:
            raise ValueError(f"mg = {self.mg}: must not be negative")


def balances(transfers: Iterable[Transfer]) -> dict[Account, Decimal]:
    """Return what each account holds; they always sum to 0, the supplier owing what came in."""
    found = dict.fromkeys(Account, Decimal(0))
    for one in transfers:
        found[one.origin] -= one.mg
        found[one.destination] += one.mg
    return found
