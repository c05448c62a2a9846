"""The workload of the speed figures: whole courses of placeholder people. Not a clinical model.

Three-compartment parent with Domino's rate constants, two-compartment metabolite, an effect site behind each, a sigmoid with a
non-integer exponent: 7 states, 5 outputs. Six infusions over eleven days, each of three rates whose changes lie off the grid;
six times 241 one-minute times, 1,446 a person. Between people: volumes and clearances log-normal, weights 50 to 110 kg.
"""

from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.courses import Sigmoid
from openketamine.core.pharmacology.infusion import Dose, from_rates
from openketamine.core.pharmacology.model import Entry, Flow, Lag, Output, Parameter, PkModel, Variability
from openketamine.core.pharmacology.substance import Person, Route, SamplingSite, Substance
from openketamine.core.pharmacology.system import System

SESSION_DAYS = (0, 2, 4, 7, 9, 11)
RATES = ((0.0, 60.0), (11.3 / 60, 45.0), (27.7 / 60, 50.0))
END_H = 41.9 / 60
V1, K10, K12, K13, K21, K31 = 0.063 * 70, 0.4381 * 60, 0.5921 * 60, 0.59 * 60, 0.247 * 60, 0.0146 * 60


@dataclass(frozen=True)
class Workload:
    """People, doses, times and the sigmoid."""

    system: System
    doses: tuple[Dose, ...]
    times_h: np.ndarray
    sigmoids: tuple[Sigmoid, ...]


def model() -> PkModel:
    """The placeholder model."""
    parameters = {
        "v1": Parameter(V1, 1.0), "v2": Parameter(V1 * K12 / K21, 1.0), "v3": Parameter(V1 * K13 / K31, 1.0),
        "cl": Parameter(V1 * K10, 0.75), "q2": Parameter(V1 * K12, 0.75), "q3": Parameter(V1 * K13, 0.75),
        "vm": Parameter(60.0, 1.0), "vm2": Parameter(120.0, 1.0), "clm": Parameter(50.0, 0.75), "qm": Parameter(70.0, 0.75),
        "ke0": Parameter(5.0), "kem": Parameter(3.0),
    }  # fmt: skip
    flows = (
        Flow("c", "p2", "q2"), Flow("p2", "c", "q2"), Flow("c", "p3", "q3"), Flow("p3", "c", "q3"), Flow("c", "m", "cl"),
        Flow("m", "m2", "qm"), Flow("m2", "m", "qm"), Flow("m", None, "clm"),
    )  # fmt: skip
    varied = ("v1", "v3", "cl", "q3", "vm", "clm")
    spread = tuple(tuple(0.06 if i == j else 0.0 for j in range(6)) for i in range(6))
    return PkModel(
        "bench", "placeholder", Substance.RACEMATE, SamplingSite.ARTERIAL, "", "", 70.0, parameters, ("c", "p2", "p3", "m", "m2"),
        {"c": "v1", "p2": "v2", "p3": "v3", "m": "vm", "m2": "vm2"}, flows, (Output("cp", "c"), Output("cm", "m")),
        {Route.IV: (Entry("c"),)}, frozenset({"weight_kg"}), {}, Variability(varied, spread, (0.0,) * 6), {}, (),
        (Lag("ce", "cp", "ke0"), Lag("cem", "cm", "kem")),
    )  # fmt: skip


def workload(people: int, sessions: int = 6, seed: int = 1) -> Workload:
    """Draw people and lay out the course."""
    chance = np.random.default_rng(seed)
    etas = chance.standard_normal((people, 6)) * np.sqrt(0.06)
    weight = 50 + 60 * chance.random()
    doses, times = [], []
    for day in SESSION_DAYS[:sessions]:
        start = 24.0 * day
        doses += from_rates([(start + at, rate) for at, rate in RATES], start + END_H)
        times.append(start + np.arange(241) / 60)
    sigmoid = Sigmoid(
        "ce", "effect", np.full(people, 40.0), 150 * np.exp(0.3 * chance.standard_normal(people)), np.full(people, 1.7)
    )
    return Workload(model().system(Person(weight), etas), tuple(doses), np.concatenate(times), (sigmoid,))
