"""The dose card: from weight and dose per weight to milligrams, millilitres and a pump rate, each line with its units."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

MINUTES_PER_HOUR = 60
TENTH = Decimal("0.1")
THOUSANDTH = Decimal("0.001")


class DoseError(ValueError):
    """A dose cannot be computed or lies beyond a limit; the message names the field, the value and the limit."""


@dataclass(frozen=True, slots=True)
class DoseLimits:
    """Limits of a protocol: mg per kg, and the clinic's own cap in mg where it has set one."""

    highest_mg_per_kg: Decimal
    cap_mg: Decimal | None


@dataclass(frozen=True, slots=True)
class DoseCard:
    """What goes into the bag and how fast it runs. Milligrams of free base."""

    weight_kg: Decimal
    dose_mg_per_kg: Decimal
    exact_mg: Decimal
    dose_mg: Decimal
    bag_ml: Decimal
    duration_min: Decimal
    concentration_mg_per_ml: Decimal
    rate_ml_per_h: Decimal

    def lines(self) -> tuple[str, ...]:
        """Return the arithmetic as a person would check it."""
        return (
            f"{self.dose_mg_per_kg} mg/kg x {self.weight_kg} kg = {self.exact_mg} mg, drawn as {self.dose_mg} mg",
            f"{self.dose_mg} mg in {self.bag_ml} mL = {self.concentration_mg_per_ml} mg/mL",
            f"{self.bag_ml} mL over {self.duration_min} min = {self.rate_ml_per_h} mL/h",
        )


def dose_card(
    weight_kg: Decimal, dose_mg_per_kg: Decimal, bag_ml: Decimal, duration_min: Decimal, limits: DoseLimits
) -> DoseCard:
    """Compute a dose card; raises DoseError for what is not positive or beyond a limit. Milligrams are drawn to a tenth."""
    named = {"weight_kg": weight_kg, "dose_mg_per_kg": dose_mg_per_kg, "bag_ml": bag_ml, "duration_min": duration_min}
    for field, value in named.items():
        if value <= 0:
            raise DoseError(f"{field} = {value}: must be greater than 0")
    exact = weight_kg * dose_mg_per_kg
    dose = exact.quantize(TENTH, ROUND_HALF_EVEN)
    _within(dose_mg_per_kg, dose, limits)
    rate = (bag_ml * MINUTES_PER_HOUR / duration_min).quantize(TENTH, ROUND_HALF_EVEN)
    concentration = (dose / bag_ml).quantize(THOUSANDTH, ROUND_HALF_EVEN)
    return DoseCard(weight_kg, dose_mg_per_kg, exact.normalize(), dose, bag_ml, duration_min, concentration, rate)


def vial_volume_ml(dose_mg: Decimal, strength_mg_per_ml: Decimal) -> Decimal:
    """Return the millilitres to draw from a vial of this strength."""
    if strength_mg_per_ml <= 0:
        raise DoseError(f"strength_mg_per_ml = {strength_mg_per_ml}: must be greater than 0")
    return (dose_mg / strength_mg_per_ml).quantize(THOUSANDTH, ROUND_HALF_EVEN)


def _within(dose_mg_per_kg: Decimal, dose_mg: Decimal, limits: DoseLimits) -> None:
    if dose_mg_per_kg > limits.highest_mg_per_kg:
        raise DoseError(f"dose_mg_per_kg = {dose_mg_per_kg}: must be at most {limits.highest_mg_per_kg}")
    if limits.cap_mg is not None and dose_mg > limits.cap_mg:
        raise DoseError(f"dose_mg = {dose_mg}: must be at most the clinic's cap of {limits.cap_mg} mg")
