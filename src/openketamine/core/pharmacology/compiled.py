"""The one module of compiled kernels. Optional (extra `compiled`), imported only when asked for, ready when `warm` has run.

While it is absent or compiling, the NumPy engine answers. `kernel.py` holds the kernel itself; nothing else imports numba.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np

from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.stretches import ALIKE_H, Entering, Plan, Shape, plan_of

Kernel = Callable[..., None]
Spread = Callable[[Callable[[int, int], None], int], None]
"""Calls a function of (first, last) so that together the calls cover a number of people; the kernel lets go of the GIL."""
_warm: list[bool] = []
LONG, EIGHT = 16, 8


def available() -> bool:
    """Say whether numba is installed."""
    return find_spec("numba") is not None


def ready() -> bool:
    """Say whether the kernel has been compiled in this process."""
    return bool(_warm)


def warm() -> bool:
    """Compile the kernel (seconds at the first time on a machine); return whether it is there. May run in another thread."""
    if not available():
        return False
    one = np.ones((1, 1, 1))
    plan = plan_of((Entering(0.0, 1.0, 1.0, 0),), np.ones(1))
    fill(one[0], one, [one[0]], plan, [(0, one[0, 0], one[0, 0], one[0, 0])], np.empty((1, 2, 1)))
    values_at_ranks(np.ones((2, 1)), np.array([0, 1]))
    _warm.append(True)
    return True


def tables_of(plan: Plan, inputs: int) -> tuple[Floats, Floats, "np.ndarray", "np.ndarray", Floats, Floats]:
    """Lay a plan out as arrays.

    Distances of all shapes end to end, each filled up to whole groups of eight, since the kernel works in eights; 1 where they are
    fed; shapes as runs (first, last, in even steps); stretches as rows (first and last place in the grid, first place of its
    shape, place of its length, fed); what each input gives to each stretch at once and per hour.
    """
    padded = [_padded(shape.distances_h) for shape in plan.shapes]
    begins = np.cumsum([0, *(one.size for one in padded)]).tolist()
    minus = np.repeat([*(float(shape.fed) for shape in plan.shapes), 0.0], [*(one.size for one in padded), EIGHT])
    rows = [(one.first, one.last, begins[one.shape], begins[one.whole], bool(one.inflow)) for one in plan.stretches]
    runs = [(a, b, _even(shape)) for a, b, shape in zip(begins[:-1], begins[1:], plan.shapes, strict=True)]
    runs.append((begins[-1], begins[-1] + EIGHT, False))
    at_once, inflow = np.zeros((2, len(plan.stretches), inputs))
    for i, stretch in enumerate(plan.stretches):
        for unit, amount in stretch.at_once:
            at_once[i, unit] += amount
        for unit, rate in stretch.inflow:
            inflow[i, unit] += rate
    distances = np.concatenate([*padded, np.zeros(EIGHT)])
    return distances, minus, np.array(runs, dtype=np.uint32), np.array(rows, dtype=np.uint32), at_once, inflow


def _padded(distances_h: Floats) -> Floats:
    """Fill a shape of several times up to a whole number of eights with its last."""
    return np.pad(distances_h, (0, -distances_h.size % EIGHT), mode="edge") if distances_h.size > 1 else distances_h


def _even(shape: Shape) -> bool:
    """Say whether a long shape decays in even steps, as minutes do."""
    steps = np.diff(shape.distances_h)
    return not shape.fed and steps.size >= LONG and float(np.ptp(steps)) < ALIKE_H


def fill(
    rates: Floats,
    readout: Floats,
    units: Sequence[Floats],
    plan: Plan,
    sigmoids: Sequence[tuple[int, Floats, Floats, Floats]],
    found: Floats,
    run: Spread | None = None,
) -> None:
    """Fill in outputs and sigmoids (place of the driving output, emax, ec50, hill) of all people.

    `run` may spread the people over threads.
    """
    shares = np.ascontiguousarray(np.stack(units, axis=1))
    driving = np.array([one[0] for one in sigmoids], dtype=np.uint32)
    shapes = [np.array([one[i] for one in sigmoids]).reshape(len(sigmoids), rates.shape[0]) for i in (1, 2, 3)]
    tables = tables_of(plan, len(units))
    found[:, :, : plan.stretches[0].first] = 0.0
    arrays = (np.ascontiguousarray(rates), np.ascontiguousarray(readout), shares, *tables, driving, *shapes, found)

    def some(first: int, last: int) -> None:
        kernel()(*arrays, first, last)

    if run is None:
        some(0, rates.shape[0])
    else:
        run(some, rates.shape[0])


def values_at_ranks(values: Floats, ranks: "np.ndarray") -> Floats:
    """Return the order statistics (ranks, cells) at ascending ranks over people of `values` (people, cells)."""
    from openketamine.core.pharmacology import kernel as compiled_code

    found = np.empty((ranks.size, values.shape[1]))
    compiled_code.values_at_ranks(values, ranks, found)
    return found


def kernel() -> Kernel:
    """Return the kernel; compiled at its first call, then kept on disk by numba."""
    from openketamine.core.pharmacology.kernel import courses_of_people

    return courses_of_people
