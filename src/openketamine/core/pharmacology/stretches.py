"""A course as stretches of constant inflow: modes at each start by recursion, outputs inside as one matrix product a person.

Within a stretch a mode of rate k that starts at z and is fed at u holds u/k + (z - u/k) exp(-k t), so all outputs at all
times are (coefficients) @ (exponentials). Stretches whose times lie alike from their start, as the sessions of a course do,
share their exponentials and one product. No step size exists: times are where they were asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from openketamine.core.pharmacology.model import Floats

PEOPLE_AT_ONCE = 48
ALIKE_H = 1e-12
"""Two times are alike when they differ by less than this (4 ns): what rounding makes of equal distances."""


@dataclass(frozen=True, slots=True)
class Entering:
    """An amount in mg that enters from `start_h` over `length_h` (0: at once) by the input of place `unit`."""

    start_h: float
    length_h: float
    amount_mg: float
    unit: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Two modes of one rate, the second fed by the first at `flow` (people,): z2(t) = exp(-k t) (z2 + flow t z1)."""

    first: int
    flow: Floats


@dataclass(frozen=True, slots=True)
class Shape:
    """Distances in h from the start of a stretch, and whether something flows in meanwhile: then exp(-k t) - 1 is wanted."""

    distances_h: Floats
    fed: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """What enters at once at its start, what flows in (place of the unit, mg or mg/h), places of its times in the sorted grid.

    `shape` is the place of its times' distances among the plan's shapes, `whole` that of its own length.
    """

    at_once: tuple[tuple[int, float], ...]
    inflow: tuple[tuple[int, float], ...]
    first: int
    last: int
    shape: int
    whole: int


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The stretches of a course and the distinct shapes they are made of.

    `distances_h` are those of all shapes end to end, the first `fed` of them those of fed shapes; each shape begins at one of `begins`.
    """

    stretches: tuple[Stretch, ...]
    shapes: tuple[Shape, ...]
    distances_h: Floats
    fed: int
    begins: tuple[int, ...]


class _Shapes:
    """Distinct shapes in order of first use; distances that are alike are one shape."""

    def __init__(self) -> None:
        self.found: list[Shape] = []
        self.near: dict[tuple[int, float, bool], list[int]] = {}

    def place(self, distances_h: Floats, *, fed: bool) -> int:
        key = (distances_h.size, round(float(distances_h.sum()), 6), fed)
        for place in self.near.setdefault(key, []):
            if np.abs(self.found[place].distances_h - distances_h).max(initial=0.0) < ALIKE_H:
                return place
        self.found.append(Shape(distances_h, fed))
        self.near[key].append(len(self.found) - 1)
        return len(self.found) - 1


def plan_of(entering: tuple[Entering, ...], times_h: Floats) -> Plan:
    """Divide a course into stretches for ascending `times_h`; the same question again finds the same plan."""
    return _plan(entering, times_h.tobytes())


@lru_cache(maxsize=64)
def _plan(entering: tuple[Entering, ...], times: bytes) -> Plan:
    times_h = np.frombuffer(times)
    beginning, ending = _events(entering)
    starts = sorted(beginning | ending)
    stops = [*starts[1:], max(float(times_h[-1]), starts[-1])]
    firsts = np.searchsorted(times_h, starts).tolist()
    lasts = [*firsts[1:], times_h.size]
    shapes, stretches, running = _Shapes(), [], dict[int, tuple[int, float]]()
    for start, stop, first, last in zip(starts, stops, firsts, lasts, strict=True):
        for over in ending.get(start, ()):
            running.pop(over)
        begun = [(i, entering[i]) for i in beginning.get(start, ())]
        running |= {i: (one.unit, one.amount_mg / one.length_h) for i, one in begun if one.length_h > 0}
        at_once = tuple((one.unit, one.amount_mg) for _i, one in begun if one.length_h == 0)
        shape = shapes.place(times_h[first:last] - start, fed=bool(running))
        whole = shapes.place(np.array([stop - start]), fed=bool(running))
        stretches.append(Stretch(at_once, tuple(running.values()), first, last, shape, whole))
    return _laid_out(tuple(stretches), tuple(shapes.found))


def _laid_out(stretches: tuple[Stretch, ...], shapes: tuple[Shape, ...]) -> Plan:
    """Lay the distances of all shapes end to end, fed ones first."""
    order = sorted(range(len(shapes)), key=lambda i: not shapes[i].fed)
    begins, at = [0] * len(shapes), 0
    for i in order:
        begins[i], at = at, at + shapes[i].distances_h.size
    fed = sum(shape.distances_h.size for shape in shapes if shape.fed)
    distances = np.concatenate([shapes[i].distances_h for i in order])
    return Plan(stretches, shapes, distances, fed, tuple(begins))


def _events(entering: tuple[Entering, ...]) -> tuple[dict[float, list[int]], dict[float, list[int]]]:
    """Return what begins and what ends at which hour, by place."""
    beginning, ending = dict[float, list[int]](), dict[float, list[int]]()
    for i, one in enumerate(entering):
        beginning.setdefault(one.start_h, []).append(i)
        if one.length_h > 0:
            ending.setdefault(one.start_h + one.length_h, []).append(i)
    return beginning, ending


def by_stretches(
    rates: Floats,
    readout: Floats,
    units: Sequence[Floats],
    entering: tuple[Entering, ...],
    times_h: Floats,
    cells: Sequence[Cell] = (),
) -> Floats:
    """Return outputs (people, outputs, times) for rates (people, modes) and readout (people, outputs, modes).

    `units` are the shares of a unit of each input in each mode (people, modes).
    """
    found = np.zeros((rates.shape[0], readout.shape[1], times_h.size))
    if not entering or not times_h.size:
        return found
    order = np.argsort(times_h, kind="stable")
    plan, workspace = plan_of(entering, times_h[order]), Workspace()
    for first in range(0, rates.shape[0], PEOPLE_AT_ONCE):
        some = slice(first, first + PEOPLE_AT_ONCE)
        pairs = [Cell(cell.first, cell.flow[some]) for cell in cells]
        fill(rates[some], readout[some], plan, [unit[some] for unit in units], found[some], workspace, pairs)
    if (order[1:] < order[:-1]).any():
        found[:, :, order] = found.copy()
    return found


class Workspace:
    """Arrays used again and again: fresh ones cost more than the arithmetic in them."""

    def __init__(self) -> None:
        self._arrays: dict[object, Floats] = {}

    def array(self, use: object, shape: tuple[int, ...]) -> Floats:
        """Return an array for one use; what it held is gone."""
        found = self._arrays.get(use)
        if found is None or found.shape != shape:
            found = self._arrays[use] = np.empty(shape)
        return found


def fill(
    rates: Floats,
    readout: Floats,
    plan: Plan,
    units: Sequence[Floats],
    found: Floats,
    workspace: Workspace,
    cells: Sequence[Cell] = (),
) -> None:
    """Fill in the outputs of some people.

    A stretch without inflow decays, z exp(-k t); one with inflow is written z + (z - u/k) (exp(-k t) - 1), so that nothing
    cancels where a level begins to rise.
    """
    shapes = _shapes(rates, plan, cells, workspace)
    wide = _beside(readout, [readout[:, :, [c.first + 1]] * c.flow[:, None, None] for c in cells])
    held = np.zeros_like(rates)
    alike: dict[int, list[tuple[Stretch, Floats, Floats]]] = {}
    for stretch in plan.stretches:
        for unit, amount in stretch.at_once:
            held = held + amount * units[unit]
        steady = _steady(rates, units, stretch, cells)
        moving = held - steady
        if stretch.last > stretch.first:
            both = _beside(moving, [moving[:, [cell.first]] for cell in cells])
            alike.setdefault(stretch.shape, []).append((stretch, both, held))
        whole = shapes[stretch.whole][:, :, 0]
        held = moving * whole[:, : rates.shape[1]] + (held if stretch.inflow else 0.0)
        for i, cell in enumerate(cells, start=rates.shape[1]):
            held[:, cell.first + 1] += cell.flow * moving[:, cell.first] * whole[:, i]
    for place, stretches in alike.items():
        _fill_alike(readout, wide, shapes[place], stretches, found, workspace)


def _steady(rates: Floats, units: Sequence[Floats], stretch: Stretch, cells: Sequence[Cell]) -> Floats:
    """Return where the modes would settle under a stretch's inflow."""
    if not stretch.inflow:
        return np.zeros_like(rates)
    steady = sum(
        (rate * units[unit] for unit, rate in stretch.inflow[1:]), stretch.inflow[0][1] * units[stretch.inflow[0][0]]
    )
    steady /= rates
    for cell in cells:
        steady[:, cell.first + 1] += cell.flow * steady[:, cell.first] / rates[:, cell.first]
    return steady


