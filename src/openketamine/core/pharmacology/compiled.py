"""The one module of compiled kernels. Optional (extra `compiled`), imported only when asked for, ready when `warm` has run.

While it is absent or compiling, the NumPy engine answers. `kernel.py`, `kernel_modes.py` and `kernel_eights.py` hold it; nothing else imports numba.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openketamine.core.pharmacology.modal import exchanges_of
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.stretches import ALIKE_H, Entering, Plan, Shape, plan_of
from openketamine.core.pharmacology.system import System

Places = NDArray[np.int64]
Kernel = Callable[..., None]
Spread = Callable[[Callable[[int, int], None], int], None]
"""Calls a function of (first, last) so that together the calls cover a number of people; the kernel lets go of the GIL."""
_warm: list[bool] = []
EIGHT = 8


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


class Tables(NamedTuple):
    """A plan as arrays, for outputs that see some of the modes.

    Distances of all shapes end to end, each in whole groups of eight, since the kernel works in eights; 1 where they are fed; shapes as
    runs (first, last, in even steps). Lengths of stretches, and 1 where they are fed. Stretches as rows (first and last place in the
    grid, first place of the shape, place of the length, fed); what each input gives to each stretch at once and per hour. What is
    asked, as `asked_of` says.
    """

    distances: Floats
    minus: Floats
    runs: Places
    wholes: Floats
    wholes_minus: Floats
    rows: Places
    at_once: Floats
    inflow: Floats
    asked: Places


class People(NamedTuple):
    """The numbers of all people, where the blocks of their matrices begin, and what is exchanged within them (reached, next)."""

    matrix: Floats
    readout: Floats
    vectors: Floats
    edges: Places
    exchanges: Places


class Sigmoids(NamedTuple):
    """The places of the driving outputs, and (sigmoids, people) of each number."""

    driving: Places
    emax: Floats
    ec50: Floats
    hill: Floats


@lru_cache(maxsize=64)
def tables_of(plan: Plan, inputs: int, sees: tuple[tuple[int, ...], ...], modes: int) -> Tables:
    """Lay a plan out as arrays; the same question again finds the same ones."""
    used = sorted({one.shape for one in plan.stretches if one.last > one.first})
    sizes = [-(-plan.shapes[i].distances_h.size // EIGHT) * EIGHT for i in used]
    edges = np.cumsum([0, *sizes]).tolist()
    begins = dict(zip(used, edges[:-1], strict=True))
    distances, minus = np.zeros((2, edges[-1]))
    for i, first, last in zip(used, edges[:-1], edges[1:], strict=True):
        shape = plan.shapes[i]
        distances[first:last] = shape.distances_h[-1]
        distances[first : first + shape.distances_h.size] = shape.distances_h
        minus[first:last] = float(shape.fed)
    runs = [(a, b, _even(plan.shapes[i])) for i, a, b in zip(used, edges[:-1], edges[1:], strict=True)]
    wholes = sorted({one.whole for one in plan.stretches})
    rows = [
        (one.first, one.last, begins.get(one.shape, 0), wholes.index(one.whole), bool(one.inflow))
        for one in plan.stretches
    ]
    at_once, inflow = np.zeros((2, len(plan.stretches), inputs))
    for i, stretch in enumerate(plan.stretches):
        for unit, amount in stretch.at_once:
            at_once[i, unit] += amount
        for unit, rate in stretch.inflow:
            inflow[i, unit] += rate
    return Tables(
        distances,
        minus,
        np.array(runs, dtype=np.int64).reshape(-1, 3),
        np.array([plan.shapes[i].distances_h[0] for i in wholes]),
        np.array([float(plan.shapes[i].fed) for i in wholes]),
        np.array(rows, dtype=np.int64),
        at_once,
        inflow,
        asked_of(sees, modes, distances.size),
    )


def asked_of(sees: tuple[tuple[int, ...], ...], modes: int, stride: int) -> Places:
    """Lay out which two outputs are filled together, and which modes they see, at most eight at a time.

    Outputs that see about as many stand together. As rows: the two, whether they add, whether they complete, how many modes, these,
    their places among the shapes.
    """
    order, found = sorted(range(len(sees)), key=lambda o: len(sees[o])), []
    for i in range(0, len(order), 2):
        one, two = order[i], order[min(i + 1, len(order) - 1)]
        every = sorted({*sees[one], *sees[two]})
        for first in range(0, max(len(every), 1), EIGHT):
            some = every[first : first + EIGHT]
            padded = some + [modes] * (EIGHT - len(some))
            found.append(
                (one, two, first > 0, first + EIGHT >= len(every), len(some), *padded, *(m * stride for m in padded))
            )
    return np.array(found, dtype=np.int64)


def seen_by(system: System) -> tuple[tuple[int, ...], ...]:
    """Return which modes each output sees: those of its states' blocks and of all blocks upstream of them."""
    joined = (system.matrix != 0).any(axis=0)
    reach = np.linalg.matrix_power(joined.astype(float), system.matrix.shape[1]) > 0
    sees = (system.readout != 0).any(axis=0) @ reach
    return tuple(tuple(np.flatnonzero(row).tolist()) for row in sees)


def _even(shape: Shape) -> bool:
    """Say whether a long shape decays in even steps, as minutes do."""
    steps = np.diff(shape.distances_h)
    return steps.size >= EIGHT and float(np.ptp(steps)) < ALIKE_H


def people_of(system: System, vectors: Sequence[Floats]) -> People:
    """Lay out the numbers of a system's people, and what a unit of each input gives to each state."""
    edges = np.array([0, *(block.stop for block in system.blocks)])
    pairs = [
        (block.start + a, block.start + b)
        for block in system.blocks
        for a, b in exchanges_of(system.matrix[:, block, block])
    ]
    exchanges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    matrix, readout = np.ascontiguousarray(system.matrix), np.ascontiguousarray(system.readout)
    return People(matrix, readout, np.stack(vectors, axis=1), edges, exchanges)


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
    driving = np.array([one[0] for one in sigmoids], dtype=np.int64)
    shapes = [np.array([one[i] for one in sigmoids]).reshape(len(sigmoids), people) for i in (1, 2, 3)]
    tables = tables_of(plan, len(vectors), seen_by(system), system.matrix.shape[1])
    whole = found if found.flags.carray and found.dtype == np.float64 else np.empty(found.shape)
    arrays = (people_of(system, vectors), tables, Sigmoids(driving, *shapes), whole, spread)

    def some(first: int, last: int) -> None:
        kernel()(*arrays, first, last)

    if run is None:
        some(0, people)
    else:
        run(some, people)
    if whole is not found:
        found[...] = whole
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
