"""The one module of compiled kernels. Optional (extra `compiled`), imported only when asked for, ready when `warm` has run.

While it is absent or compiling, the NumPy engine answers. `kernel.py` and `kernel_modes.py` hold it; nothing else imports numba.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np

from openketamine.core.pharmacology.modal import exchanges_of
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.stretches import ALIKE_H, Entering, Plan, Shape, plan_of
from openketamine.core.pharmacology.system import System

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
    alone = System(-one, one, ("level",), {}, (slice(0, 1),), ("body",))
    fill(alone, [one[0]], plan, [(0, one[0, 0], one[0, 0], one[0, 0])], np.empty((1, 2, 1)))
    values_at_ranks(np.ones((2, 1)), np.array([0, 1]))
    _warm.append(True)
    return True


def tables_of(plan: Plan, inputs: int) -> tuple[Floats, Floats, "np.ndarray", "np.ndarray", Floats, Floats]:
    """Lay a plan out as arrays.

    Distances of all shapes end to end, those of one time last, in whole groups of eight, since the kernel works in eights; 1 where they
    are fed; shapes as runs (first, last, in even steps); stretches as rows (first and last place in the grid, first place of its
    shape, place of its length, fed); what each input gives to each stretch at once and per hour.
    """
    long = [i for i, shape in enumerate(plan.shapes) if shape.distances_h.size > 1]
    short = [i for i, shape in enumerate(plan.shapes) if shape.distances_h.size <= 1]
    sizes = [-(-plan.shapes[i].distances_h.size // EIGHT) * EIGHT for i in long]
    edges = np.cumsum([0, *sizes]).tolist()
    end = edges[-1] + -(-len(short) // EIGHT) * EIGHT
    begins = dict(zip(long, edges[:-1], strict=True)) | {i: edges[-1] + at for at, i in enumerate(short)}
    distances, minus = np.zeros((2, end + EIGHT))
    for i, shape in enumerate(plan.shapes):
        here = slice(begins[i], begins[i] + shape.distances_h.size)
        distances[here], minus[here] = shape.distances_h, float(shape.fed)
    for i, first, last in zip(long, edges[:-1], edges[1:], strict=True):
        distances[first + plan.shapes[i].distances_h.size : last] = plan.shapes[i].distances_h[-1]
    runs = [(a, b, _even(plan.shapes[i])) for i, a, b in zip(long, edges[:-1], edges[1:], strict=True)]
    runs.append((edges[-1], end + EIGHT, False))
    rows = [(one.first, one.last, begins[one.shape], begins[one.whole], bool(one.inflow)) for one in plan.stretches]
    at_once, inflow = np.zeros((2, len(plan.stretches), inputs))
    for i, stretch in enumerate(plan.stretches):
        for unit, amount in stretch.at_once:
            at_once[i, unit] += amount
        for unit, rate in stretch.inflow:
            inflow[i, unit] += rate
    return distances, minus, np.array(runs, dtype=np.uint32), np.array(rows, dtype=np.uint32), at_once, inflow


def _even(shape: Shape) -> bool:
    """Say whether a long shape decays in even steps, as minutes do."""
    steps = np.diff(shape.distances_h)
    return not shape.fed and steps.size >= LONG and float(np.ptp(steps)) < ALIKE_H


def fill(
    system: System,
    vectors: Sequence[Floats],
    plan: Plan,
    sigmoids: Sequence[tuple[int, Floats, Floats, Floats]],
    found: Floats,
    run: Spread | None = None,
) -> Floats:
    """Fill in outputs and sigmoids (place of the driving output, emax, ec50, hill) of all people.

    `vectors` are what each input gives to each state. Returns how far rounding is magnified in each person, as `modal.Modes.spread`.
    `run` may spread the people over threads. The system has no two equal steps of a chain.
    """
    people, spread = system.people, np.empty(system.people)
    driving = np.array([one[0] for one in sigmoids], dtype=np.uint32)
    shapes = [np.array([one[i] for one in sigmoids]).reshape(len(sigmoids), people) for i in (1, 2, 3)]
    edges = np.array([0, *(block.stop for block in system.blocks)])
    pairs = [
        (block.start + a, block.start + b)
        for block in system.blocks
        for a, b in exchanges_of(system.matrix[:, block, block])
    ]
    exchanges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    found[:, :, : plan.stretches[0].first] = 0.0
    numbers = [np.ascontiguousarray(one) for one in (system.matrix, system.readout, np.stack(vectors, axis=1))]
    arrays = (*numbers, edges, exchanges, *tables_of(plan, len(vectors)), driving, *shapes, found, spread)

    def some(first: int, last: int) -> None:
        kernel()(*arrays, first, last)

    if run is None:
        some(0, people)
    else:
        run(some, people)
    return spread


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