def _shapes(rates: Floats, plan: Plan, cells: Sequence[Cell], workspace: Workspace) -> list[Floats]:
    """Return for each shape exp(-k t), or that less 1 where something flows in, and t exp(-k t) of each cell: views of one array."""
    distances, fed = plan.distances_h, plan.fed
    into = workspace.array("shapes", (rates.shape[0], rates.shape[1] + len(cells), distances.size))
    modes = into[:, : rates.shape[1]]
    np.multiply(-rates[:, :, None], distances, out=modes)
    for i, cell in enumerate(cells, start=rates.shape[1]):
        into[:, i] = distances * np.exp(modes[:, cell.first])
    np.expm1(modes[:, :, :fed], out=modes[:, :, :fed])
    np.exp(modes[:, :, fed:], out=modes[:, :, fed:])
    return [
        into[:, :, first : first + shape.distances_h.size]
        for first, shape in zip(plan.begins, plan.shapes, strict=True)
    ]


def _beside(first: Floats, others: Sequence[Floats]) -> Floats:
    """Join along the last axis."""
    return np.concatenate([first, *others], axis=-1) if others else first


def _fill_alike(
    readout: Floats,
    wide: Floats,
    shape: Floats,
    alike: Sequence[tuple[Stretch, Floats, Floats]],
    found: Floats,
    workspace: Workspace,
) -> None:
    """Fill in stretches of one shape: one matrix product a person for all of them."""
    (people, outputs, modes), times = wide.shape, shape.shape[2]
    several = [moving[:, None, None, :] for _stretch, moving, _held in alike]
    coefficients = (
        (np.concatenate(several, axis=1) if len(several) > 1 else several[0]) * wide[:, None, :, :]
    ).reshape(people, len(alike) * outputs, modes)
    product = workspace.array("product", (people, len(alike) * outputs, times))
    np.matmul(coefficients, shape, out=product)
    product = product.reshape(people, len(alike), outputs, times)
    for i, (stretch, _moving, held) in enumerate(alike):
        here = found[:, :, stretch.first : stretch.last]
        if stretch.inflow:
            np.add(product[:, i], readout @ held[:, :, None], out=here)
        else:
            here[...] = product[:, i]
