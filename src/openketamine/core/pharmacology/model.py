"""A linear disposition model as its paper gives it: compartments, flows between them, routes in, outputs, variability.

A `PkModel` is data; it computes nothing but the numbers of given people: `model.system(person, etas)` gives a `System`
(`system.py`), which `predict.solve(system, doses, times_h)` turns into concentrations by output name.

* **Parameters** are held in L, L/h, /h, h or 1. Each may scale with weight, `(weight / reference) ** exponent`, and may
  change by `slope` per unit of a covariate above a threshold (Perez-Ruixo's hepatic flow above 60 years).
* **Flows** move amounts (mg, in mass of the parent). Their rate constant is a clearance over the volume of the compartment
  they leave, or a rate, or `steps` over a mean transit time, times a fraction or its remainder. Without a target they leave
  the body.
* **Lags** follow a concentration without taking mass from it: `dX/dt = k (C - X)`: venous links and effect sites.
* **Entries** are how a dose by a route reaches compartments: a bioavailable fraction (a product of parameters or of their
  remainders), and perhaps a zero-order release whose duration is a parameter. A route without entries is refused.
* **Variability**: one eta per varied parameter, on the log scale or, for fractions, the logit scale. `etas` has shape
  (people, len(variability.parameters)); it is the sum of the subject's and the occasion's eta.
* **Groups** are factors that a paper gives on some parameters for people it groups in its own way. They apply only to
  `model.with_group(name)`: nobody is ever put into one by a name or a record.
* **Links** are labelled options: fragments of a model (more parameters, compartments, flows, lags, outputs) joined by
  `model.with_link(link)`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from openketamine.core.pharmacology.substance import Person, Route, SamplingSite, Substance

if TYPE_CHECKING:
    from openketamine.core.pharmacology.system import System

__all__ = ["Floats", "Person", "PkModel", "Route", "SamplingSite", "Substance"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slope:
    """A parameter changes by `per_unit` for each unit of `covariate` above `above`."""

    covariate: str
    above: float
    per_unit: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """A typical value in L, L/h, /h, h or 1, its weight exponent and its other covariates."""

    value: float
    weight_exponent: float = 0.0
    slopes: tuple[Slope, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """Amounts leave `source` for `target` (None: out of the body); exactly one of clearance, rate, transit_time names a parameter."""

    source: str
    target: str | None
    clearance: str = ""
    rate: str = ""
    transit_time: str = ""
    steps: int = 1
    fraction: str = ""
    remainder_of: str = ""


@dataclass(frozen=True, slots=True)
class Lag:
    """`name` follows the concentration output `of` at the rate named by a parameter; its own output bears its name.

    `site` is where that concentration would be sampled; None: inside the body, where nobody samples.
    """

    name: str
    of: str
    rate: str
    site: SamplingSite | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A concentration in ng/mL: the amount in a compartment over its volume, times a ratio of molar masses if any."""

    name: str
    compartment: str
    molar_mass: str = ""
    parent_molar_mass: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A share of a dose reaches `compartment`: the product of `fractions` and of what is left by `remainders_of`.

    `release_h` names the duration of a zero-order release. `spray_mg`, `spray_fraction` and `later_factor` describe a nasal
    device: in what one dose gives beyond its first spray, the fraction `spray_fraction` is multiplied by `later_factor`.
    """

    compartment: str
    fractions: tuple[str, ...] = ()
    remainders_of: tuple[str, ...] = ()
    release_h: str = ""
    spray_mg: str = ""
    spray_fraction: str = ""
    later_factor: str = ""


@dataclass(frozen=True, slots=True)
class Variability:
    """Etas by parameter: covariance between subjects (p, p), variance between occasions (p,), which act on the logit scale.

    `borrowed_from` names another model's source when the paper's own variability could not be obtained; `assumed` names
    parameters whose variance nobody published.
    """

    parameters: tuple[str, ...]
    between_subject: tuple[tuple[float, ...], ...]
    between_occasion: tuple[float, ...]
    logit: frozenset[str] = frozenset()
    borrowed_from: str = ""
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scatter:
    """How a measured concentration scatters about the truth: proportional or log SD, and an additive SD in ng/mL."""

    proportional_sd: float
    additive_ng_per_ml: float = 0.0


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled option that joins more compartments and outputs to a model. Derived: nobody's published model."""

    id: str
    title: str
    applies_to: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    compartments: tuple[str, ...]
    volumes: Mapping[str, str]
    flows: tuple[Flow, ...]
    replaces_elimination_of: tuple[str, ...]
    lags: tuple[Lag, ...]
    outputs: tuple[Output, ...]
    sources: tuple[str, ...]
    limits_of_use: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """People as a paper groups them, and its factors on the typical values, by parameter."""

    id: str
    title: str
    factors: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class PkModel:
    """A linear disposition model. Raises ValueError when its tables do not fit together or a value is not above 0.

    `studied` is what the paper's people were, where it is known: outside it a model answers, with a warning (`studied.py`).
    `person_limits` are what can be meant at all: outside them it refuses.

    Two models are the same when they are one object: evidence gives one for each id, so results can be remembered by it.
    """

    id: str
    title: str
    substance: Substance
    sampling_site: SamplingSite
    population: str
    limits_of_use: str
    reference_weight_kg: float
    parameters: Mapping[str, Parameter]
    compartments: tuple[str, ...]
    volumes: Mapping[str, str]
    flows: tuple[Flow, ...]
    outputs: tuple[Output, ...]
    entries: Mapping[Route, tuple[Entry, ...]]
    covariates: frozenset[str]
    studied: Mapping[str, tuple[float, float]]
    variability: Variability | None
    scatter: Mapping[str, Scatter]
    sources: tuple[str, ...]
    lags: tuple[Lag, ...] = ()
    links: tuple[str, ...] = field(default=())
    person_limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    group: str = ""

    def __post_init__(self) -> None:
        bad = [name for name, parameter in self.parameters.items() if not parameter.value > 0]
        if bad:
            raise ValueError(f"{self.id}: parameter {bad[0]} must be greater than 0")
        _check_names(self)

    @property
    def output(self) -> str:
        """The name of the parent's concentration."""
        return self.outputs[0].name

    @property
    def output_names(self) -> tuple[str, ...]:
        """Concentrations in the order of the system's readout: outputs, then lags."""
        return (*(output.name for output in self.outputs), *(lag.name for lag in self.lags))

    @property
    def sites(self) -> dict[str, SamplingSite]:
        """Where each concentration is sampled, by output name."""
        linked = {lag.name: lag.site for lag in self.lags if lag.site is not None}
        return {**{output.name: self.sampling_site for output in self.outputs}, **linked}

    @property
    def routes(self) -> frozenset[Route]:
        """Routes for which the paper gives parameters."""
        return frozenset(self.entries)

    def typical(self, weight_kg: float | None = None, age_years: float | None = None) -> "System":
        """Return the numbers of the typical person (all etas 0) with these covariates."""
        return self.system(Person(weight_kg, age_years))

    def system(self, person: Person, etas: Floats | None = None) -> "System":
        """Return the numbers of people of these covariates; `etas` (people, varied parameters), None for the typical person.

        Raises ValueError for a covariate that the model uses and the person lacks, or that cannot be meant.
        """
        from openketamine.core.pharmacology.system import build, build_typical

        return build_typical(self, person) if etas is None else build(self, person, etas)

    def with_link(self, link: Link) -> "PkModel":
        """Return this model with a labelled option joined to it; raises ValueError for a link that is not meant for it."""
        if self.id not in link.applies_to:
            raise ValueError(f"link {link.id} does not belong to model {self.id}")
        kept = tuple(
            flow for flow in self.flows if flow.source not in link.replaces_elimination_of or flow.target is not None
        )
        return replace(
            self,
            parameters={**self.parameters, **link.parameters},
            compartments=(*self.compartments, *link.compartments),
            volumes={**self.volumes, **link.volumes},
            flows=(*kept, *link.flows),
            outputs=(*self.outputs, *link.outputs),
            lags=(*self.lags, *link.lags),
            sources=tuple(dict.fromkeys((*self.sources, *link.sources))),
            links=(*self.links, link.id),
        )

    @lru_cache(maxsize=16)  # noqa: B019 - models are few and live as long as the process
    def with_group(self, name: str) -> "PkModel":
        """Return this model for a group of the paper; raises ValueError for one it does not name, or a second one."""
        if name not in self.groups or self.group:
            raise ValueError(f"{self.id} has no group {name!r}, or has one already")
        factors = self.groups[name].factors
        changed = {
            key: replace(self.parameters[key], value=self.parameters[key].value * by) for key, by in factors.items()
        }
        return replace(self, parameters={**self.parameters, **changed}, group=name)

    @lru_cache(maxsize=256)  # noqa: B019 - models are few and live as long as the process
    def with_lag(self, name: str, of: str, rate_per_h: float) -> "PkModel":
        """Return this model with an effect site: output `name` follows output `of` at a rate per hour."""
        parameter = f"{name}.rate"
        return replace(
            self,
            parameters={**self.parameters, parameter: Parameter(rate_per_h)},
            lags=(*self.lags, Lag(name, of, parameter)),
        )


def _check_names(model: PkModel) -> None:
    """Raise ValueError for a flow, output, entry or eta that names something the model does not have."""
    used = [
        name
        for flow in model.flows
        for name in (flow.clearance, flow.rate, flow.transit_time, flow.fraction, flow.remainder_of)
    ]
    used += [*model.volumes.values(), *(lag.rate for lag in model.lags)]
    used += [name for output in model.outputs for name in (output.molar_mass, output.parent_molar_mass)]
    every = [entry for entries in model.entries.values() for entry in entries]
    used += [name for entry in every for name in (*entry.fractions, *entry.remainders_of, entry.release_h)]
    used += model.variability.parameters if model.variability else ()
    places = [place for flow in model.flows for place in (flow.source, flow.target) if place is not None]
    places += [output.compartment for output in model.outputs] + [entry.compartment for entry in every]
    used += [name for group in model.groups.values() for name in group.factors]
    unknown = [name for name in used if name and name not in model.parameters]
    unknown += [place for place in places if place not in model.compartments]
    if unknown:
        raise ValueError(f"{model.id}: {unknown[0]!r} is named and not described")
