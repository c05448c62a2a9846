"""How probable the observations of one occasion are for each virtual person."""

from collections.abc import Callable, Sequence
from math import lgamma

import numpy as np

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.observation import OFFSETS, PRESSURES, Kind, Observation, Scatter
from openketamine.core.pharmacology.subject import Draws, Subject
from openketamine.core.pharmacology.substance import SamplingSite

OUTPUT = {
    Kind.SYSTOLIC: "systolic_rise_mmhg",
    Kind.DIASTOLIC: "diastolic_rise_mmhg",
    Kind.HEART_RATE: "heart_rate_rise_per_min",
    Kind.DISSOCIATION: "cadss_total",
}


def log_likelihood(subject: Subject, doses: Sequence[Dose], seen: Sequence[Observation]) -> Callable[[Draws], Floats]:
    """Return the function that gives each virtual person the log-likelihood (n,) of what was seen, up to a constant.

    Raises ValueError when the subject has no scatter, or no effect that says anything about a kind of observation.
    """
    scatter = subject.scatter
    if scatter is None:
        raise ValueError("observations need a scatter")
    effects = [one for one in subject.effects if any(OUTPUT.get(kind) in one.outputs for kind in _needed(seen))]
    silent = [
        kind for kind in _needed(seen) if kind in OUTPUT and not any(OUTPUT[kind] in one.outputs for one in effects)
    ]
    if silent:
        raise ValueError(f"{silent[0].value}: no effect of this subject says anything about it")
    times = np.array(sorted({one.at_h for one in seen}))
    column = {at: i for i, at in enumerate(times.tolist())}

    def of(draws: Draws) -> Floats:
        predicted = subject.outputs(draws, doses, times, effects)
        total = np.zeros(draws.person.shape[0])
        for kind in Kind:
            rows = sorted(one for one in seen if one.kind is kind)
            if not rows:
                continue
            at = [column[one.at_h] for one in rows]
            if kind is Kind.LEVEL:
                total += _levels(subject, scatter, draws, doses, rows, predicted[subject.model.output][:, at])
            elif kind is Kind.DISSOCIATION:
                total += _scores(scatter, rows, predicted[OUTPUT[kind]][:, at])
            else:
                expected = _expected(subject, draws, predicted, kind)[:, at]
                total += _readings(scatter, kind, rows, expected, subject.scatter_factor(draws), _votes(seen, rows))
        return total

    return of


def _needed(seen: Sequence[Observation]) -> list[Kind]:
    kinds = {one.kind for one in seen}
    if Kind.MEAN in kinds:
        kinds |= {Kind.SYSTOLIC, Kind.DIASTOLIC}
    return sorted(kinds)


def _expected(subject: Subject, draws: Draws, predicted: dict[str, Floats], kind: Kind) -> Floats:
    """The rise over the reading before the start, which itself missed the truth."""
    if kind is Kind.MEAN:
        parts = [_expected(subject, draws, predicted, part) for part in (Kind.SYSTOLIC, Kind.DIASTOLIC)]
        return np.asarray((parts[0] + 2 * parts[1]) / 3)
    return np.asarray(predicted[OUTPUT[kind]] + subject.offset(draws, OFFSETS[kind]))


def _votes(seen: Sequence[Observation], rows: Sequence[Observation]) -> Floats:
    """Values of one cuff cycle share one vote: systolic, diastolic and mean err together."""
    times = [one.at_h for one in seen if one.kind in PRESSURES]
    return np.array([1.0 / max(1, times.count(one.at_h)) if one.kind in PRESSURES else 1.0 for one in rows])


def _readings(
    scatter: Scatter, kind: Kind, rows: Sequence[Observation], expected: Floats, factor: Floats, votes: Floats
) -> Floats:
    """Student-t errors; each carries over to the next by exp(-gap / correlation time), so a flood of readings counts as few."""
    off = np.array([one.value for one in rows]) - expected
    gaps = np.diff([one.at_h for one in rows])
    carried = np.concatenate([[0.0], np.exp(-gaps / scatter.correlation_h)])
    fresh = off.copy()
    fresh[:, 1:] -= carried[1:] * off[:, :-1]
    scale = np.maximum(np.sqrt(1 - carried**2), SAME_MOMENT) * scatter.scale(scatter.sd(kind)) * factor
    return np.asarray((student_t(fresh / scale, scatter.degrees_of_freedom) - np.log(scale)) @ votes)


SAME_MOMENT = 0.05
"""Two readings at the same moment would be one error: their difference keeps a twentieth of the scale."""


def student_t(standardised: Floats, degrees_of_freedom: float) -> Floats:
    """Return the log density up to a constant."""
    return np.asarray(-(degrees_of_freedom + 1) / 2 * np.log1p(standardised**2 / degrees_of_freedom))


def _levels(
    subject: Subject, scatter: Scatter, draws: Draws, doses: Sequence[Dose], rows: Sequence[Observation], here: Floats
) -> Floats:
    """Student-t on the log scale; a venous sample is held against the link to a vein, never against an arterial curve."""
    total = np.zeros(here.shape[0])
    for i, one in enumerate(rows):
        if one.site is subject.model.sampling_site:
            expected = here[:, i]
        elif one.site is SamplingSite.VENOUS:
            expected = subject.venous_levels(draws, doses, np.array([one.at_h]))[:, 0]
        else:
            raise ValueError(f"level at the {one.site} site: {subject.model.id} cannot say it")
        sd = scatter.level_log_sd[str(one.site)]
        off = (np.log(max(one.value, LEAST_NG)) - np.log(np.maximum(expected, LEAST_NG))) / scatter.scale(sd)
        total += student_t(off, scatter.degrees_of_freedom)
    return total


LEAST_NG = 1.0
"""Levels below 1 ng/mL are taken as 1: near the limit of quantification the log scale would exaggerate."""


def _scores(scatter: Scatter, rows: Sequence[Observation], expected: Floats) -> Floats:
    """A negative binomial: counts, skewed, with zeros of their own."""
    size, total = scatter.score_size, np.zeros(expected.shape[0])
    for i, one in enumerate(rows):
        mean = np.maximum(expected[:, i], 1e-9)
        constant = lgamma(one.value + size) - lgamma(size) - lgamma(one.value + 1)
        total += constant + size * np.log(size / (size + mean)) + one.value * np.log(mean / (size + mean))
    return total
