"""The compiled kernel: what `modal` and `stretches.fill` do, for one person after another. Imported by `compiled` only, when asked for.

Modes first, of eight people side by side, so that threads find them too. Then for each person exponentials of every shape once, all
stretches, and two outputs at a time, eight times at once; of an output only the modes that it sees. Exponential and logarithm are
written out as polynomials, because libm's would be called one by one; each says how far it is right.
"""

import numpy as np
from numba import njit

from openketamine.core.pharmacology.kernel_eights import (
    before_line,
    eights,
    larger,
    load,
    order_and_fraction,
    picked,
    polynomial,
    power_of_two,
    settle,
    smaller,
    store,
    store_past,
    store_some,
    sum_of,
    times_power_of_two,
    weighted,
)
from openketamine.core.pharmacology.kernel_modes import modes_of_eight, room_for_eight

WIDTH = 8
CHUNK = 64
FOUR, SIX, EIGHT = tuple(range(4)), tuple(range(6)), tuple(range(8))
WHOLE = 6755399441055744.0
"""1.5 x 2^52: a number added to it is rounded to a whole one, which stands in the lowest bits."""
EXPONENTIAL = (
    2.08767569878681e-09, 2.505210838544172e-08, 2.755731922398589e-07, 2.7557319223985893e-06, 2.48015873015873e-05,
    0.0001984126984126984, 0.001388888888888889, 0.008333333333333333, 0.041666666666666664, 0.16666666666666666, 0.5, 1.0,
)  # fmt: skip
LOGARITHM = (0.3407120415619086, 0.41167376623771057, 0.5770835660048659, 0.9617966734515485, 2.885390081789987)
EVEN, ODD = (1.0, 374.6464165810094, 7277.922682955102), (28.85390081777927, 2522.3357940118008)
"""tanh(f ln 2 / 2) is nearly f ODD(f^2) / EVEN(f^2): Pade's fraction."""
inline = njit(error_model="numpy", forceinline=True)


@inline
def exponential(x, minus):
    """exp(x) - minus for x up to 700 and minus 0 or 1: 2^n (1 + q(r)) with q a Taylor series on half a binary order."""
    x = larger(x, -700.0)
    shifted = x * 1.4426950408889634 + WHOLE
    whole = shifted - WHOLE
    r = x - whole * 0.693147180369123816490  # ln 2 in two parts
    r = r - whole * 1.90821492927058770002e-10
    scale = power_of_two(shifted)
    return polynomial(r, EXPONENTIAL) * r * scale + (scale - minus)


@inline
def log2(x):
    """log2 of positive x, to 2e-12: its order, and of the fraction m 2 artanh((m - 1) / (m + 1)) / ln 2 by a Chebyshev fit."""
    order, m = order_and_fraction(x)
    t = (m - 1.0) / (m + 1.0)
    return polynomial(t * t, LOGARITHM) * t + order


@inline
def share(y):
    """Return 1 / (1 + 2^y), to 3e-12: 2^f is (1 + tanh) / (1 - tanh) of f ln 2 / 2 on half an order, and all is one division."""
    y = smaller(larger(y, -1000.0), 1000.0)
    shifted = y + WHOLE
    f = y - (shifted - WHOLE)
    even, odd = polynomial(f * f, EVEN), polynomial(f * f, ODD) * f
    below = even - odd
    return below / (times_power_of_two(even + odd, shifted) + below)


@inline
def on_a_line(size):
    """Return zeros that begin where memory moves eight at once: else every eight would be in two halves."""
    wide = np.zeros(size + WIDTH)
    return wide[before_line(wide, 0) :]


@inline
def decays(rates, distance, minus, found, at):
    """Fill in exponentials of one distance, all modes side by side."""
    for j in range(0, rates.size, WIDTH):
        store(found, at + j, exponential(load(rates, j) * -distance, eights(minus)))


@inline
def exponentials(rates, states, distances, minus, runs, eighths, shapes):
    """Fill in exponentials of all distances; along even steps each eighth one follows from the one eight before.

    Less 1 where something flows in: exp(-k (t + 8 d)) - 1 is (exp(-k t) - 1) exp(-8 k d) + (exp(-8 k d) - 1), and nothing cancels.
    """
    modes = rates.size
    for i in range(runs.shape[0]):
        first, last, even = runs[i, 0], runs[i, 1], runs[i, 2] == 1
        if even:
            far = distances[first + WIDTH] - distances[first]
            decays(rates, far, 0.0, eighths, 0)
            decays(rates, far, minus[first], eighths, modes)
        for j in range(states):
            at, rate = j * distances.size, rates[j]
            known = first + WIDTH if even else last
            for k in range(first, known, WIDTH):
                store(shapes, at + k, exponential(load(distances, k) * -rate, load(minus, k)))
            if even:
                factor, more = eights(eighths[j]), eights(eighths[modes + j] if minus[first] == 1.0 else 0.0)
                shape = load(shapes, at + first)
                for k in range(known, last, WIDTH):
                    shape = shape * factor + more
                    store(shapes, at + k, shape)


