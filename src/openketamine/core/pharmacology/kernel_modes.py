"""The compiled twin of `modal.modes_of` for one person after another: what `kernel` needs before it can begin. Imported by it only."""

import numpy as np
from numba import njit

SWEEPS = 12
inline = njit(inline="always", error_model="numpy", fastmath={"contract", "nsz"})
called = njit(error_model="numpy", fastmath={"contract", "nsz"}, nogil=True, cache=True)


@inline
def turn(a, v, first, last, p, q):
    """Turn the plane of p and q so that what they exchange in the symmetric block becomes nothing; `v` keeps the turns."""
    theta = (a[q, q] - a[p, p]) / (2.0 * a[p, q])
    t = 1.0 / (abs(theta) + np.sqrt(theta * theta + 1.0))
    t = -t if theta < 0.0 else t
    c = 1.0 / np.sqrt(t * t + 1.0)
    s = t * c
    a[p, p] -= t * a[p, q]
    a[q, q] += t * a[p, q]
    a[p, q] = a[q, p] = 0.0
    for r in range(first, last):
        if r not in (p, q):
            x, y = a[r, p], a[r, q]
            a[r, p] = a[p, r] = c * x - s * y
            a[r, q] = a[q, r] = s * x + c * y
        x, y = v[r, p], v[r, q]
        v[r, p], v[r, q] = c * x - s * y, s * x + c * y


@inline
def turned(a, v, first, last):
    """Jacobi's method on one block: turn until no plane exchanges more than rounding."""
    for _sweep in range(SWEEPS):
        moved = False
        for p in range(first, last - 1):
            for q in range(p + 1, last):
                if abs(a[p, q]) > 1e-17 * np.sqrt(abs(a[p, p] * a[q, q])):
                    turn(a, v, first, last, p, q)
                    moved = True
        if not moved:
            break


@inline
def own_modes(matrix, exchanges, first, last, rates, into, out, a, scale):
    """Decompose one block: symmetric once each state is divided by the square root of inflow over outflow along its exchange."""
    scale[first:last] = 1.0
    for i in range(exchanges.shape[0]):
        here, there = exchanges[i, 0], exchanges[i, 1]
        if first <= here < last:
            scale[there] = scale[here] * np.sqrt(matrix[there, here] / matrix[here, there])
    for i in range(first, last):
        for j in range(first, last):
            a[i, j] = matrix[i, i] if i == j else np.sqrt(matrix[i, j] * matrix[j, i])
            into[i, j] = 1.0 if i == j else 0.0
    turned(a, into, first, last)
    for j in range(first, last):
        rates[j] = -a[j, j]
        for i in range(first, last):
            out[j, i] = into[i, j] / scale[i]
            into[i, j] *= scale[i]


@inline
def shown(matrix, first, last, rates, into, out, worst, arriving, show):
    """Show the modes upstream in one block: what arrives there, in its own modes, over the difference of rates."""
    for j in range(first):
        for i in range(first, last):
            arriving[i] = 0.0
            for s in range(first):
                arriving[i] += matrix[i, s] * into[s, j]
        most = 1.0
        for i in range(first, last):
            total = 0.0
            for r in range(first, last):
                total += out[i, r] * arriving[r]
            show[i, j] = total / (rates[i] - rates[j]) if total != 0.0 else 0.0
            near = abs((rates[i] + rates[j]) / (rates[i] - rates[j])) / 2.0 if total != 0.0 else 1.0
            most = max(most, near)
            worst[i, j] = near
        worst[j, j] *= most
        for r in range(first, last):
            into[r, j] = 0.0
            for i in range(first, last):
                into[r, j] += into[r, i] * show[i, j]
    for i in range(first, last):
        most = 1.0
        for j in range(first):
            most = max(most, worst[i, j])
        worst[i, i] = most
        for s in range(first):
            out[i, s] = 0.0
            for j in range(first):
                out[i, s] -= show[i, j] * out[j, s]


@called
def modes_of_person(matrix, edges, exchanges, rates, into, out, scratch, lines):
    """Fill in rates, T and its inverse of one person; return how far rounding is magnified (`modal.Modes.spread`)."""
    a, show, worst = scratch[0], scratch[1], scratch[2]
    into[:], out[:] = 0.0, 0.0
    for b in range(edges.size - 1):
        first, last = edges[b], edges[b + 1]
        own_modes(matrix, exchanges, first, last, rates, into, out, a, lines[0])
        shown(matrix, first, last, rates, into, out, worst, lines[1], show)
    most = 1.0
    for j in range(edges[-1]):
        most = worst[j, j] if worst[j, j] > most or np.isnan(worst[j, j]) else most
    return most
