"""Which ketamine, by which route, sampled where, in whom: the words that every model, dose and observation share."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite


class Substance(StrEnum):
    """Which ketamine. Racemate and enantiomer are never silently swapped."""

    RACEMATE = "racemate"
    ESKETAMINE = "esketamine"


class SamplingSite(StrEnum):
    """Where the concentration of a model or of an observation is taken. Never mixed up."""

    ARTERIAL = "arterial"
    VENOUS = "venous"
    NOT_STATED = "not_stated"
    """The transcription we have of the paper does not say."""


class Route(StrEnum):
    """How a dose enters the body."""

    IV = "iv"
    IM = "im"
    SC = "sc"
    NASAL = "nasal"
    ORAL = "oral"
    SUBLINGUAL = "sublingual"


class Sex(StrEnum):
    """Sex as a covariate."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class Person:
    """The covariates of a person; a model names those it uses and raises ValueError for one that is missing.

    Raises ValueError for a measure that nobody can have: not finite, or not greater than 0 (an age may be 0).
    """

    weight_kg: float | None = None
    age_years: float | None = None
    height_cm: float | None = None
    sex: Sex | None = None

    def __post_init__(self) -> None:
        for name, value in self.measures().items():
            if not isfinite(value):
                raise ValueError(f"{name} = {value}: must be a finite number")
            newborn = name == "age_years" and value == 0
            if value <= 0 and not newborn:
                raise ValueError(f"{name} = {value:g}: must be greater than 0")

    def measures(self) -> dict[str, float]:
        """Return the measures that are known, by name."""
        found = {"weight_kg": self.weight_kg, "age_years": self.age_years, "height_cm": self.height_cm}
        return {name: value for name, value in found.items() if value is not None}


def within(measures: Mapping[str, float], limits: Mapping[str, tuple[float, float]]) -> None:
    """Raise ValueError naming the first measure outside its limits, its value and the limit that it passes."""
    for name, value in measures.items():
        low, high = limits.get(name, (value, value))
        if not low <= value <= high:
            words = f"at least {low:g}" if value < low else f"at most {high:g}"
            raise ValueError(f"{name} = {value:g}: must be {words}")
