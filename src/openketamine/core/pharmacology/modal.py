"""The modal route: K = T diag(-rates) T^-1, found block by block, and outputs as sums of exponentials in closed form.

States that exchange with each other (a mammillary body, a liver and its blood) form a block whose matrix becomes symmetric
when each state is divided by a square root, so its eigenvalues are real and its decomposition is stable. Between blocks
amounts flow downstream only, so K is block triangular and T follows by substitution: a coupling divided by a difference of
rates. Where two rates of different blocks are nearly equal that division loses digits: `spread` measures how many.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.pieces import Piece
from openketamine.core.pharmacology.system import System

MOST_SPREAD = 1e5
"""Beyond this a result could be wrong in its tenth digit, and the propagator answers instead."""


@dataclass(frozen=True, slots=True)
class Modes:
    """rates (people, modes) in 1/h; T (people, states, modes); its inverse; how far rounding is magnified (people,)."""

    rates_per_h: Floats
    into_states: Floats
    from_states: Floats
    spread: Floats


def modes_of(system: System) -> Modes:
    """Decompose the matrices of a system's people."""
    people, size = system.matrix.shape[:2]
    rates = np.empty((people, size))
    right, left = np.zeros((people, size, size)), np.zeros((people, size, size))
    for block in system.blocks:
        rows = np.ix_(range(people), block, block)
        rates[:, block], right[rows], left[rows] = _block_modes(system.matrix[rows])
    coupling = left @ system.matrix @ right
    down, up = _triangular(coupling, rates, system.blocks)
    with np.errstate(invalid="ignore", over="ignore"):
        return Modes(rates, right @ down, up @ left, _spread(rates, down, system.blocks))


def _spread(rates: Floats, down: Floats, blocks: Sequence[tuple[int, ...]]) -> Floats:
    """Return for each person the worst product, over the blocks that a mode meets, of sum over difference of two rates."""
    worst = np.ones_like(rates)
    met = (down != 0).any(axis=0)
    met |= met.T
    for block in blocks:
        here, there = rates[:, None, block], rates[:, :, None]
        with np.errstate(divide="ignore"):
            closeness = np.abs((there + here) / (2 * (there - here)))
        others = met[:, block] & ~np.isin(np.arange(rates.shape[1]), block)[:, None]
        worst *= np.maximum(1.0, np.where(others, closeness, 0.0).max(axis=2))
    return np.asarray(worst.max(axis=1))


def _block_modes(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Return rates, right and left eigenvectors of a block whose exchanges form a tree."""
    size = matrix.shape[1]
    if size == 1:
        one = np.ones_like(matrix)
        return -matrix[:, :, 0], one, one
    scale = _balance(matrix)
    symmetric = np.sqrt(np.abs(matrix * matrix.transpose(0, 2, 1)))
    diagonal = np.arange(size)
    symmetric[:, diagonal, diagonal] = matrix[:, diagonal, diagonal]
    values, vectors = np.linalg.eigh(symmetric)
    return -values, vectors * scale[:, :, None], vectors.transpose(0, 2, 1) / scale[:, None, :]


def _balance(matrix: Floats) -> Floats:
    """Return the scales that make a block symmetric: along each exchange, the square root of inflow over outflow."""
    scale = np.ones(matrix.shape[:2])
    reached, waiting = {0}, [0]
    while waiting:
        here = waiting.pop()
        for there in np.flatnonzero((matrix[:, :, here] != 0).any(axis=0)).tolist():
            if there not in reached:
                scale[:, there] = scale[:, here] * np.sqrt(matrix[:, there, here] / matrix[:, here, there])
                reached.add(there)
                waiting.append(there)
    return scale


def _triangular(coupling: Floats, rates: Floats, blocks: Sequence[tuple[int, ...]]) -> tuple[Floats, Floats]:
    """Return the eigenvectors of a matrix that is diagonal within blocks and couples downstream, and their inverse."""
    down, up = np.zeros_like(coupling), np.zeros_like(coupling)
    diagonal = np.arange(coupling.shape[1])
    down[:, diagonal, diagonal] = up[:, diagonal, diagonal] = 1.0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for b, low in enumerate(blocks):
            for a in range(b - 1, -1, -1):
                high, between = blocks[a], [i for block in blocks[a:b] for i in block]
                if not coupling[:, low, :][:, :, between].any():
                    continue
                flows = coupling[:, low][:, :, between] @ down[:, between][:, :, high]
                gap = rates[:, low][:, :, None] - rates[:, high][:, None, :]
                down[np.ix_(range(rates.shape[0]), low, high)] = np.where(flows == 0, 0.0, flows / gap)
        for b, low in enumerate(blocks):
            for a in range(b - 1, -1, -1):
                high, between = blocks[a], [i for block in blocks[a:b] for i in block]
                up[np.ix_(range(rates.shape[0]), low, high)] = -(
                    down[:, low][:, :, between] @ up[:, between][:, :, high]
                )
    return down, up


def solve_by_modes(system: System, modes: Modes, pieces: Sequence[Piece], times_h: Floats) -> Floats:
    """Return outputs (people, outputs, times) at `times_h` in any order.

    While a piece flows in at rate R a mode of rate k holds R / k (1 - exp(-k t)); afterwards that decays. Written with
    expm1, so that nothing cancels. Overlapping pieces add; at the instant of a bolus the value includes it.
    """
    held = np.zeros((*modes.rates_per_h.shape, times_h.size))
    for piece in pieces:
        held += _bolus(system, modes, piece, times_h) if piece.at_once else _infusion(system, modes, piece, times_h)
    return np.asarray((system.readout @ modes.into_states) @ held)


def _bolus(system: System, modes: Modes, piece: Piece, times_h: Floats) -> Floats:
    since = times_h - piece.start_h
    entered = modes.from_states @ piece.amount(system)[:, :, None]
    return np.asarray(entered * np.exp(-modes.rates_per_h[:, :, None] * np.maximum(since, 0.0)) * (since >= 0))


def _infusion(system: System, modes: Modes, piece: Piece, times_h: Floats) -> Floats:
    length = piece.length_h(system)[:, None]
    since = np.clip(times_h - piece.start_h, 0.0, length)[:, None, :]
    after = np.maximum(times_h - piece.start_h - length, 0.0)[:, None, :]
    rates = modes.rates_per_h[:, :, None]
    entering = modes.from_states @ piece.inflow(system)[:, :, None]
    return np.asarray(entering * (-np.expm1(-rates * since) / rates) * np.exp(-rates * after))
