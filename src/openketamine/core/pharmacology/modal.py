"""The modal route: K = T diag(-rates) T^-1, found block by block, and outputs as sums of exponentials in closed form.

States that exchange with each other (a mammillary body, a liver and its blood) form a block whose matrix becomes symmetric
when each state is divided by a square root, so its eigenvalues are real and its decomposition is stable. Between blocks
amounts flow downstream only, so K is block triangular and T follows by substitution: a coupling divided by a difference of
rates. Where two rates of different blocks are nearly equal that division loses digits: `spread` measures how many.

Two steps of a transit chain have one rate; no eigenvectors tell them apart. They stay together as a cell, whose second step holds
exp(-k t) (z2 + c t z1): the closed form of two equal steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.pieces import Piece
from openketamine.core.pharmacology.stretches import Cell, Entering, by_stretches
from openketamine.core.pharmacology.substance import Route
from openketamine.core.pharmacology.system import System

PAIR = 2
FEW = 16
"""For so few people a call of the library is faster than the arithmetic of a rotation, array by array."""
SAME_RATE = 1e-13
"""Two steps of a chain differ by less than this when their rate is one number divided into two flows and added up again."""
MOST_SPREAD = 1e5
"""Beyond this a result could be wrong in its tenth digit, and the propagator answers instead."""


@dataclass(frozen=True, slots=True)
class Modes:
    """rates (people, modes) in 1/h; T (people, states, modes); its inverse; how far rounding is magnified (people,); cells."""

    rates_per_h: Floats
    into_states: Floats
    from_states: Floats
    spread: Floats
    cells: tuple[Cell, ...] = ()


def modes_of(system: System) -> Modes:
    """Decompose the matrices of a system's people, block by block.

    A mode of rate k upstream shows in a block downstream as what of it arrives there, in that block's own modes, divided by
    the difference of rates; the sum over the difference of two rates says how far that division magnifies rounding.
    """
    matrix = system.matrix
    rates = np.empty(matrix.shape[:2])
    into, out, spread = np.zeros_like(matrix), np.zeros_like(matrix), np.ones(matrix.shape[1::-1])
    blocks, cells = blocks_and_cells(system)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for here in blocks:
            own = next((cell for cell in cells if cell.first == here.start), None)
            above = slice(0, here.start)
            rates[:, here], right, left = (
                _cell_modes(matrix[:, here, here]) if own else _block_modes(matrix[:, here, here])
            )
            into[:, here, here], out[:, here, here] = right, left
            flowing = matrix[:, here, above]
            if not flowing.any():
                continue
            alone = here.stop - here.start == 1
            arriving = flowing @ into[:, above, above]
            gap = rates[:, here, None] - rates[:, None, above]
            upstream = [cell for cell in cells if cell.first < here.start]
            shown = _shown(arriving if alone else left @ arriving, gap, own, upstream)
            into[:, here, above] = shown if alone else right @ shown
            out[:, here, above] = -shown @ out[:, above, above]
            closeness = _closeness(rates.T[here, None], rates.T[None, above], shown, PAIR if cells else 1)
            spread[here] *= np.maximum.reduce(closeness, axis=1)
            spread[above] *= np.maximum.reduce(closeness, axis=0)
    worst = np.maximum.reduce(spread, axis=0)
    worst[np.isnan(worst)] = np.inf
    return Modes(rates, into, out, worst, cells)


def _closeness(own: Floats, above: Floats, shown: Floats, power: int) -> Floats:
    """Return how far the division by each gap magnifies rounding (own, above, people): at least 1, and 1 where nothing divides."""
    total = np.add(own, above, order="C")
    total /= own - above
    np.abs(total, out=total)
    total /= 2
    total[shown.transpose(1, 2, 0) == 0] = 1.0
    np.maximum(total, 1.0, out=total)
    return total if power == 1 else total**power


def blocks_and_cells(system: System) -> tuple[list[slice], tuple[Cell, ...]]:
    """Join two neighbouring steps of a chain that have one rate in everybody."""
    matrix, blocks, cells = system.matrix, list[slice](), list[Cell]()
    for block in system.blocks:
        i, before = block.start, blocks[-1] if blocks else block
        steps = block.stop - i == 1 and before.stop - before.start == 1 and before.stop == i
        if (
            steps
            and matrix[:, i, i - 1].all()
            and np.allclose(matrix[:, i, i], matrix[:, i - 1, i - 1], SAME_RATE, 0.0)
        ):
            blocks[-1] = slice(i - 1, i + 1)
            cells.append(Cell(i - 1, matrix[:, i, i - 1]))
        else:
            blocks.append(block)
    return blocks, tuple(cells)


def _cell_modes(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Two equal steps are their own modes."""
    one = np.broadcast_to(np.eye(PAIR), matrix.shape)
    return -matrix[:, [0, 1], [0, 1]], one, one


def _shown(arriving: Floats, gap: Floats, own: Cell | None, above: Sequence[Cell]) -> Floats:
    """Return how modes upstream show in the modes of a block: solve X J - J_own X = arriving, row after row in a cell."""
    if own is None:
        return _over(arriving, gap, above)
    first = _over(arriving[:, :1], gap[:, :1], above)
    second = _over(arriving[:, 1:] + own.flow[:, None, None] * first, gap[:, 1:], above)
    return np.concatenate([first, second], axis=1)


def _over(arriving: Floats, gap: Floats, above: Sequence[Cell]) -> Floats:
    shown = np.divide(arriving, gap, out=np.zeros_like(gap), where=arriving != 0)
    for cell in above:
        j = cell.first
        rest = arriving[:, :, j] - cell.flow[:, None] * shown[:, :, j + 1]
        shown[:, :, j] = np.divide(rest, gap[:, :, j], out=np.zeros_like(rest), where=rest != 0)
    return shown


