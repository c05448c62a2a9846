"""Concentrations after any doses, exactly: no step size exists anywhere.

`solve(system, doses, times_h)` answers by output name, arrays (people, times) in ng/mL, in the order of `times_h`. People whose
rates are all well apart are answered by the modal closed form, the others by matrix exponentials; `solve_changing` takes a
person whose numbers change during the course (weight, age, occasion) and carries the amounts over.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.modal import MOST_SPREAD, solve_by_modes
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.pieces import Piece, pieces_of
from openketamine.core.pharmacology.propagator import solve_by_propagator
from openketamine.core.pharmacology.system import System


def solve(system: System, doses: Sequence[Dose], times_h: Floats) -> dict[str, Floats]:
    """Return each output of each person; raises ValueError for a route that the model does not describe."""
    found = _either(system, pieces_of(doses, system), np.asarray(times_h, dtype=np.float64))
    np.maximum(found, 0.0, out=found)  # what rounding leaves below nothing where a metabolite begins
    return {name: found[:, i, :] for i, name in enumerate(system.names)}


def solve_changing(phases: Sequence[tuple[float, System]], doses: Sequence[Dose], times_h: Floats) -> dict[str, Floats]:
    """Return each output when the people's numbers change: phases of (from hour, system), the first from hour 0.

    Amounts are carried over each change, so mass is conserved whatever happens to volumes and flows.
    """
    if not phases or phases[0][0] != 0 or any(a >= b for (a, _), (b, _) in pairwise(phases)):
        raise ValueError("phases start at hour 0 and follow each other")
    system = phases[0][1]
    found = solve_by_propagator(phases, pieces_of(doses, system), np.asarray(times_h, dtype=np.float64))
    return {name: found[:, i, :] for i, name in enumerate(system.names)}


def concentrations(system: System, doses: Sequence[Dose], times_h: Floats) -> Floats:
    """Return the parent's concentration in ng/mL, shape (people, times)."""
    return solve(system, doses, times_h)[system.names[0]]


def _either(system: System, pieces: Sequence[Piece], times_h: Floats) -> Floats:
    modes = system.modes
    apart = modes.spread < MOST_SPREAD
    if apart.all():
        return solve_by_modes(system, modes, pieces, times_h)
    if not apart.any():
        return solve_by_propagator([(0.0, system)], pieces, times_h)
    found = np.empty((system.people, len(system.names), times_h.size))
    wide = system.take(apart)
    found[apart] = solve_by_modes(wide, wide.modes, pieces, times_h)
    found[~apart] = solve_by_propagator([(0.0, system.take(~apart))], pieces, times_h)
    return found
