"""The world in which the ensemble is tried: simulated patients whose truth is known, drawn from the variability in `evidence/`.

What generates a reading here is written anew and shares no code with the likelihood that learns from it.
"""

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
SYSTOLIC = "systolic_rise_mmhg"


@dataclass(frozen=True)
class World:
    """How the truth differs from what the method believes: factors on standard deviations, and the tails of readings."""

    disposition: float = 1.0
    effect: float = 1.0
    occasion: float = 1.0
    scatter: float = 1.0
    freedom: float | None = None
    wild: float = 0.0
    """Share of readings that are simply wrong, by a normal error of `WILD_MMHG`."""

    def subject(self, believed: Subject) -> Subject:
        """Return the subject whose variances are those of this world."""
        effects = tuple(self._effect(one) for one in believed.effects)
        seen = replace(believed.scatter, pressure_sd=believed.scatter.pressure_sd * self.scatter)
        if self.freedom:
            seen = replace(seen, degrees_of_freedom=self.freedom)
        return replace(believed, model=self._model(believed.model), effects=effects, scatter=seen)

    def _effect(self, one: Effect) -> Effect:
        spread = one.spread
        sizes = {group: sd * self.effect for group, sd in spread.size_log_sd.items()}
        return replace(
            one, spread=Spread(sizes, spread.ec50_log_sd * self.effect, spread.occasion_log_sd * self.occasion)
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
    seen = [Session(day, _readings(world, subject, day, doses, i == 0, chance)) for i, day in enumerate(days[:-1])]
    return Patient(weight, doses, tuple(seen), days[-1])


def _readings(world, subject, day, doses, with_level, chance) -> tuple[Observation, ...]:
    true = subject.outputs(day, doses, CUFFS)[SYSTOLIC][0]
    missed = day.occasion[0, subject.passing.names.index("offset.systolic")]
    noisier = np.exp(day.person[0, subject.lasting.names.index("scatter")])
    freedom = subject.scatter.degrees_of_freedom
    scale = subject.scatter.pressure_sd * np.sqrt((freedom - 2) / freedom) * noisier
    errors, last, before = [], 0.0, None
    for at in CUFFS:
        carried = 0.0 if before is None else np.exp(-(at - before) / subject.scatter.correlation_h)
        last = carried * last + np.sqrt(1 - carried**2) * scale * chance.standard_t(freedom)
        errors.append(last + (chance.normal(0, WILD_MMHG) if chance.random() < world.wild else 0.0))
        before = at
    cuffs = [
        Observation(float(at), Kind.SYSTOLIC, float(a - missed + e))
        for at, a, e in zip(CUFFS, true, errors, strict=True)
    ]
    return (*cuffs, _level(subject, day, doses, chance)) if with_level and chance.random() < 0.5 else tuple(cuffs)


def _level(subject, day, doses, chance) -> Observation:
    """A level from a vein at minute 35."""
    at, freedom = 35 / MINUTES, subject.scatter.degrees_of_freedom
    true = float(subject.venous_levels(day, doses, np.array([at]))[0, 0])
    scale = subject.scatter.level_log_sd["venous"] * np.sqrt((freedom - 2) / freedom)
    return Observation(at, Kind.LEVEL, true * float(np.exp(scale * chance.standard_t(freedom))), SamplingSite.VENOUS)


def reference(
    subject: Subject, who: Patient, seen: list[tuple[Observation, ...]], n: int, chance
) -> tuple[Sample, int]:
    """Condition on all sessions at once, knowing the variances of the world; coordinates: lasting, then each occasion's.

    Nothing is summarised between sessions. The first number returned is the sample, the second how many coordinates last.
    """
    split, width = len(subject.lasting.names), len(subject.passing.names)
    touched = [
        i for i, name in enumerate(subject.passing.names) if "haemodynamics" in name or name == "offset.systolic"
    ]
    names = [
        *subject.lasting.names,
        *(f"{day}.{subject.passing.names[i]}" for day in range(len(seen)) for i in touched),
    ]
    today = subject.passing.covariance[np.ix_(touched, touched)]
    covariance = np.zeros((len(names), len(names)))
    covariance[:split, :split] = subject.lasting.covariance
    for day in range(len(seen)):
        at = split + day * len(touched)
        covariance[at : at + len(touched), at : at + len(touched)] = today
    mean = np.concatenate([subject.lasting.mean, *[subject.passing.mean[touched]] * len(seen)])
    likely = [log_likelihood(subject, who.doses, one) for one in seen]

    def draws_of(values, day) -> Draws:
        occasion = np.tile(subject.passing.mean, (values.shape[0], 1))
        at = split + day * len(touched)
        occasion[:, touched] = values[:, at : at + len(touched)]
        assert occasion.shape[1] == width
        return Draws(values[:, :split], occasion)

    def log_like(values):
        return sum(one(draws_of(values, day)) for day, one in enumerate(likely))

    before = Distribution(tuple(names), mean, covariance)
    for _try in range(REFERENCE_TRIES):
        found = sample(before, log_like, n, chance, floor=REFERENCE_FLOOR, rounds=REFERENCE_ROUNDS)
        if found.believed == 1.0:
            break
    return found, split
