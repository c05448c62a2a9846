"""The compiled kernel: what `stretches.fill` does, for one person after another. Imported by `compiled` only, when asked for.

Exponentials of every shape once a person, then all stretches, four modes at a time along the times, so that loads and
stores are contiguous and become vector instructions. Exponential and logarithm are written out as polynomials for the same
reason (libm's would be called one by one); their error is a few units in the last place. Indices are unsigned where they come
from tables, so that the compiler knows that they never count from the end.
"""

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import types
from numba.extending import intrinsic

inline = njit(inline="always", error_model="numpy", fastmath={"contract", "nsz"})


@intrinsic
def bits_to_float(_context, _bits):
    """Read 64 bits as a float."""

    def generate(_context, builder, _signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def float_to_bits(_context, _value):
    """Read a float as 64 bits."""

    def generate(_context, builder, _signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@inline
def exponential(x, minus):
    """exp(x) - minus for x up to 700 and minus 0 or 1: 2^n (1 + q(r)) with q a Taylor series on half a binary order."""
    x = max(x, -700.0)
    shifted = x * 1.4426950408889634 + 6755399441055744.0  # adds 1.5 x 2^52: the low bits are the nearest whole number
    whole = shifted - 6755399441055744.0
    r = x - whole * 0.693147180369123816490  # ln 2 in two parts
    r = r - whole * 1.90821492927058770002e-10
    q = 2.08767569878681e-09
    q = q * r + 2.505210838544172e-08
    q = q * r + 2.755731922398589e-07
    q = q * r + 2.7557319223985893e-06
    q = q * r + 2.48015873015873e-05
    q = q * r + 0.0001984126984126984
    q = q * r + 0.001388888888888889
    q = q * r + 0.008333333333333333
    q = q * r + 0.041666666666666664
    q = q * r + 0.16666666666666666
    q = q * r + 0.5
    q = q * r + 1.0
    scale = bits_to_float((float_to_bits(shifted) + 1023) << 52)  # the shift drops the bits of 1.5 x 2^52
    return q * r * scale + (scale - minus)


@inline
def log2(x):
    """log2 of a positive number: its order, and for the fraction m within half an order of 1 (m - 1) times a Chebyshev fit."""
    bits = float_to_bits(x)
    order = (bits - 4604544271217802189) >> 52  # the bits of the square root of a half
    t = bits_to_float(bits - (order << 52)) - 1.0
    p = -0.04719380940257703
    p = p * t + 0.10140484756958013
    p = p * t + -0.10729362034351139
    p = p * t + 0.09693599913596554
    p = p * t + -0.10038607421175613
    p = p * t + 0.11052357999365915
    p = p * t + -0.1204275884591524
    p = p * t + 0.1312020945672535
    p = p * t + -0.14426109134299106
    p = p * t + 0.16029705691259274
    p = p * t + -0.18033707067851598
    p = p * t + 0.2060993527817962
    p = p * t + -0.24044917124937865
    p = p * t + 0.28853900742596866
    p = p * t + -0.36067376023418973
    p = p * t + 0.48089834696646167
    p = p * t + -0.7213475204444596
    p = p * t + 1.442695040888961
    return float(order) + p * t


@inline
def exp2(y):
    """2 to a power between -1000 and 1000, by the Taylor series on half an order; right to 1e-14, without a division."""
    shifted = y + 6755399441055744.0
    f = y - (shifted - 6755399441055744.0)
    q = 2.5678435993488196e-11
    q = q * f + 4.44553827187081e-10
    q = q * f + 7.054911620801121e-09
    q = q * f + 1.0178086009239696e-07
    q = q * f + 1.3215486790144305e-06
    q = q * f + 1.5252733804059838e-05
    q = q * f + 0.00015403530393381606
    q = q * f + 0.0013333558146428441
    q = q * f + 0.009618129107628477
    q = q * f + 0.055504108664821576
    q = q * f + 0.2402265069591007
    q = q * f + 0.6931471805599453
    scale = bits_to_float((float_to_bits(shifted) + 1023) << 52)
    return q * f * scale + scale


@inline
def power(x, exponent):
    """X to an exponent, for positive x."""
    return exp2(max(min(exponent * log2(x), 1000.0), -1000.0))


@inline
def four(row, first, count, constant, a, b, c, d, shapes, w, x, y, z, least):
    """Set a row to a constant and four modes, whose shapes begin at four places."""
    for k in range(count):
        row[first + k] = max(
            constant + a * shapes[w + k] + b * shapes[x + k] + c * shapes[y + k] + d * shapes[z + k], least
        )


@inline
def add_four(row, first, count, a, b, c, d, shapes, w, x, y, z, least):
    """Add four modes to a row."""
    for k in range(count):
        more = a * shapes[w + k] + b * shapes[x + k] + c * shapes[y + k] + d * shapes[z + k]
        row[first + k] = max(row[first + k] + more, least)


@inline
def exponentials(rate, shapes, at, distances, minus, runs):
    """Fill in exponentials of all distances; along even steps each eighth one is a product with the one eight before."""
    for i in range(runs.shape[0]):
        first, last, even = runs[i, 0], runs[i, 1], runs[i, 2] == 1
        known = first + 8 if even else last
        for k in range(first, known):
            shapes[at + k] = exponential(-rate * distances[k], minus[k])
        if even:
            eighth = exponential(-rate * (distances[first + 8] - distances[first]), 0.0)
            for k in range(first, last - 8):
                shapes[at + k + 8] = shapes[at + k] * eighth


@inline
def carry(rates, units, rows, at_once, inflow, shapes, places, moving, base):
    """Carry one person's modes from stretch to stretch: what moves in each, and what it is added to."""
    for j in range(rates.size):
        held = 0.0
        for i in range(rows.shape[0]):
            steady = 0.0
            for unit in range(units.shape[0]):
                held += at_once[i, unit] * units[unit, j]
                steady += inflow[i, unit] * units[unit, j]
            moving[i, j] = held - steady / rates[j]
            base[i, j] = held if rows[i, 4] == 1 else 0.0
            held = base[i, j] + moving[i, j] * shapes[places[j] + rows[i, 3]]


@inline
def groups_of(readout, used):
    """Note the groups of four modes that an output reads; return how many, at least one."""
    groups, used[0] = 0, 0
    for j in range(0, readout.size, 4):
        for m in range(j, min(j + 4, readout.size)):
            if readout[m] != 0.0:
                used[groups] = j
                groups += 1
                break
    return max(groups, 1)


@inline
def output(row, readout, rows, moving, base, shapes, places, factors, used):
    """Fill one output of one person, stretch after stretch in eights: what one writes too much the next one overwrites.

    Shapes lie end to end and are read by place: views of them would be counted, which costs more than the arithmetic.
    """
    groups = groups_of(readout, used)
    for i in range(rows.shape[0]):
        first, length, low = rows[i, 0], rows[i, 1] - rows[i, 0], rows[i, 2]
        if length == 0:
            continue
        length = min((length + 7) // 8 * 8, row.size - first)
        constant = 0.0
        for j in range(readout.size):
            factors[j] = readout[j] * moving[i, j]
            constant += readout[j] * base[i, j]
        for g in range(groups):
            j = used[g]
            w, x = np.uint32(places[j] + low), np.uint32(places[j + 1] + low)
            y, z = np.uint32(places[j + 2] + low), np.uint32(places[j + 3] + low)
            a, b, c, d = factors[j], factors[j + 1], factors[j + 2], factors[j + 3]
            least = 0.0 if g == groups - 1 else -1e300  # a sum is not below nothing; its parts may be
            if g == 0:
                four(row, first, length, constant, a, b, c, d, shapes, w, x, y, z, least)
            else:
                add_four(row, first, length, a, b, c, d, shapes, w, x, y, z, least)


@njit(error_model="numpy", fastmath={"contract", "nsz"}, nogil=True, cache=True)
def courses_of_people(
    rates, readout, units, distances, minus, runs, rows, at_once, inflow, driving, emax, ec50, hill, found, first, last
):
    """Fill in outputs and sigmoids of people `first` to `last`; the arrays are those of `compiled.fill`."""
    modes, outputs, count = rates.shape[1], readout.shape[1], rows.shape[0]
    padded = (modes + 3) // 4 * 4
    shapes = np.zeros(padded * distances.size)
    places = np.array([j * distances.size for j in range(padded)]).astype(np.uint32)
    moving, base = np.empty((count, modes)), np.empty((count, modes))
    factors, used = np.zeros(padded), np.empty(padded // 4, dtype=np.uint32)
    for person in range(first, last):
        for j in range(modes):
            exponentials(rates[person, j], shapes, places[j], distances, minus, runs)
        carry(rates[person], units[person], rows, at_once, inflow, shapes, places, moving, base)
        for o in range(outputs):
            output(found[person, o], readout[person, o], rows, moving, base, shapes, places, factors, used)
        for e in range(driving.size):
            level, row = found[person, driving[e]], found[person, outputs + e]
            size, half, steep = emax[e, person], 1.0 / ec50[e, person], hill[e, person]
            for k in range(level.size):
                x = power(max(level[k] * half, 1e-300), steep)
                row[k] = size * x / (1.0 + x)


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
