"""Actual, ideal and adjusted body weight side by side. Which one a protocol doses by is the protocol's own cited choice."""

from dataclasses import dataclass

from openketamine.core.pharmacology.substance import Sex


@dataclass(frozen=True, slots=True)
class IdealWeight:
    """A formula for ideal weight: a base by sex at a base height, so much more for each centimetre above it."""

    base_kg: dict[Sex, float]
    base_height_cm: float
    per_cm_kg: float
    adjusted_share: float


@dataclass(frozen=True, slots=True)
class BodyWeights:
    """The three weights in kg; ideal and adjusted are None where the formula does not reach (below the base height)."""

    actual_kg: float
    ideal_kg: float | None
    adjusted_kg: float | None


def body_weights(formula: IdealWeight, actual_kg: float, height_cm: float | None, sex: Sex | None) -> BodyWeights:
    """Return the weights; unknown height or sex leaves ideal and adjusted unknown, never guessed.

    Raises ValueError for a weight or a height that is not above 0.
    """
    if actual_kg <= 0 or (height_cm is not None and height_cm <= 0):
        raise ValueError(f"weight {actual_kg} kg, height {height_cm} cm: must be greater than 0")
    if height_cm is None or sex is None or height_cm < formula.base_height_cm:
        return BodyWeights(actual_kg, None, None)
    ideal = formula.base_kg[sex] + formula.per_cm_kg * (height_cm - formula.base_height_cm)
    over = max(0.0, actual_kg - ideal)
    return BodyWeights(actual_kg, ideal, min(actual_kg, ideal + formula.adjusted_share * over))
