"""Whole courses of many people at once, with sigmoid effects, into one array: the fast way to much.

`courses` answers as `predict.solve` does, for ascending times, in an array (people, outputs, times) that a caller may hand in.
Effects follow the system's outputs. The NumPy engine is always there; `compiled.ready()` says whether the compiled one is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology import compiled
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.modal import MOST_SPREAD, blocks_and_cells, entering_of, units_of
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.pieces import pieces_of
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.stretches import PEOPLE_AT_ONCE, Plan, Workspace, fill, plan_of
from openketamine.core.pharmacology.system import System


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """`name` = emax x^hill / (1 + x^hill), x the output `of` over ec50; one number a person each (people,)."""

    of: str
    name: str
    emax: Floats
    ec50: Floats
    hill: Floats

    def of_people(self, rows: "np.ndarray") -> "Sigmoid":
        """Return the sigmoid of some of the people."""
        return Sigmoid(self.of, self.name, self.emax[rows], self.ec50[rows], self.hill[rows])

    def at(self, level: Floats, out: Floats | None = None, people: slice = slice(None)) -> Floats:
        """Return the effect of levels (people, times) of some of the people: emax / (1 + x^-hill)."""
        x = np.divide(level, self.ec50[people, None], out=out)
        with np.errstate(divide="ignore", over="ignore"):
            np.log(x, out=x)
            x *= -self.hill[people, None]
            np.exp(x, out=x)
            x += 1.0
            return np.divide(self.emax[people, None], x, out=x)


def courses(
    system: System,
    doses: Sequence[Dose],
    times_h: Floats,
    sigmoids: Sequence[Sigmoid] = (),
    *,
    out: Floats | None = None,
    use_compiled: bool | None = None,
    run: compiled.Spread | None = None,
) -> Floats:
    """Return outputs, then sigmoids, of each person at ascending times: (people, outputs + sigmoids, times).

    `use_compiled` None takes the compiled engine when it is ready; both agree to 1e-11 of each peak. `run` may spread the
    people over threads (`compiled.Spread`). Raises ValueError for times that do not ascend, or an `out` of another shape.
    """
    shape = (system.people, len(system.names) + len(sigmoids), times_h.size)
    if (np.diff(times_h) < 0).any():
        raise ValueError("times must ascend")
    found = np.empty(shape) if out is None else out
    if found.shape != shape:
        raise ValueError(f"out has shape {found.shape}, not {shape}")
    pieces = pieces_of(doses, system)
    if not pieces or blocks_and_cells(system)[1] or not all(piece.is_shared(system) for piece in pieces):
        return _one_by_one(system, doses, times_h, sigmoids, found)
    vectors, entering = entering_of(system, pieces)
    plan = plan_of(entering, times_h)
    if compiled.ready() if use_compiled is None else use_compiled:
        driven = [(system.names.index(one.of), one.emax, one.ec50, one.hill) for one in sigmoids]
        apart = compiled.fill(system, vectors, plan, driven, found, run) < MOST_SPREAD
    else:
        apart = system.modes.spread < MOST_SPREAD
        if not apart.any():
            return _one_by_one(system, doses, times_h, sigmoids, found)
        _numpy(system, units_of(system.modes, vectors), plan, sigmoids, found)
    if not apart.all():
        near = np.flatnonzero(~apart)
        few = [one.of_people(near) for one in sigmoids]
        shape = (near.size, *found.shape[1:])
        found[near] = _one_by_one(system.take(near), doses, times_h, few, np.empty(shape))
    return found


def _one_by_one(
    system: System, doses: Sequence[Dose], times_h: Floats, sigmoids: Sequence[Sigmoid], found: Floats
) -> Floats:
    levels = solve(system, doses, times_h)
    for i, name in enumerate(system.names):
        found[:, i] = levels[name]
    for i, sigmoid in enumerate(sigmoids, start=len(system.names)):
        found[:, i] = sigmoid.at(levels[sigmoid.of])
    return found


def _numpy(system: System, units: Sequence[Floats], plan: Plan, sigmoids: Sequence[Sigmoid], found: Floats) -> None:
    modes = system.modes
    readout, first, workspace = system.readout @ modes.into_states, len(system.names), Workspace()
    found[:, :, : plan.stretches[0].first] = 0.0
    for start in range(0, system.people, PEOPLE_AT_ONCE):
        some = slice(start, start + PEOPLE_AT_ONCE)
        levels = found[some, :first]
        fill(modes.rates_per_h[some], readout[some], plan, [unit[some] for unit in units], levels, workspace)
        np.maximum(levels, 0.0, out=levels)
        for i, sigmoid in enumerate(sigmoids, start=first):
            sigmoid.at(levels[:, system.names.index(sigmoid.of)], found[some, i], some)