def _block_modes(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Return rates, right and left eigenvectors of a block whose exchanges form a tree."""
    if matrix.shape[1] == 1:
        one = np.ones_like(matrix)
        return -matrix[:, :, 0], one, one
    scale = _balance(matrix)
    symmetric = np.sqrt(matrix * matrix.transpose(0, 2, 1))
    diagonal = np.arange(matrix.shape[1])
    symmetric[:, diagonal, diagonal] *= -1.0
    many_pairs = matrix.shape[1] == PAIR and matrix.shape[0] > FEW
    values, vectors = _two(symmetric) if many_pairs else np.linalg.eigh(symmetric)
    return -values, vectors * scale[:, :, None], vectors.transpose(0, 2, 1) / scale[:, None, :]


def _two(symmetric: Floats) -> tuple[Floats, Floats]:
    """Return eigenvalues and eigenvectors of symmetric 2 x 2 matrices by one rotation."""
    a, b, d = symmetric[:, 0, 0], symmetric[:, 0, 1], symmetric[:, 1, 1]
    turn = np.arctan2(2 * b, a - d) / 2
    cos, sin = np.cos(turn), np.sin(turn)
    vectors = np.stack([cos, -sin, sin, cos], axis=1).reshape(-1, 2, 2)
    both = 2 * b * cos * sin
    return np.stack([a * cos**2 + both + d * sin**2, a * sin**2 - both + d * cos**2], axis=1), vectors


def _balance(matrix: Floats) -> Floats:
    """Return the scales that make a block symmetric: along each exchange, the square root of inflow over outflow."""
    scale = np.ones(matrix.shape[:2])
    for here, there in exchanges_of(matrix):
        scale[:, there] = scale[:, here] * np.sqrt(matrix[:, there, here] / matrix[:, here, there])
    return scale


def exchanges_of(matrix: Floats) -> tuple[tuple[int, int], ...]:
    """Return the exchanges of a block (people, states, states) as a tree from its first state: (reached, next)."""
    return _exchanges((matrix[0] != 0).tobytes(), matrix.shape[1])


@lru_cache(maxsize=64)
def _exchanges(joined: bytes, size: int) -> tuple[tuple[int, int], ...]:
    flows = np.frombuffer(joined, dtype=bool).reshape(size, size)
    reached, found = [0], list[tuple[int, int]]()
    for here in reached:
        for there in np.flatnonzero(flows[:, here]).tolist():
            if there not in reached:
                reached.append(there)
                found.append((here, there))
    return tuple(found)


def solve_by_modes(system: System, modes: Modes, pieces: Sequence[Piece], times_h: Floats) -> Floats:
    """Return outputs (people, outputs, times) at `times_h` in any order.

    Pieces that start and stop at the same time for everybody divide the course into stretches of constant inflow; those
    whose release differs from person to person are added one by one.
    """
    shared = [piece for piece in pieces if piece.is_shared(system)]
    readout = system.readout @ modes.into_states
    vectors, entering = entering_of(system, shared)
    found = by_stretches(modes.rates_per_h, readout, units_of(modes, vectors), entering, times_h, modes.cells)
    for piece in pieces:
        if not piece.is_shared(system):
            found += readout @ _release(system, modes, piece, times_h)
    return found


def entering_of(system: System, pieces: Sequence[Piece]) -> tuple[list[Floats], tuple[Entering, ...]]:
    """Return what a unit of each input gives to each state (people, states), and what enters by which input."""
    vectors: dict[tuple[Route, int, bool], Floats] = {}
    found = []
    for piece in pieces:
        way = system.inputs[piece.route][piece.index]
        first = min(piece.amount_mg, way.spray_mg)
        for amount, vector, later in ((first, way.vector, False), (piece.amount_mg - first, way.later, True)):
            key = (piece.route, piece.index, later)
            if amount > 0 and vector is not None:
                vectors.setdefault(key, vector)
                shared = piece.duration_h if way.release_h is None else way.release_h[0]
                length = 0.0 if piece.at_once else float(shared)
                found.append(Entering(piece.start_h, length, amount, list(vectors).index(key)))
    return list(vectors.values()), tuple(found)


def units_of(modes: Modes, vectors: Sequence[Floats]) -> list[Floats]:
    """Return the share of a unit of each input in each mode (people, modes)."""
    return [(modes.from_states @ vector[:, :, None])[:, :, 0] for vector in vectors]


def _release(system: System, modes: Modes, piece: Piece, times_h: Floats) -> Floats:
    """What a mode holds of a piece that enters each person over a time of their own (people, modes, times).

    While it flows in at rate R a mode of rate k holds R / k (1 - exp(-k t)); afterwards that decays. Written with expm1, so
    that nothing cancels.
    """
    length = piece.length_h(system)[:, None]
    since = np.clip(times_h - piece.start_h, 0.0, length)[:, None, :]
    after = np.maximum(times_h - piece.start_h - length, 0.0)[:, None, :]
    rates = modes.rates_per_h[:, :, None]
    steady = (modes.from_states @ piece.inflow(system)[:, :, None]) / rates
    for cell in modes.cells:
        i = cell.first + 1
        steady[:, i] += cell.flow[:, None] * steady[:, i - 1] / rates[:, i]
    held = -steady * np.expm1(-rates * since)
    decay = np.exp(-rates * after)
    found = held * decay
    for cell in modes.cells:
        i, j, flow = cell.first + 1, cell.first, cell.flow[:, None]
        late = flow * since[:, 0] * np.exp(-rates[:, i] * since[:, 0]) * steady[:, j]
        found[:, i] = (held[:, i] - late + flow * after[:, 0] * held[:, j]) * decay[:, i]
    return np.asarray(found)
