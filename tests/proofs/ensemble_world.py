"""The world in which the ensemble is tried: simulated patients whose truth is known, drawn from the variability in `evidence/`.

What generates a reading here is written anew and shares no code with the likelihood that learns from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from openketamine.core.pharmacology.distribution import Distribution
from openketamine.core.pharmacology.effects import Effect, Spread
from openketamine.core.pharmacology.individualise import Sample, sample
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.likelihood import log_likelihood
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.subject import Draws, Subject
from openketamine.core.pharmacology.substance import Person, SamplingSite

MINUTES = 60.0
PEAK_H = np.array([40 / MINUTES])
CUFFS = np.arange(5, 60, 5) / MINUTES
SCORES = np.array([20, 40, 60]) / MINUTES
SYSTOLIC = "systolic_rise_mmhg"


@dataclass(frozen=True)
class World:
    """How the truth differs from what the method believes: factors on standard deviations, and the tails of readings."""

    disposition: float = 1.0
    effect: float = 1.0
    occasion: float = 1.0
    scatter: float = 1.0
    level: float = 1.0
    """Of the scatter of plasma levels."""
    noisiness: float = 1.0
    """Of how much the scatter of readings differs from person to person."""
    doubt: bool = False
    """Whether the spread of the effects is off by a factor that is drawn for each patient, as the method believes it may be."""
    every_kind: bool = False
    """Whether patients give every kind of observation, at intervals of their own, and not cuffs and a venous level alone."""
    freedom: float | None = None
    wild: float = 0.0
    """Share of readings that are simply wrong, by a normal error of `WILD_MMHG`."""

    def subject(self, believed: Subject) -> Subject:
        """Return the subject whose variances are those of this world."""
        effects = tuple(self._effect(one) for one in believed.effects)
        seen = believed.scatter
        seen = replace(
            seen,
            pressure_sd=seen.pressure_sd * self.scatter,
            person_log_sd=seen.person_log_sd * self.noisiness,
            level_log_sd={site: sd * self.level for site, sd in seen.level_log_sd.items()},
        )
        if self.freedom:
            seen = replace(seen, degrees_of_freedom=self.freedom)
        return replace(believed, model=self._model(believed.model), effects=effects, scatter=seen)

    def _effect(self, one: Effect) -> Effect:
        spread = one.spread
        sizes = {group: sd * self.effect for group, sd in spread.size_log_sd.items()}
        doubt = spread.doubt_log_sd if self.doubt else 0.0
        return replace(
            one, spread=Spread(sizes, spread.ec50_log_sd * self.effect, spread.occasion_log_sd * self.occasion, doubt)
        )

    def _model(self, model):
        covariance = np.array(model.variability.between_subject) * self.disposition**2
        varied = replace(model.variability, between_subject=tuple(map(tuple, covariance.tolist())))
        return replace(model, variability=varied)


WILD_MMHG = 40.0
REFERENCE_FLOOR, REFERENCE_ROUNDS, REFERENCE_TRIES = 0.04, 40, 5
"""The reference may take its time: it must count every reading in full, and begins anew when it does not."""


@dataclass(frozen=True)
class Session:
    """One simulated infusion: the truth of the occasion and what was read."""

    truth: Draws
    seen: tuple[Observation, ...]


@dataclass(frozen=True)
class Patient:
    """One simulated patient: covariates, doses of every session, the sessions, and the truth of the one after them."""

    weight_kg: float
    doses: tuple[Dose, ...]
    sessions: tuple[Session, ...]
    after: Draws


def patient(world: World, believed: Subject, sessions: int, chance: np.random.Generator) -> Patient:
    """Simulate one patient of 50 to 100 kg given 0.5 mg/kg over 40 minutes several times."""
    weight = float(chance.uniform(50, 100))
    subject = replace(world.subject(believed), person=Person(weight))
    doses = (Dose(0, weight / 2, 40 / MINUTES),)
    lasting = subject.lasting.draw(1, chance)
    days = [Draws(lasting, subject.passing.draw(1, chance)) for _ in range(sessions + 1)]
    readings = _every_kind if world.every_kind else _cuffs_and_a_level
    seen = [Session(day, readings(world, subject, day, doses, i == 0, chance)) for i, day in enumerate(days[:-1])]
    return Patient(weight, doses, tuple(seen), days[-1])


def _cuffs_and_a_level(world, subject, day, doses, with_level, chance) -> tuple[Observation, ...]:
    true = subject.outputs(day, doses, CUFFS)[SYSTOLIC][0] - _missed(subject, day, "systolic")
    errors = _errors(world, subject, day, CUFFS, subject.scatter.pressure_sd, chance)
    cuffs = [Observation(float(at), Kind.SYSTOLIC, float(a + e)) for at, a, e in zip(CUFFS, true, errors, strict=True)]
    site = SamplingSite.VENOUS
    return (*cuffs, _level(subject, day, doses, site, chance)) if with_level and chance.random() < 0.5 else tuple(cuffs)


def _every_kind(world, subject, day, doses, _with_level, chance) -> tuple[Observation, ...]:
    """Cuffs and heart rates, each every 1 to 10 minutes, three scores, and in half of the sessions a level from either site.

    The three pressures of one cuff cycle err together; the mean is that of the other two.
    """
    cuffs, beats = (np.arange(every, 61, every) / MINUTES for every in chance.integers(1, 11, size=2))
    seen, true = [], subject.outputs(day, doses, cuffs)
    errors = _errors(world, subject, day, cuffs, subject.scatter.pressure_sd, chance)
    upper, lower = (
        true[f"{name}_rise_mmhg"][0] - _missed(subject, day, name) + errors for name in ("systolic", "diastolic")
    )
    for kind, values in ((Kind.SYSTOLIC, upper), (Kind.DIASTOLIC, lower), (Kind.MEAN, (upper + 2 * lower) / 3)):
        seen += [Observation(float(at), kind, float(value)) for at, value in zip(cuffs, values, strict=True)]
    rates = subject.outputs(day, doses, beats)["heart_rate_rise_per_min"][0] - _missed(subject, day, "heart_rate")
    rates = rates + _errors(world, subject, day, beats, subject.scatter.heart_rate_sd, chance)
    seen += [Observation(float(at), Kind.HEART_RATE, float(value)) for at, value in zip(beats, rates, strict=True)]
    size, scores = subject.scatter.score_size, subject.outputs(day, doses, SCORES)["cadss_total"][0]
    totals = chance.negative_binomial(size, size / (size + np.maximum(scores, 1e-9)))
    seen += [Observation(float(at), Kind.DISSOCIATION, float(one)) for at, one in zip(SCORES, totals, strict=True)]
    if chance.random() < 0.5:
        site = SamplingSite.VENOUS if chance.random() < 0.5 else SamplingSite.ARTERIAL
        seen.append(_level(subject, day, doses, site, chance))
    return tuple(seen)


def _missed(subject, day, name) -> float:
    """By how much the one reading before the start missed the truth."""
    return float(day.occasion[0, subject.passing.names.index(f"offset.{name}")])


def _errors(world, subject, day, times_h, sd, chance) -> np.ndarray:
    """Errors of readings, heavy in the tails, each carried over to the next; this person's scatter more or less than others'."""
    noisier = np.exp(day.person[0, subject.lasting.names.index("scatter")])
    freedom = subject.scatter.degrees_of_freedom
    scale = sd * np.sqrt((freedom - 2) / freedom) * noisier
    errors, last, before = [], 0.0, None
    for at in times_h:
        carried = 0.0 if before is None else np.exp(-(at - before) / subject.scatter.correlation_h)
        last = carried * last + np.sqrt(1 - carried**2) * scale * chance.standard_t(freedom)
        errors.append(last + (chance.normal(0, WILD_MMHG) if chance.random() < world.wild else 0.0))
        before = at
    return np.array(errors)


def _level(subject, day, doses, site, chance) -> Observation:
    """A level at minute 35."""
    at, freedom = 35 / MINUTES, subject.scatter.degrees_of_freedom
    if site is SamplingSite.VENOUS:
        true = float(subject.venous_levels(day, doses, np.array([at]))[0, 0])
    else:
        true = float(subject.outputs(day, doses, np.array([at]))[subject.model.output][0, 0])
    scale = subject.scatter.level_log_sd[site.value] * np.sqrt((freedom - 2) / freedom)
    return Observation(at, Kind.LEVEL, true * float(np.exp(scale * chance.standard_t(freedom))), site)


TOUCHED = {
    Kind.LEVEL: ("pk.",),
    Kind.SYSTOLIC: ("pk.", "haemodynamics", "offset.systolic"),
    Kind.DIASTOLIC: ("pk.", "haemodynamics", "offset.diastolic"),
    Kind.MEAN: ("pk.", "haemodynamics", "offset.systolic", "offset.diastolic"),
    Kind.HEART_RATE: ("pk.", "haemodynamics", "offset.heart_rate"),
    Kind.DISSOCIATION: ("pk.", "cadss"),
}
"""Which coordinates of an occasion a kind of observation says anything about, by how their names begin."""


def reference(
    subject: Subject, doses: tuple[Dose, ...], seen: list[tuple[Observation, ...]], n: int, chance
) -> tuple[Sample, Callable[[int], Draws]]:
    """Condition on all sessions at once, knowing the variances of the world; coordinates: lasting, then each occasion's.

    Nothing is summarised between sessions. Returns the sample, and what gives its people as they were on one of the days.
    """
    split, passing = len(subject.lasting.names), subject.passing
    begins = tuple({begin for one in seen for each in one for begin in TOUCHED[each.kind]})
    touched = [i for i, name in enumerate(passing.names) if name.startswith(begins)]
    likely = [log_likelihood(subject, doses, one) for one in seen]

    def draws_of(values, day) -> Draws:
        occasion = np.tile(passing.mean, (values.shape[0], 1))
        at = split + day * len(touched)
        occasion[:, touched] = values[:, at : at + len(touched)]
        return Draws(values[:, :split], occasion)

    def log_like(values):
        return sum(one(draws_of(values, day)) for day, one in enumerate(likely))

    before = _all_days(subject, touched, len(seen))
    found = sample(before, log_like, n, chance, floor=REFERENCE_FLOOR, rounds=REFERENCE_ROUNDS)
    for _again in range(REFERENCE_TRIES - 1):
        if found.believed == 1.0:
            break
        found = sample(before, log_like, n, chance, floor=REFERENCE_FLOOR, rounds=REFERENCE_ROUNDS)
    return found, lambda day: draws_of(found.values, day)


def _all_days(subject: Subject, touched: list[int], days: int) -> Distribution:
    """The prior over the lasting coordinates and over the touched ones of each day."""
    lasting, passing = subject.lasting, subject.passing
    names = [*lasting.names, *(f"{day}.{passing.names[i]}" for day in range(days) for i in touched)]
    split, size = len(lasting.names), len(touched)
    covariance = np.zeros((len(names), len(names)))
    covariance[:split, :split] = lasting.covariance
    for at in range(split, len(names), size or 1):
        covariance[at : at + size, at : at + size] = passing.covariance[np.ix_(touched, touched)]
    mean = np.concatenate([lasting.mean, *[passing.mean[touched]] * days])
    return Distribution(tuple(names), mean, covariance, doubts=lasting.doubts)
