"""The numbers of n people under one model: dA/dt = K A + inputs, in hours and milligrams; concentrations are rows of A."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from openketamine.core.pharmacology.model import Entry, Floats, Flow, Output, PkModel
from openketamine.core.pharmacology.substance import Person, Route, within

if TYPE_CHECKING:
    from openketamine.core.pharmacology.modal import Modes

NG_PER_ML_PER_MG_PER_L = 1000.0
Values = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Input:
    """Where a share of a dose goes: unit input vector (people, states) already times the bioavailable fraction.

    `later` is the same for what exceeds `spray_mg` (the second and later sprays of a nasal dose); `release_h` (people,) is
    the duration of a zero-order release, None when the dose's own duration counts.
    """

    vector: Floats
    release_h: Floats | None = None
    spray_mg: float = np.inf
    later: Floats | None = None


@dataclass(frozen=True)
class System:
    """K (people, states, states) in 1/h, readout (people, outputs, states) in ng/mL per mg, inputs by route.

    States stand in `blocks`, from first to last place, of states that exchange with each other, upstream first: K is block
    lower triangular. `states` are their names.
    """

    matrix: Floats
    readout: Floats
    names: tuple[str, ...]
    inputs: dict[Route, tuple[Input, ...]]
    blocks: tuple[slice, ...]
    states: tuple[str, ...] = ()

    @cached_property
    def modes(self) -> "Modes":
        """The decomposition of K, found once."""
        from openketamine.core.pharmacology.modal import modes_of

        return modes_of(self)

    @property
    def people(self) -> int:
        """How many people."""
        return int(self.matrix.shape[0])

    def take(self, rows: "np.ndarray") -> "System":
        """Return the system of some of the people, by index or mask."""
        inputs = {route: tuple(_taken(one, rows) for one in every) for route, every in self.inputs.items()}
        return System(self.matrix[rows], self.readout[rows], self.names, inputs, self.blocks, self.states)


@lru_cache(maxsize=1024)
def build_typical(model: PkModel, person: Person) -> System:
    """Return the numbers of the typical person of these covariates, remembered."""
    return build(model, person, None)


def build(model: PkModel, person: Person, etas: Floats | None) -> System:
    """Return the numbers of people of these covariates, one per row of `etas`."""
    values = parameter_values(model, person, etas)
    people = 1 if etas is None else etas.shape[0]
    states, blocks = _layout(model)
    place = {name: i for i, name in enumerate(states)}
    matrix = np.zeros((people, len(states), len(states)))
    for flow in model.flows:
        _add_flow(matrix, place, flow, values, model)
    readout = np.zeros((people, len(model.output_names), len(states)))
    for i, output in enumerate(model.outputs):
        readout[:, i, place[output.compartment]] = _per_mg(output, values, model)
    for i, lag in enumerate(model.lags, start=len(model.outputs)):
        row, rate = place[lag.name], values[lag.rate]
        matrix[:, row, :] = readout[:, model.output_names.index(lag.of), :] * np.reshape(rate, (-1, 1))
        matrix[:, row, row] = -rate
        readout[:, i, row] = 1.0
    inputs = {
        route: tuple(_input(entry, values, place, people) for entry in entries)
        for route, entries in model.entries.items()
    }
    return System(matrix, readout, model.output_names, inputs, blocks, states)


def parameter_values(model: PkModel, person: Person, etas: Floats | None) -> Values:
    """Return each parameter of each person: shape (people,) where it varies, else a single number."""
    within(person.measures(), model.person_limits)
    missing = [name for name in sorted(model.covariates) if getattr(person, name) is None]
    if missing:
        raise ValueError(f"{missing[0]}: missing; model {model.id} needs it")
    relative = person.weight_kg / model.reference_weight_kg if person.weight_kg is not None else 1.0
    values: Values = {}
    for name, parameter in model.parameters.items():
        value = parameter.value
        for slope in parameter.slopes:
            value += slope.per_unit * max(0.0, getattr(person, slope.covariate) - slope.above)
        values[name] = np.float64(value * relative**parameter.weight_exponent)  # type: ignore[assignment]
    if etas is not None and model.variability is not None:
        for i, name in enumerate(model.variability.parameters):
            logit = name in model.variability.logit
            values[name] = _on_logit(values[name], etas[:, i]) if logit else values[name] * np.exp(etas[:, i])
    return values


def _on_logit(fraction: Floats, eta: Floats) -> Floats:
    return np.asarray(1 / (1 + (1 / fraction - 1) * np.exp(-eta)))


def _rate(flow: Flow, values: Values, model: PkModel) -> Floats:
    if flow.clearance:
        rate = values[flow.clearance] / values[model.volumes[flow.source]]
    elif flow.rate:
        rate = values[flow.rate]
    else:
        rate = flow.steps / values[flow.transit_time]
    return rate


def _add_flow(matrix: Floats, place: dict[str, int], flow: Flow, values: Values, model: PkModel) -> None:
    rate = _rate(flow, values, model)
    if flow.fraction:
        rate = rate * values[flow.fraction]
    if flow.remainder_of:
        rate = rate * (1 - values[flow.remainder_of])
    source = place[flow.source]
    matrix[:, source, source] -= rate
    if flow.target is not None:
        matrix[:, place[flow.target], source] += rate


def _per_mg(output: Output, values: Values, model: PkModel) -> Floats:
    ratio = values[output.molar_mass] / values[output.parent_molar_mass] if output.molar_mass else 1.0
    return np.asarray(NG_PER_ML_PER_MG_PER_L * ratio / values[model.volumes[output.compartment]])


def _input(entry: Entry, values: Values, place: dict[str, int], people: int) -> Input:
    vector = _entered(entry, values, place, people, {})
    release = np.broadcast_to(values[entry.release_h], (people,)) if entry.release_h else None
    if not entry.spray_mg:
        return Input(vector, release)
    reduced = {entry.spray_fraction: values[entry.spray_fraction] * values[entry.later_factor]}
    later = _entered(entry, values, place, people, reduced)
    return Input(vector, release, float(values[entry.spray_mg]), later)


def _entered(entry: Entry, values: Values, place: dict[str, int], people: int, instead: Values) -> Floats:
    share: Floats | float = 1.0
    for name in entry.fractions:
        share = share * instead.get(name, values[name])
    for name in entry.remainders_of:
        share = share * (1 - instead.get(name, values[name]))
    vector = np.zeros((people, len(place)))
    vector[:, place[entry.compartment]] = share
    return vector


def _taken(one: Input, rows: "np.ndarray") -> Input:
    release = None if one.release_h is None else one.release_h[rows]
    return Input(one.vector[rows], release, one.spray_mg, None if one.later is None else one.later[rows])


@lru_cache(maxsize=256)
def _layout(model: PkModel) -> tuple[tuple[str, ...], tuple[slice, ...]]:
    """Return the states in an order in which amounts only flow downstream between blocks, and the blocks."""
    states = (*model.compartments, *(lag.name for lag in model.lags))
    where = {output.name: output.compartment for output in model.outputs} | {lag.name: lag.name for lag in model.lags}
    arrows = [(flow.source, flow.target) for flow in model.flows if flow.target is not None]
    arrows += [(where[lag.of], lag.name) for lag in model.lags]
    return _ordered(states, tuple(arrows))


def _ordered(states: tuple[str, ...], arrows: tuple[tuple[str, str], ...]) -> tuple[tuple[str, ...], tuple[slice, ...]]:
    """Order states by the groups that reach each other (strongly connected components), upstream first."""
    place = {name: i for i, name in enumerate(states)}
    reach = np.eye(len(states), dtype=bool)
    for source, target in arrows:
        reach[place[source], place[target]] = True
    for middle in range(len(states)):
        reach |= reach[:, middle : middle + 1] & reach[middle : middle + 1, :]
    groups = {tuple(np.flatnonzero(row).tolist()) for row in reach & reach.T}
    ordered = sorted(groups, key=lambda group: (int(reach[:, group[0]].sum()), group))
    ends = np.cumsum([0, *(len(group) for group in ordered)]).tolist()
    return tuple(states[i] for group in ordered for i in group), tuple(slice(a, b) for a, b in pairwise(ends))
