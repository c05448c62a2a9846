"""The compiled twin of `modal.modes_of` for eight people side by side: what `kernel` needs before it can begin. Imported by it only.

Arrays end in eight: `get` and `put` read and write one number of all eight people.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from openketamine.core.pharmacology.kernel_eights import (
    eights,
    larger,
    load,
    most_of,
    over,
    root,
    signed_as,
    size,
    store,
)

SWEEPS = 12
WIDTH = 8
inline = njit(error_model="numpy", forceinline=True)
called = njit(error_model="numpy", nogil=True, cache=True)


class Eight(NamedTuple):
    """What is known, then what is found, of eight people side by side: tables that end in eight."""

    matrix: np.ndarray
    readout: np.ndarray
    vectors: np.ndarray
    rates: np.ndarray
    into: np.ndarray
    out: np.ndarray
    read: np.ndarray
    units: np.ndarray


@called
def room_for_eight(states, outputs, inputs):
    """Return the tables, to be filled for eight people after another."""
    return Eight(
        np.empty((states, states, WIDTH)), np.empty((outputs, states, WIDTH)), np.empty((inputs, states, WIDTH)),
        np.empty((1, states, WIDTH)), np.empty((states, states, WIDTH)), np.empty((states, states, WIDTH)),
        np.empty((outputs, states, WIDTH)), np.empty((inputs, states, WIDTH)),
    )  # fmt: skip


@inline
def get(array, i, j):
    """Read what stands at (i, j) in all eight people."""
    return load(array, (i * array.shape[1] + j) * WIDTH)


@inline
def put(array, i, j, value):
    """Write what stands at (i, j) in all eight people."""
    store(array, (i * array.shape[1] + j) * WIDTH, value)


@inline
def side_by_side(array, first, last, into):
    """Lay tables (people, rows, columns) of eight people side by side; the last person stands in for those who are not there."""
    for lane in range(WIDTH):
        person = min(first + lane, last - 1)
        for i in range(into.shape[0]):
            for j in range(into.shape[1]):
                into[i, j, lane] = array[person, i, j]


@inline
def turn(a, v, first, last, p, q):
    """Turn the plane of p and q so that what they exchange in the symmetric block becomes nothing; `v` keeps the turns."""
    here, there, b = get(a, p, p), get(a, q, q), get(a, p, q)
    half = (there - here) * 0.5
    t = b / (half + signed_as(root(half * half + b * b) + 1e-300, half))
    c = 1.0 / root(t * t + 1.0)
    s = t * c
    put(a, p, p, here - t * b)
    put(a, q, q, there + t * b)
    put(a, p, q, eights(0.0))
    put(a, q, p, eights(0.0))
    for r in range(first, last):
        if r not in (p, q):
            x, y = get(a, r, p), get(a, r, q)
            less, more = c * x - s * y, s * x + c * y
            put(a, r, p, less)
            put(a, p, r, less)
            put(a, r, q, more)
            put(a, q, r, more)
        x, y = get(v, r, p), get(v, r, q)
        put(v, r, p, c * x - s * y)
        put(v, r, q, s * x + c * y)


@inline
def turned(a, v, first, last):
    """Jacobi's method on one block: turn until no plane of anybody exchanges more than rounding."""
    for _sweep in range(SWEEPS):
        left = eights(0.0)
        for p in range(first, last - 1):
            for q in range(p + 1, last):
                b = get(a, p, q)
                left = larger(b * b - get(a, p, p) * get(a, q, q) * 1e-34, left)
        if most_of(left) <= 0.0:
            break
        for p in range(first, last - 1):
            for q in range(p + 1, last):
                turn(a, v, first, last, p, q)