@inline
def carry(rates, units, wholes, rows, at_once, inflow, read, factors, constants):
    """Carry one person's modes from stretch to stretch, all side by side: what outputs see of what moves, and of what stays."""
    outputs, modes = read.shape
    constants[:] = 0.0
    for j in range(0, modes, WIDTH):
        held, over_rates = eights(0.0), 1.0 / load(rates, j)
        for i in range(rows.shape[0]):
            steady = eights(0.0)
            for unit in range(units.shape[0]):
                one = load(units, unit * modes + j)
                held = held + one * at_once[i, unit]
                steady = steady + one * inflow[i, unit]
            moving = held - steady * over_rates
            held = held * float(rows[i, 4])
            for o in range(outputs):
                seen = load(read, o * modes + j)
                store(factors, (i * outputs + o) * modes + j, seen * moving)
                constants[i, o] += sum_of(seen * held)
            held = held + moving * load(wholes, rows[i, 3] * modes + j)


@inline
def two_outputs(page, stride, asked, at, row, i, shapes, factors, constants, modes, like):
    """Fill two outputs of one person in one stretch, in eights: what it writes too much the next stretch overwrites.

    Two at once, since each shape is then loaded once for both. `asked` says which outputs, whether they add to what is there, whether
    their sum is complete, and which modes they see; `like` is as long as these are many.
    """
    outputs = constants.shape[1]
    first_output, second_output, add, complete = asked[at, 0], asked[at, 1], asked[at, 2] == 1, asked[at, 3] == 1
    least = 0.0 if complete else -1e300  # a sum is not below nothing; its parts may be
    seen = picked(asked, at * asked.shape[1] + 5, like)
    places = picked(asked, at * asked.shape[1] + 5 + WIDTH, like)
    first, length, low = row[0], row[1] - row[0], row[2]
    a = picked(factors, (i * outputs + first_output) * modes, seen)
    b = picked(factors, (i * outputs + second_output) * modes, seen)
    c, d = eights(constants[i, first_output]), eights(constants[i, second_output])
    one, two = first_output * stride + first, second_output * stride + first
    for k in range(0, length, WIDTH):
        x = weighted(load(page, one + k) if add else c, shapes, low + k, places, a)
        y = weighted(load(page, two + k) if add else d, shapes, low + k, places, b)
        store(page, one + k, larger(x, least))
        store(page, two + k, larger(y, least))


@inline
def effects(page, level, row, first, last, emax, ec50, hill):
    """Fill a part of a row with a sigmoid of the row of a level.

    All logarithms first: two short chains of operations, each of many eights side by side, are done sooner than one long one.
    """
    half = sum_of(log2(eights(ec50))) / WIDTH
    for k in range(first, last, WIDTH):
        store(page, row + k, (half - log2(load(page, level + k))) * hill)
    for k in range(first, last, WIDTH):
        store(page, row + k, share(load(page, row + k)) * emax)


@inline
def stream(page, row, found, at, first, last, size):
    """Bring what is finished of a row to where it was asked for: in order, past the caches, the ends one by one."""
    begin = before_line(found, at)
    start = begin + first - (WIDTH if begin > 0 and first > 0 else 0)
    if first == 0:
        store_some(found, at, load(page, row), min(begin, size))
    for k in range(start, last - WIDTH + 1, WIDTH):
        store_past(found, at + k, load(page, row + k))
    if last == size:
        k = start + max(last - start, 0) // WIDTH * WIDTH
        store_some(found, at + k, load(page, row + k), size - k)


@inline
def written(page, stride, found, person, outputs, sigmoids):
    """Fill in one person's effects and write all rows, a few eights at a time, so that writing waits for nobody and nobody for it."""
    rows, size = found.shape[1], found.shape[2]
    for first in range(0, size, CHUNK):
        last = min(first + CHUNK, size)
        for e in range(sigmoids.driving.size):
            effects(
                page,
                sigmoids.driving[e] * stride,
                (outputs + e) * stride,
                first,
                last,
                sigmoids.emax[e, person],
                sigmoids.ec50[e, person],
                sigmoids.hill[e, person],
            )
        for row in range(rows):
            stream(page, row * stride, found, (person * rows + row) * size, first, last, size)


