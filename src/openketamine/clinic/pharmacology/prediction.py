"""The predicted level and effects of one person in one infusion, with their bands. A pure function of what is recorded.

Nothing here is stored: a process may keep a result by its arguments, and a corrected reading means another result. What an
earlier session taught comes in as `prior`, in the form in which `LearnedEnsemble` keeps it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from openketamine.core.pharmacology.distribution import Distribution
from openketamine.core.pharmacology.individualise import Individual, individualise
from openketamine.core.pharmacology.infusion import Dose, from_rates
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.population import chance_of, population, weighted_quantiles
from openketamine.core.pharmacology.subject import Draws, Subject
from openketamine.core.pharmacology.substance import Person
from openketamine.evidence.subjects import subject

MODEL = "kamp2020_racemic"
PEOPLE = 600
MINUTES_PER_HOUR = 60.0
PRESSURE = "systolic_rise_mmhg"
OVER_READING = "systolic_over_reading_mmhg"
"""The rise as a cuff shows it: over the one reading before the start, which itself may have missed the truth."""
Bands = dict[str, dict[str, list[float]]]


@dataclass(frozen=True, slots=True)
class Prior:
    """What earlier sessions taught, hashable: a `Distribution` with its covariance row by row. No places: a plain normal."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    along: tuple[float, ...] = ()
    places: tuple[float, ...] = ()

    def distribution(self) -> Distribution:
        """Return it as the prior of an individualisation."""
        places = np.array(self.places or (0.0,))
        return Distribution(self.names, np.array(self.mean), np.array(self.covariance), np.array(self.along), places)


@dataclass(frozen=True, slots=True)
class Question:
    """What to predict: weight in kg, rate steps as (minute, mg/h), minute at which the last rate ends, what was seen.

    `cuffs` are systolic rises over the reading before the start, as (minute, mm[Hg]); `seen` is anything else.
    `outputs` are the names of the bands that are wanted; empty: all of them.
    """

    weight_kg: float
    steps: tuple[tuple[float, float], ...]
    end_min: float
    times_min: tuple[float, ...]
    cuffs: tuple[tuple[float, float], ...] = ()
    seed: int = 1
    seen: tuple[Observation, ...] = ()
    prior: Prior | None = None
    outputs: tuple[str, ...] = ()

    def doses(self) -> tuple[Dose, ...]:
        """Return the doses that the rates come to."""
        steps = [(minute / MINUTES_PER_HOUR, rate) for minute, rate in self.steps]
        return from_rates(steps, self.end_min / MINUTES_PER_HOUR)

    def observations(self) -> tuple[Observation, ...]:
        """Return everything that was seen."""
        cuffs = (Observation(minute / MINUTES_PER_HOUR, Kind.SYSTOLIC, rise) for minute, rise in self.cuffs)
        return (*cuffs, *self.seen)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Bands by output name (5, 50, 95 %), for this person and for the population they are drawn from.

    `believed` below 1 says that the observations did not fit the virtual people, and count for less than fully.
    """

    times_min: tuple[float, ...]
    person: Bands
    population: Bands
    learned_from: int
    effective_people: float
    believed: float


@lru_cache(maxsize=256)
def predict(question: Question) -> Prediction:
    """Return the bands for one question; the same question gives the same answer to the last bit."""
    who, doses = subject(MODEL, Person(question.weight_kg)), question.doses()
    found = person_of(question)
    times_h = np.array(question.times_min) / MINUTES_PER_HOUR
    equal = np.full(PEOPLE, 1 / PEOPLE)
    return Prediction(
        question.times_min,
        _bands(who, found.draws, found.weights, doses, times_h, question.outputs),
        _bands(who, _people(question.weight_kg, question.seed), equal, doses, times_h, question.outputs),
        found.observations,
        found.effective_people,
        found.believed,
    )


def person_of(question: Question, people: int = PEOPLE) -> Individual:
    """Return the virtual people of this person after what was seen.

    What was seen and given so far decides them; a question about another rate from now on finds the same people.
    """
    seen = question.observations()
    last = max((one.at_h for one in seen), default=0.0)
    given = tuple(_until(dose, last) for dose in question.doses() if dose.start_h < last)
    return _learned_people(question.weight_kg, given, seen, question.prior, question.seed, people)


@lru_cache(maxsize=128)
def _learned_people(
    weight_kg: float,
    doses: tuple[Dose, ...],
    seen: tuple[Observation, ...],
    prior: Prior | None,
    seed: int,
    people: int,
) -> Individual:
    who = subject(MODEL, Person(weight_kg))
    return individualise(who, prior.distribution() if prior else who.lasting, doses, seen, people, chance_of(seed))


def _until(dose: Dose, hour: float) -> Dose:
    """The part of a dose that was given by an hour."""
    length = min(dose.duration_h, hour - dose.start_h)
    return Dose(
        dose.start_h, dose.amount_mg * (length / dose.duration_h if dose.duration_h else 1.0), length, dose.route
    )


@lru_cache(maxsize=64)
def _people(weight_kg: float, seed: int) -> Draws:
    return population(subject(MODEL, Person(weight_kg)), PEOPLE, seed)


def levels(question: Question) -> tuple[dict[str, list[float]], float]:
    """Return the 5, 50, 95 % of this person's level in ng/mL at the times asked for, and how far the observations are believed."""
    who, found = subject(MODEL, Person(question.weight_kg)), person_of(question)
    times_h = np.array(question.times_min) / MINUTES_PER_HOUR
    level = who.outputs(found.draws, question.doses(), times_h, effects=())[who.model.output]
    return _listed(level, found.weights), found.believed


def _bands(
    who: Subject,
    draws: Draws,
    weights: np.ndarray,
    doses: tuple[Dose, ...],
    times_h: np.ndarray,
    wanted: tuple[str, ...],
) -> Bands:
    shown = who.outputs(draws, doses, times_h)
    shown[OVER_READING] = shown[PRESSURE] + who.offset(draws, "offset.systolic")
    return {name: _listed(values, weights) for name, values in shown.items() if not wanted or name in wanted}


def _listed(values: np.ndarray, weights: np.ndarray) -> dict[str, list[float]]:
    return {name: row.tolist() for name, row in weighted_quantiles(values, weights).items()}
