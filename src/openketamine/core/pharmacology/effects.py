"""Effects of a concentration: sigmoids of the concentration where the effect takes place, each block from one source.

What is published is little, so each block's evidence file carries the mark of every number; blocks are data, this is their form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import log

import numpy as np

from openketamine.core.pharmacology.model import Floats, Substance


class Driver(StrEnum):
    """Which concentration drives an effect."""

    ESKETAMINE = "esketamine"
    RACEMATE = "racemate"


@dataclass(frozen=True, slots=True)
class Response:
    """One output: offset + emax x^hill / (1 + x^hill) + slope C with x = C / ec50, in the unit of the output.

    `group` names the responses whose size varies together from person to person. `ceiling` bounds a scale.
    """

    output: str
    unit: str
    group: str
    emax: float
    ec50_ng_per_ml: float
    hill: float = 1.0
    offset: float = 0.0
    ceiling: float = float("inf")
    slope_per_ng_per_ml: float = 0.0

    def at(self, driving_ng_per_ml: Floats, size: Floats | float = 1.0, ec50: Floats | float = 1.0) -> Floats:
        """Return the output; `size` and `ec50` are this person's factors on emax and EC50."""
        level = np.maximum(driving_ng_per_ml, 0.0)
        ratio = level / (self.ec50_ng_per_ml * ec50)
        x = np.asarray(ratio if self.hill == 1 else ratio**self.hill)
        rise = np.asarray(self.emax * size * x)
        x += 1
        rise /= x
        if self.slope_per_ng_per_ml:
            rise += self.slope_per_ng_per_ml * level
        rise += self.offset
        return rise if self.ceiling == np.inf else np.asarray(np.minimum(rise, self.ceiling))


@dataclass(frozen=True, slots=True)
class Spread:
    """How people differ: log-scale standard deviations of the size (by group), of EC50, and from occasion to occasion.

    `doubt_log_sd` says how far those of size and EC50 may themselves be off, all by one factor: its log-scale standard deviation.
    """

    size_log_sd: Mapping[str, float]
    ec50_log_sd: float = 0.0
    occasion_log_sd: float = 0.0
    doubt_log_sd: float = 0.0


@dataclass(frozen=True, slots=True)
class Effect:
    """One block of effects with one driving concentration.

    `equilibration_per_h` is the rate at which the effect site follows plasma; 0 means that there is no delay. A comparator is
    never a default.
    """

    id: str
    title: str
    driver: Driver
    racemate_share: float
    equilibration_per_h: float
    responses: tuple[Response, ...]
    spread: Spread | None
    sources: tuple[str, ...]
    comparator: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what this block answers."""
        return tuple(one.output for one in self.responses)

    def share(self, substance: Substance) -> float:
        """Return the part of a model's concentration that drives the effect; raises ValueError when it cannot be known."""
        if self.driver is Driver.RACEMATE and substance is not Substance.RACEMATE:
            raise ValueError(f"{self.id} is driven by racemic ketamine; a model of esketamine cannot say it")
        same = self.driver.value == substance.value
        return 1.0 if same else self.racemate_share

    def rises(
        self,
        driving_ng_per_ml: Floats,
        sizes: Mapping[str, Floats | float] | None = None,
        ec50: Floats | float = 1.0,
    ) -> dict[str, Floats]:
        """Return every output by name for a driving concentration; `sizes` are a person's factors by group."""
        found = sizes or {}
        return {one.output: one.at(driving_ng_per_ml, found.get(one.group, 1.0), ec50) for one in self.responses}


def rate_of_half_life(half_life_h: float) -> float:
    """Return the rate per hour of a half-life; raises ValueError when it is not greater than 0."""
    if half_life_h <= 0:
        raise ValueError("a half-life must be greater than 0")
    return log(2) / half_life_h
