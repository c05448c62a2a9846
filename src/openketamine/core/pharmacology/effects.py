"""Effects of a concentration: an immediate sigmoid on pressure and heart rate, derived from trial means."""

from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.model import Floats


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Per cent of baseline: emax_percent x C / (ec50 + C), C being the active substance in ng/mL."""

    emax_percent: float
    ec50_ng_per_ml: float
    baseline: float

    def rise(self, active_ng_per_ml: Floats, ec50_factor: Floats | float = 1.0) -> Floats:
        """Return the rise in the unit of the baseline."""
        share = active_ng_per_ml / (self.ec50_ng_per_ml * ec50_factor + active_ng_per_ml)
        return np.asarray(self.emax_percent / 100 * self.baseline * share)


@dataclass(frozen=True, slots=True)
class Haemodynamics:
    """Rises of mean pressure and heart rate, and how a rise of mean pressure divides into systolic and diastolic.

    Mean pressure is taken as (systolic + 2 diastolic) / 3 and the two rises keep the ratio `systolic_per_diastolic`.
    """

    id: str
    active_fraction: float
    mean_pressure: Sigmoid
    heart_rate: Sigmoid
    systolic_per_diastolic: float
    ec50_log_sd: float
    sources: tuple[str, ...]

    OUTPUTS = ("systolic_rise_mmhg", "diastolic_rise_mmhg", "heart_rate_rise_per_min")

    def rises(self, racemate_ng_per_ml: Floats, ec50_factor: Floats | float = 1.0) -> dict[str, Floats]:
        """Return the rises over baseline, by output name, for concentrations of racemic ketamine."""
        active = racemate_ng_per_ml * self.active_fraction
        diastolic = 3 * self.mean_pressure.rise(active, ec50_factor) / (2 + self.systolic_per_diastolic)
        rises = (diastolic * self.systolic_per_diastolic, diastolic, self.heart_rate.rise(active, ec50_factor))
        return dict(zip(self.OUTPUTS, rises, strict=True))
