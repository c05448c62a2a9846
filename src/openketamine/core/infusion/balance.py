"""The drug balance of one session: what was drawn is what was given, wasted, or not accounted for. Milligrams, exact."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Balance:
    """Milligrams of one session."""

    drawn_mg: Decimal
    given_mg: Decimal
    wasted_mg: Decimal

    @property
    def unaccounted_mg(self) -> Decimal:
        """What is missing (positive) or too much (negative)."""
        return self.drawn_mg - self.given_mg - self.wasted_mg

    @property
    def closes(self) -> bool:
        """Whether nothing is unaccounted for."""
        return self.unaccounted_mg == 0

    def sentence(self) -> str:
        """Return the balance as it stands in the drug book."""
        return (
            f"{shown(self.drawn_mg)} mg drawn = {shown(self.given_mg)} mg given + {shown(self.wasted_mg)} mg wasted"
            f" + {shown(self.unaccounted_mg)} mg unaccounted"
        )


def given_mg(volume_ml: float, concentration_mg_per_ml: Decimal) -> Decimal:
    """Return the milligrams in a volume of the mixture, to a hundredth; a negative volume holds none."""
    return (Decimal(repr(max(volume_ml, 0.0))) * concentration_mg_per_ml).quantize(HUNDREDTH, ROUND_HALF_EVEN)


def shown(amount_mg: Decimal) -> str:
    """Return milligrams with one decimal, or two where the second is not zero."""
    rounded = amount_mg.quantize(HUNDREDTH, ROUND_HALF_EVEN)
    return str(rounded.quantize(TENTH) if rounded == rounded.quantize(TENTH) else rounded)
