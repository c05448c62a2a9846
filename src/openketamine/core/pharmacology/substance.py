"""Which ketamine, by which route, sampled where, in whom: the words that every model, dose and observation share."""

from dataclasses import dataclass
from enum import StrEnum


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
    """The covariates of a person; a model names those it uses and raises ValueError for one that is missing."""

    weight_kg: float | None = None
    age_years: float | None = None
    height_cm: float | None = None
    sex: Sex | None = None
