"""The propagator route: amounts carried from event to event by matrix exponentials. Exact, whatever the rates.

It needs no eigenvalues, so equal and near-equal rates (transit chains) are no special case, and it carries amounts, so that
a change of the person's numbers during a course conserves mass.
"""

from collections.abc import Sequence

import numpy as np

from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.pieces import Piece
from openketamine.core.pharmacology.system import System

# Higham, SIAM J Matrix Anal Appl 2005;26:1179: the [13/13] Pade approximant is exact to rounding up to this norm.
PADE_13_NORM = 5.371920351148152
PADE_13 = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0, 10559470521600.0,
    670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip


def expm(matrices: Floats) -> Floats:
    """Return the exponentials of matrices (n, s, s): scaling, [13/13] Pade, squaring."""
    norm = float(np.abs(matrices).sum(axis=1).max(initial=0.0))
    halvings = max(0, int(np.ceil(np.log2(norm / PADE_13_NORM)))) if norm > 0 else 0
    a = matrices / 2.0**halvings
    b, one = PADE_13, np.eye(a.shape[1])
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    odd = a @ (a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one)
    even = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    found = np.linalg.solve(even - odd, even + odd)
    for _ in range(halvings):
        found = found @ found
    return np.asarray(found)


def solve_by_propagator(phases: Sequence[tuple[float, System]], pieces: Sequence[Piece], times_h: Floats) -> Floats:
    """Return outputs (people, outputs, times) at `times_h` in any order; each phase (from hour, system) follows the one before."""
    system = phases[0][1]
    found = np.zeros((system.people, len(system.names), times_h.size))
    amounts = np.zeros(system.matrix.shape[:2])
    walk, now = _Walk(system, pieces), 0.0
    changes = dict(phases[1:])
    for instant in np.unique(np.concatenate([times_h, [piece.start_h for piece in pieces], list(changes)])).tolist():
        amounts = walk.carry(amounts, now, instant)
        now = instant
        if instant in changes:
            system = changes[instant]
            walk = _Walk(system, pieces).going_on(walk, instant)
        amounts = walk.with_boluses(amounts, instant)
        found[:, :, times_h == instant] = system.readout @ amounts[:, :, None]
    return found


class _Walk:
    """Carries the amounts of one system's people over a time during which pieces run and end, person by person."""

    def __init__(self, system: System, pieces: Sequence[Piece]) -> None:
        self.system = system
        self.boluses = [piece for piece in pieces if piece.at_once]
        self.running = [piece for piece in pieces if not piece.at_once]
        self.stops = [piece.start_h + piece.length_h(system) for piece in self.running]
        self.inflows = [piece.inflow(system) for piece in self.running]
        self.remembered: dict[tuple[float, bytes], Floats] = {}

    def going_on(self, before: "_Walk", at: float) -> "_Walk":
        """Return this walk with what had begun by then as it began: how much of a dose enters, and how fast, is the dose's own."""
        for i, piece in enumerate(self.running):
            if piece.start_h < at:
                self.stops[i], self.inflows[i] = before.stops[i], before.inflows[i]
        return self

    def with_boluses(self, amounts: Floats, at: float) -> Floats:
        """Add what enters at once."""
        return amounts + sum(
            (piece.amount(self.system) for piece in self.boluses if piece.start_h == at), np.float64(0)
        )

    def carry(self, amounts: Floats, start: float, end: float) -> Floats:
        """Carry from `start` to `end`; nothing starts in between, but what runs may stop at different times."""
        now = np.full(self.system.people, start)
        while (now < end).any():
            ways = zip(self.running, self.stops, strict=True)
            on = np.array([(stop > now) & (piece.start_h <= start) for piece, stop in ways]).reshape(-1, now.size)
            until = np.full_like(now, end)
            for runs, stop in zip(on, self.stops, strict=True):
                until = np.where(runs, np.minimum(until, stop), until)
            amounts = self._moved(amounts, on, until - now)
            now = until
        return amounts

    def _moved(self, amounts: Floats, on: "np.ndarray", step: Floats) -> Floats:
        """Return exp(K step) amounts + integral of exp(K s) inflow over the step."""
        size = amounts.shape[1]
        carried = self._carrier(on, step)
        moved = carried[:, :size, :size] @ amounts[:, :, None]
        return np.asarray(moved[:, :, 0] + carried[:, :size, size])

    def _carrier(self, on: "np.ndarray", step: Floats) -> Floats:
        """Return exp([[K, inflow], [0, 0]] step), remembered where all people take the same step with the same inputs."""
        same = bool((step == step[0]).all() and (on == on[:, :1]).all())
        key = (float(step[0]), on[:, :1].tobytes())
        if same and key in self.remembered:
            return self.remembered[key]
        carried = expm(self._augmented(on) * step[:, None, None])
        if same:
            self.remembered[key] = carried
        return carried

    def _augmented(self, on: "np.ndarray") -> Floats:
        people, size = self.system.matrix.shape[:2]
        wide = np.zeros((people, size + 1, size + 1))
        wide[:, :size, :size] = self.system.matrix
        for runs, inflow in zip(on, self.inflows, strict=True):
            wide[:, :size, size] += np.where(runs[:, None], inflow, 0.0)
        return wide
