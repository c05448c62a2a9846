"""Who the virtual people of one person are: covariates, a disposition model, effects, and the coordinates in which people differ.

A virtual person is a point in two groups of coordinates on the log (or logit) scale. **Person** coordinates last: disposition
(between-subject, with its published covariances), size and EC50 of each effect, how much readings scatter. **Occasion**
coordinates are new at each infusion: disposition and effects between occasions, and by how much the one reading before the
start missed the truth.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from statistics import fmean

import numpy as np

from openketamine.core.pharmacology.distribution import Distribution, Doubt, factors_of
from openketamine.core.pharmacology.effects import Effect
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Floats, PkModel
from openketamine.core.pharmacology.observation import OFFSETS, Scatter
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.substance import Person

SCATTER = "scatter"


@dataclass(frozen=True, slots=True)
class Draws:
    """n virtual people: person coordinates (n, p) and coordinates of one occasion (n, q)."""

    person: Floats
    occasion: Floats

    def take(self, rows: "np.ndarray | slice") -> "Draws":
        """Return some of the people."""
        return Draws(self.person[rows], self.occasion[rows])


@dataclass(frozen=True)
class Subject:
    """A person's covariates under one disposition model, with the effects that are followed.

    `venous` is the model joined with a link to a vein, and the name of its venous output; None when no link is known. Raises
    ValueError when an effect cannot be driven by the model's substance.
    """

    model: PkModel
    person: Person
    effects: tuple[Effect, ...] = ()
    scatter: Scatter | None = None
    venous: tuple[PkModel, str] | None = None

    def __post_init__(self) -> None:
        for effect in self.effects:
            effect.share(self.model.substance)

    @cached_property
    def lasting(self) -> Distribution:
        """The distribution of person coordinates in the population. A size is centred so that its mean factor is 1.

        Where it is assumed how much people differ, the assumption is in doubt.
        """
        spread = self.model.variability
        names = [f"pk.{name}" for name in (spread.parameters if spread else ())]
        blocks = [np.array(spread.between_subject).reshape(len(names), len(names))] if spread else []
        mean, doubts = [0.0] * len(names), []
        for effect in self.effects:
            first, factors = len(names), factors_of(effect.spread.doubt_log_sd if effect.spread else 0.0)
            for name, log_sd, centred in _person_coordinates(effect):
                names.append(name)
                mean.append(-log(fmean(exp((log_sd * one) ** 2 / 2) for one in factors)) if centred else 0.0)
                blocks.append(np.array([[log_sd**2]]))
            doubts += [Doubt(tuple(range(first, len(names))), factors)] if len(factors) > 1 else []
        if self.scatter:
            names.append(SCATTER)
            mean.append(0.0)
            blocks.append(np.array([[self.scatter.person_log_sd**2]]))
        return Distribution(tuple(names), np.array(mean), _block_diagonal(blocks), doubts=tuple(doubts))

    @cached_property
    def passing(self) -> Distribution:
        """The distribution of the coordinates of one occasion."""
        spread = self.model.variability
        rows = [
            (f"pk.{name}", 0.0, variance)
            for name, variance in (zip(spread.parameters, spread.between_occasion, strict=True) if spread else ())
            if variance > 0
        ]
        for effect in self.effects:
            if effect.spread and effect.spread.occasion_log_sd > 0:
                variance = effect.spread.occasion_log_sd**2
                rows.append((f"{effect.id}.occasion", -variance / 2, variance))
        rows += [(name, 0.0, sd**2) for name, sd in (self.scatter.offsets() if self.scatter else {}).items()]
        return Distribution(
            tuple(row[0] for row in rows), np.array([row[1] for row in rows]), np.diag([row[2] for row in rows])
        )

    def outputs(
        self, draws: Draws, doses: Iterable[Dose], times_h: Floats, effects: Iterable[Effect] | None = None
    ) -> dict[str, Floats]:
        """Return every output of every virtual person, arrays (n, times) by output name; only some effects when named."""
        chosen = self.effects if effects is None else tuple(effects)
        levels = solve(self._model_with(chosen).system(self.person, self.etas(draws)), tuple(doses), times_h)
        found = {name: level for name, level in levels.items() if not name.startswith(SITE)}
        for effect in chosen:
            driving = levels[_site(effect) or self.model.output] * effect.share(self.model.substance)
            sizes, ec50 = self._factors(effect, draws)
            found |= effect.rises(driving, sizes, ec50)
        return found

    def venous_levels(self, draws: Draws, doses: Iterable[Dose], times_h: Floats) -> Floats:
        """Return the level in a vein by the link (n, times); raises ValueError when there is none."""
        if self.venous is None:
            raise ValueError(f"{self.model.id}: no link from its sampling site to a vein is known")
        model, output = self.venous
        return solve(model.system(self.person, self.etas(draws)), tuple(doses), times_h)[output]

    def offset(self, draws: Draws, name: str) -> Floats:
        """Return by how much the reading before the start missed the truth (n, 1)."""
        return np.asarray(-draws.occasion[:, [self.passing.names.index(name)]])

    def scatter_factor(self, draws: Draws) -> Floats:
        """Return each virtual person's factor on the scatter of readings (n, 1)."""
        return np.asarray(np.exp(draws.person[:, [self.lasting.names.index(SCATTER)]]))

    def _model_with(self, effects: Iterable[Effect]) -> PkModel:
        model = self.model
        for name, rate in {_site(one): one.equilibration_per_h for one in effects if _site(one)}.items():
            model = model.with_lag(name, self.model.output, rate)
        return model

    def etas(self, draws: Draws) -> Floats:
        """Return the etas of disposition (n, varied parameters): between subjects plus this occasion's."""
        spread = self.model.variability
        if spread is None:
            return np.zeros((draws.person.shape[0], 0))
        etas = draws.person[:, : len(spread.parameters)].copy()
        for i, name in enumerate(spread.parameters):
            if f"pk.{name}" in self.passing.names:
                etas[:, i] += draws.occasion[:, self.passing.names.index(f"pk.{name}")]
        return etas

    def _factors(self, effect: Effect, draws: Draws) -> tuple[Mapping[str, Floats], Floats | float]:
        if effect.spread is None:
            return {}, 1.0
        today = _column(draws.occasion, self.passing.names, f"{effect.id}.occasion")
        sizes = {
            group: np.exp(_column(draws.person, self.lasting.names, f"{effect.id}.size.{group}") + today)
            for group in effect.spread.size_log_sd
        }
        return sizes, np.exp(_column(draws.person, self.lasting.names, f"{effect.id}.ec50"))


SITE = "site:"


def _site(effect: Effect) -> str:
    return f"{SITE}{effect.equilibration_per_h!r}" if effect.equilibration_per_h else ""


def _column(values: Floats, names: tuple[str, ...], name: str) -> Floats:
    return values[:, [names.index(name)]] if name in names else np.zeros((values.shape[0], 1))


def _person_coordinates(effect: Effect) -> list[tuple[str, float, bool]]:
    if effect.spread is None:
        return []
    sizes = [(f"{effect.id}.size.{group}", log_sd, True) for group, log_sd in effect.spread.size_log_sd.items()]
    ec50 = [(f"{effect.id}.ec50", effect.spread.ec50_log_sd, False)] if effect.spread.ec50_log_sd > 0 else []
    return sizes + ec50


def _block_diagonal(blocks: list[Floats]) -> Floats:
    size = sum(block.shape[0] for block in blocks)
    whole, at = np.zeros((size, size)), 0
    for block in blocks:
        whole[at : at + block.shape[0], at : at + block.shape[0]] = block
        at += block.shape[0]
    return whole


__all__ = ["OFFSETS", "Draws", "Subject"]