@inline
def own_modes(matrix, exchanges, first, last, rates, into, out, a, scale):
    """Decompose one block: symmetric once each state is divided by the square root of inflow over outflow along its exchange."""
    for i in range(first, last):
        put(scale, 0, i, eights(1.0))
    for i in range(exchanges.shape[0]):
        here, there = exchanges[i, 0], exchanges[i, 1]
        if first <= here < last:
            put(scale, 0, there, get(scale, 0, here) * root(get(matrix, there, here) / get(matrix, here, there)))
    for i in range(first, last):
        for j in range(first, last):
            put(a, i, j, get(matrix, i, i) if i == j else root(get(matrix, i, j) * get(matrix, j, i)))
            put(into, i, j, eights(1.0 if i == j else 0.0))
    turned(a, into, first, last)
    for j in range(first, last):
        put(rates, 0, j, 0.0 - get(a, j, j))
        for i in range(first, last):
            put(out, j, i, get(into, i, j) / get(scale, 0, i))
            put(into, i, j, get(into, i, j) * get(scale, 0, i))


@inline
def shown(matrix, first, last, rates, into, out, worst, arriving, show):
    """Show the modes upstream in one block: what arrives there, in its own modes, over the difference of rates."""
    for j in range(first):
        for i in range(first, last):
            total = eights(0.0)
            for s in range(first):
                total = total + get(matrix, i, s) * get(into, s, j)
            put(arriving, 0, i, total)
        most = eights(1.0)
        for i in range(first, last):
            total = eights(0.0)
            for r in range(first, last):
                total = total + get(out, i, r) * get(arriving, 0, r)
            gap, both = get(rates, 0, i) - get(rates, 0, j), get(rates, 0, i) + get(rates, 0, j)
            put(show, i, j, over(total, gap))
            near = size(over(total * both, total * gap)) * 0.5
            most = larger(near, most)
            put(worst, i, j, near)
        put(worst, j, j, get(worst, j, j) * most)
        for r in range(first, last):
            total = eights(0.0)
            for i in range(first, last):
                total = total + get(into, r, i) * get(show, i, j)
            put(into, r, j, total)
    for i in range(first, last):
        most = eights(1.0)
        for j in range(first):
            most = larger(get(worst, i, j), most)
        put(worst, i, i, most)
        for s in range(first):
            total = eights(0.0)
            for j in range(first):
                total = total - get(show, i, j) * get(out, j, s)
            put(out, i, s, total)


@inline
def seen_and_given(readout, vectors, into, out, read, units):
    """Turn what outputs see of the states, and what each input gives to them, into modes of eight people."""
    states = into.shape[0]
    for m in range(states):
        for o in range(readout.shape[0]):
            total = eights(0.0)
            for s in range(states):
                total = total + get(readout, o, s) * get(into, s, m)
            put(read, o, m, total)
        for unit in range(vectors.shape[0]):
            total = eights(0.0)
            for s in range(states):
                total = total + get(out, m, s) * get(vectors, unit, s)
            put(units, unit, m, total)


@called
def modes_of_eight(people, first, end, eight):
    """Fill in rates, what outputs see of modes, and what inputs give to them, of eight people from a first one on, before an end.

    Return how far rounding is magnified in each (`modal.Modes.spread`).
    """
    side_by_side(people.matrix, first, end, eight.matrix)
    side_by_side(people.readout, first, end, eight.readout)
    side_by_side(people.vectors, first, end, eight.vectors)
    states, edges = eight.matrix.shape[0], people.edges
    a, show, worst = np.zeros((3, states, states, WIDTH))
    scale, arriving = np.zeros((2, 1, states, WIDTH))
    eight.into[:], eight.out[:] = 0.0, 0.0
    for b in range(edges.size - 1):
        here, after = edges[b], edges[b + 1]
        own_modes(eight.matrix, people.exchanges, here, after, eight.rates, eight.into, eight.out, a, scale)
        shown(eight.matrix, here, after, eight.rates, eight.into, eight.out, worst, arriving, show)
    seen_and_given(eight.readout, eight.vectors, eight.into, eight.out, eight.read, eight.units)
    most = eights(1.0)
    for j in range(states):
        most = larger(get(worst, j, j), most)
    for j in range(states):
        most = most + get(eight.rates, 0, j) * 0.0  # a rate that is no number makes this none
    found = np.empty(WIDTH)
    store(found, 0, most)
    return found
