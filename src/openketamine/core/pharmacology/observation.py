"""What is observed of a person, and how it scatters about the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from openketamine.core.pharmacology.substance import SamplingSite


class Kind(StrEnum):
    """What was measured. Pressures and heart rate are rises over the one reading before the start."""

    LEVEL = "level"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    MEAN = "mean"
    HEART_RATE = "heart_rate"
    DISSOCIATION = "dissociation"


PRESSURES = (Kind.SYSTOLIC, Kind.DIASTOLIC, Kind.MEAN)
OFFSETS = {Kind.SYSTOLIC: "offset.systolic", Kind.DIASTOLIC: "offset.diastolic", Kind.HEART_RATE: "offset.heart_rate"}


@dataclass(frozen=True, slots=True, order=True)
class Observation:
    """One observation at an hour from the start: ng/mL with its site, a rise in mm[Hg] or /min, or a CADSS total.

    Raises ValueError for a level without its sampling site: arterial and venous are never mixed up.
    """

    at_h: float
    kind: Kind
    value: float
    site: SamplingSite | None = None

    def __post_init__(self) -> None:
        if self.kind is Kind.LEVEL and self.site is None:
            raise ValueError("a level needs the site it was sampled at: arterial or venous")
        if self.kind in {Kind.LEVEL, Kind.DISSOCIATION} and self.value < 0:
            raise ValueError(f"{self.kind.value} = {self.value}: must not be negative")


@dataclass(frozen=True, slots=True)
class Scatter:
    """Standard deviations of readings about the truth, by kind.

    Pressure and heart rate scatter as a Student-t whose successive errors are correlated over `correlation_h`; levels as a
    Student-t on the log scale; a CADSS total as a negative binomial of size `score_size`. `person_log_sd` says how much the
    scatter of pressure and heart rate differs from person to person.
    """

    pressure_sd: float
    heart_rate_sd: float
    degrees_of_freedom: float
    correlation_h: float
    person_log_sd: float
    level_log_sd: Mapping[str, float]
    score_size: float

    def sd(self, kind: Kind) -> float:
        """Return the standard deviation of one reading of pressure or heart rate."""
        return self.heart_rate_sd if kind is Kind.HEART_RATE else self.pressure_sd

    def scale(self, sd: float) -> float:
        """Return the scale of the Student-t that has this standard deviation."""
        return sd * sqrt((self.degrees_of_freedom - 2) / self.degrees_of_freedom)

    def offsets(self) -> dict[str, float]:
        """Return by how much the one reading before the start may miss the truth, as a standard deviation by coordinate."""
        return {name: self.sd(kind) for kind, name in OFFSETS.items()}
