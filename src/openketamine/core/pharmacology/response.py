"""Mood over days after doses: an empirical rise and decay, by class of responder, with expectancy as a term of its own.

Not a function of concentration: nothing published supports that. Each dose adds `(1 - exp(-k_on t)) exp(-k_off t)` to what it is
worth, the sum saturates, and only responders have it. Every trial arm, drug or comparator, also has expectancy: points of the
score that fall at once and come back slowly. The constants are calibrated to means of trials, in MADRS points, by
`scripts/calibrate_response.py`, which prints its residuals; nothing here was fitted to single patients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from openketamine.core.pharmacology.model import Floats


@dataclass(frozen=True, slots=True)
class ResponseModel:
    """Half-lives in days, sizes in points of the symptom score (MADRS).

    `first` is what one dose would take away in a responder if it lasted, `most` what many can; `expectancy` what care itself
    takes away in everybody, drug or comparator.
    """

    onset_days: float
    decay_days: float
    first: float
    most: float
    responder_share: float
    expectancy: float
    expectancy_onset_days: float
    expectancy_decay_days: float

    def drug(self, dose_days: Sequence[float], days: Floats) -> Floats:
        """Return the points that the drug takes away in a responder, by day."""
        since = np.maximum(np.asarray(days)[None, :] - np.reshape(np.asarray(dose_days, dtype=float), (-1, 1)), 0.0)
        each = -np.expm1(-log(2) / self.onset_days * since) * np.exp(-log(2) / self.decay_days * since)
        return np.asarray(self.most * -np.expm1(-self.first / self.most * each.sum(axis=0)))

    def expected(self, days: Floats) -> Floats:
        """Return the points that expectancy takes away in anybody under care, by day."""
        since = np.maximum(np.asarray(days, dtype=float), 0.0)
        rise = -np.expm1(-log(2) / self.expectancy_onset_days * since)
        return np.asarray(self.expectancy * rise * np.exp(-log(2) / self.expectancy_decay_days * since))

    def fall(self, dose_days: Sequence[float], days: Floats, *, responder: bool) -> Floats:
        """Return the points by which the score has fallen, by day, in one class; the two terms add."""
        return np.asarray(self.expected(days) + (self.drug(dose_days, days) if responder else 0.0))

    def mean_fall(self, dose_days: Sequence[float], days: Floats) -> Floats:
        """Return the mean fall over responders and the others: what the mean of a trial arm is held against."""
        return np.asarray(self.expected(days) + self.responder_share * self.drug(dose_days, days))


@dataclass(frozen=True, slots=True)
class TrialMean:
    """One mean of a trial: days of the doses (none for a comparator), the day, the points by which the score fell.

    `over_comparator` means that the number is the difference from the comparator arm.
    """

    id: str
    dose_days: tuple[float, ...]
    day: float
    fall: float
    over_comparator: bool
    source: str


def predicted(model: ResponseModel, one: TrialMean) -> float:
    """Return what the model says of one trial mean."""
    days = np.array([one.day])
    both = float(model.mean_fall(one.dose_days, days)[0])
    return both - float(model.expected(days)[0]) if one.over_comparator else both


def residuals(model: ResponseModel, means: Sequence[TrialMean]) -> dict[str, float]:
    """Return predicted minus observed fall, in points, by trial mean."""
    return {one.id: predicted(model, one) - one.fall for one in means}
