"""The peer: numbalsoda's LSODA on the same people and course, compiled through numba, restarted at every change of rate."""

from collections.abc import Callable

import numpy as np
from numba import carray, cfunc, njit
from numbalsoda import lsoda, lsoda_sig

from bench.workload import Workload

STATES = 7


@cfunc(lsoda_sig)
def derivative(_t, u_, du_, p_):
    """7 states as the workload's equations; parameters: 10 rate constants, the rate of inflow."""
    u = carray(u_, (7,))
    du = carray(du_, (7,))
    p = carray(p_, (13,))
    du[0] = p[12] - (p[0] + p[1] + p[2]) * u[0] + p[3] * u[1] + p[4] * u[2]
    du[1] = p[1] * u[0] - p[3] * u[1]
    du[2] = p[2] * u[0] - p[4] * u[2]
    du[3] = p[0] * u[0] - (p[5] + p[6]) * u[3] + p[7] * u[4]
    du[4] = p[6] * u[3] - p[7] * u[4]
    du[5] = p[8] * (p[9] * u[0] - u[5])
    du[6] = p[10] * (p[11] * u[3] - u[6])


ADDRESS = derivative.address


@njit(nogil=True)
def _run(parameters, sigmoid, starts, rates, firsts, times, rtol, atol, out):
    for person in range(parameters.shape[0]):
        p = np.empty(13)
        p[:12] = parameters[person]
        u = np.zeros(7)
        for i in range(starts.size):
            end = starts[i + 1] if i + 1 < starts.size else times[-1]
            a, b = firsts[i], firsts[i + 1]
            p[12] = rates[i]
            grid = np.empty(b - a + 2)
            grid[0] = starts[i]
            grid[1 : b - a + 1] = times[a:b]
            grid[b - a + 1] = max(end, grid[b - a])
            first = 1 if b > a and grid[1] == grid[0] else 0
            last = b - a + 1 if grid[b - a + 1] > grid[b - a] else b - a
            solved, _success = lsoda(ADDRESS, u, grid[first : last + 1], p, rtol, atol)
            for k in range(a, b):
                row = solved[k - a + 1 - first]
                out[person, k, 0] = row[0] * p[9]
                out[person, k, 1] = row[3] * p[11]
                out[person, k, 2] = row[5]
                out[person, k, 3] = row[6]
                x = max(row[5], 0.0) / sigmoid[person, 1]
                y = x ** sigmoid[person, 2]
                out[person, k, 4] = sigmoid[person, 0] * y / (1.0 + y)
            u = solved[-1].copy()


def prepared(work: Workload, rtol: float = 1e-8, atol: float = 1e-12) -> tuple[Callable[[], np.ndarray], np.ndarray]:
    """Return a call that solves the workload into an array (people, times, outputs) laid out once, and that array."""
    k = work.system.matrix
    place = {name: i for i, name in enumerate(work.system.states)}
    c, p2, p3, m, m2, ce, cem = (place[name] for name in ("c", "p2", "p3", "m", "m2", "ce", "cem"))
    rate = lambda to, source: k[:, to, source]  # noqa: E731
    elimination = -(k[:, m, m]) - rate(m2, m)
    per_mg = work.system.readout[:, 0, c], work.system.readout[:, 1, m]
    parameters = np.stack(
        [rate(m, c), rate(p2, c), rate(p3, c), rate(c, p2), rate(c, p3), elimination, rate(m2, m), rate(m, m2), -k[:, ce, ce],
         per_mg[0], -k[:, cem, cem], per_mg[1]], axis=1,
    )  # fmt: skip
    (one,) = work.sigmoids
    sigmoid = np.stack([one.emax, one.ec50, one.hill], axis=1)
    changes = sorted({dose.start_h for dose in work.doses} | {dose.start_h + dose.duration_h for dose in work.doses})
    rates = [
        sum(d.amount_mg / d.duration_h for d in work.doses if d.start_h <= start < d.start_h + d.duration_h)
        for start in changes
    ]
    firsts = [*np.searchsorted(work.times_h, changes), work.times_h.size]
    out = np.empty((work.system.people, work.times_h.size, 5))
    arguments = (
        parameters,
        sigmoid,
        np.array(changes),
        np.array(rates),
        np.array(firsts),
        work.times_h,
        rtol,
        atol,
        out,
    )

    def run() -> np.ndarray:
        _run(*arguments)
        return out

    return run, out
