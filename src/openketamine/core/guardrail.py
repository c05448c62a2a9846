"""Two ranges, one question: a usual range inside an allowed one."""

from dataclasses import dataclass
from enum import StrEnum

from openketamine.core.quantity import Quantity


class Standing(StrEnum):
    """Where a value stands against a guardrail."""

    USUAL = "usual"
    UNUSUAL = "unusual"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Guardrail:
    """The allowed range around the usual range of one quantity, all in `unit`; bounds are inclusive.

    Raises ValueError when the usual range is not inside the allowed one.
    """

    unit: str
    allowed: tuple[float, float]
    usual: tuple[float, float]

    def __post_init__(self) -> None:
        low, high = self.allowed
        usual_low, usual_high = self.usual
        if not low <= usual_low <= usual_high <= high:
            raise ValueError(f"usual range {self.usual} must lie inside the allowed range {self.allowed}")

    def standing(self, value: Quantity) -> Standing:
        """Say whether a value is usual, unusual or refused."""
        number = value.to(self.unit).value
        if not self.allowed[0] <= number <= self.allowed[1]:
            return Standing.REFUSED
        return Standing.USUAL if self.usual[0] <= number <= self.usual[1] else Standing.UNUSUAL