@inline
def levels(page, stride, tables, shapes, factors, constants, modes):
    """Fill in all outputs of one person, two at a time, with no more work than the modes that they see."""
    asked = tables.asked
    for i in range(tables.rows.shape[0]):
        row = tables.rows[i]
        for at in range(asked.shape[0]):
            if asked[at, 4] <= len(FOUR):
                two_outputs(page, stride, asked, at, row, i, shapes, factors, constants, modes, FOUR)
            elif asked[at, 4] <= len(SIX):
                two_outputs(page, stride, asked, at, row, i, shapes, factors, constants, modes, SIX)
            else:
                two_outputs(page, stride, asked, at, row, i, shapes, factors, constants, modes, EIGHT)


@inline
def modes_of_one(of_eight, lane, rates, read, units):
    """Take out of what was found for eight people what belongs to one."""
    for j in range(of_eight.rates.shape[1]):
        rates[j] = of_eight.rates[0, j, lane]
        for o in range(read.shape[0]):
            read[o, j] = of_eight.read[o, j, lane]
        for unit in range(units.shape[0]):
            units[unit, j] = of_eight.units[unit, j, lane]


@njit(error_model="numpy", nogil=True, cache=True)
def courses_of_people(people, tables, sigmoids, found, spread, first, last):
    """Fill in outputs and sigmoids of people `first` to `last`, and how far rounding is magnified; arguments as in `compiled`."""
    states, outputs, inputs = people.matrix.shape[1], people.readout.shape[1], people.vectors.shape[1]
    eight = room_for_eight(states, outputs, inputs)
    modes = states // WIDTH * WIDTH + WIDTH  # one more than there are at least: the one that nobody sees
    rates, read, units = np.ones(modes), np.zeros((outputs, modes)), np.zeros((inputs, modes))
    count, stride = tables.rows.shape[0], found.shape[2] // WIDTH * WIDTH + 2 * WIDTH
    shapes, page = on_a_line(modes * tables.distances.size), on_a_line(found.shape[1] * stride)
    eighths, wholes = np.empty(2 * modes), np.empty(tables.wholes.size * modes)
    factors, constants = np.empty(count * outputs * modes), np.empty((count, outputs))
    for start in range(first, last, WIDTH):
        worst = modes_of_eight(people, start, last, eight)
        for person in range(start, min(start + WIDTH, last)):
            spread[person] = worst[person - start]
            modes_of_one(eight, person - start, rates, read, units)
            exponentials(rates, states, tables.distances, tables.minus, tables.runs, eighths, shapes)
            for i in range(tables.wholes.size):
                decays(rates, tables.wholes[i], tables.wholes_minus[i], wholes, i * modes)
            carry(rates, units, wholes, tables.rows, tables.at_once, tables.inflow, read, factors, constants)
            levels(page, stride, tables, shapes, factors, constants, modes)
            written(page, stride, found, person, outputs, sigmoids)
    settle()


BINS = 2048
TOGETHER = 8


@inline
def ranked(column, ranks, counts, kept, found):
    """Find the values of one cell at ascending ranks: counted in even bins, then sorted within the bins that hold a rank."""
    low, high = column[0], column[0]
    for value in column:
        low, high = min(low, value), max(high, value)
    width = (high - low) / (BINS - 1)
    scale = 1.0 / width if width > 0.0 else 0.0
    counts[:] = 0
    for value in column:
        counts[np.int64((value - low) * scale)] += 1
    below, at, before = 0, 0, -1
    for r in range(ranks.size):
        while below + counts[at] <= ranks[r]:
            below += counts[at]
            at += 1
        if at == before:
            found[r] = kept[ranks[r] - below]
            continue
        before, many = at, 0
        for value in column:
            if np.int64((value - low) * scale) == at:
                kept[many] = value
                many += 1
        kept[:many].sort()
        found[r] = kept[ranks[r] - below]


@njit(error_model="numpy", nogil=True, cache=True)
def values_at_ranks(values, ranks, found):
    """Fill `found` (ranks, cells) with order statistics over people of `values` (people, cells)."""
    people, cells = values.shape
    columns = np.empty((TOGETHER, people))
    counts, kept, one = np.empty(BINS, dtype=np.int64), np.empty(people), np.empty(ranks.size)
    for first in range(0, cells, TOGETHER):
        many = min(TOGETHER, cells - first)
        for i in range(people):
            for c in range(many):
                columns[c, i] = values[i, first + c]
        for c in range(many):
            ranked(columns[c], ranks, counts, kept, one)
            for r in range(ranks.size):
                found[r, first + c] = one[r]
