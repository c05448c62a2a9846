"""The compiled kernel: what `stretches.fill` does, for one person after another. Imported by `compiled` only, when asked for.

Exponentials of every shape once a person, then all stretches, four or eight modes at a time along the times, so that loads and
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
def logarithm(x):
    """The natural logarithm of a positive number: 2 artanh of (m - 1) / (m + 1), m within half a binary order of 1."""
    bits = float_to_bits(x)
    exponent = (bits - 4604544271217802189) >> 52  # the bits of the square root of a half
    mantissa = bits_to_float(bits - (exponent << 52))
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    p = 0.10526315789473684
    p = p * z + 0.11764705882352941
    p = p * z + 0.13333333333333333
    p = p * z + 0.15384615384615385
    p = p * z + 0.18181818181818182
    p = p * z + 0.2222222222222222
    p = p * z + 0.2857142857142857
    p = p * z + 0.4
    p = p * z + 0.6666666666666666
    p = p * z + 2.0
    return float(exponent) * 0.6931471805599453 + p * s


@inline
def four(row, first, count, constant, factors, j, shapes, low):
    """Set a row to a constant and four modes."""
    a, b, c, d = factors[j], factors[j + 1], factors[j + 2], factors[j + 3]
    w, x, y, z = shapes[j], shapes[j + 1], shapes[j + 2], shapes[j + 3]
    for k in range(count):
        at = low + k
        row[first + k] = max(constant + a * w[at] + b * x[at] + c * y[at] + d * z[at], 0.0)


@inline
def eight(row, first, count, constant, factors, i, j, shapes, low):
    """Set a row to a constant and eight modes."""
    a, b, c, d = factors[i], factors[i + 1], factors[i + 2], factors[i + 3]
    e, f, g, h = factors[j], factors[j + 1], factors[j + 2], factors[j + 3]
    p, q, r, s = shapes[i], shapes[i + 1], shapes[i + 2], shapes[i + 3]
    w, x, y, z = shapes[j], shapes[j + 1], shapes[j + 2], shapes[j + 3]
    for k in range(count):
        at = low + k
        one = constant + a * p[at] + b * q[at] + c * r[at] + d * s[at]
        row[first + k] = max(one + (e * w[at] + f * x[at] + g * y[at] + h * z[at]), 0.0)


@inline
def many(row, first, count, constant, factors, shapes, low):
    """Set a row to a constant and any number of modes."""
    for k in range(count):
        row[first + k] = constant
    for j in range(factors.size):
        if factors[j] != 0.0:
            for k in range(count):
                row[first + k] += factors[j] * shapes[j, low + k]
    for k in range(count):
        row[first + k] = max(row[first + k], 0.0)


@inline
def exponentials(rate, shape, distances, minus, runs):
    """Fill in exponentials of all distances; along even steps each eighth one is a product with the one eight before."""
    for i in range(runs.shape[0]):
        first, last, even = runs[i, 0], runs[i, 1], runs[i, 2] == 1
        known = first + 8 if even else last
        for k in range(first, known):
            shape[k] = exponential(-rate * distances[k], minus[k])
        if even:
            eighth = exponential(-rate * (distances[first + 8] - distances[first]), 0.0)
            for k in range(last - known):
                shape[known + k] = shape[first + k] * eighth


@inline
def carry(rates, units, rows, at_once, inflow, shapes, moving, base):
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
            held = base[i, j] + moving[i, j] * shapes[j, rows[i, 3]]


@inline
def groups_of(readout, used):
    """Note the groups of four modes that an output reads; return how many."""
    groups = 0
    for j in range(0, readout.size, 4):
        for m in range(j, min(j + 4, readout.size)):
            if readout[m] != 0.0:
                used[groups] = j
                groups += 1
                break
    return groups


@inline
def output(row, readout, rows, moving, base, shapes, factors, used):
    """Fill one output of one person."""
    groups = groups_of(readout, used)
    for i in range(rows.shape[0]):
        first, length, low = rows[i, 0], rows[i, 1] - rows[i, 0], rows[i, 2]
        constant = 0.0
        for j in range(readout.size):
            factors[j] = readout[j] * moving[i, j]
            constant += readout[j] * base[i, j]
        if groups == 1:
            four(row, first, length, constant, factors, used[0], shapes, low)
        elif groups == 2:
            eight(row, first, length, constant, factors, used[0], used[1], shapes, low)
        else:
            many(row, first, length, constant, factors, shapes, low)


@njit(error_model="numpy", fastmath={"contract", "nsz"}, nogil=True, cache=True)
def courses_of_people(
    rates, readout, units, distances, minus, runs, rows, at_once, inflow, driving, emax, ec50, hill, found, first, last
):
    """Fill in outputs and sigmoids of people `first` to `last`; the arrays are those of `compiled.fill`."""
    modes, outputs, count = rates.shape[1], readout.shape[1], rows.shape[0]
    padded = (modes + 3) // 4 * 4
    shapes = np.zeros((padded, distances.size))
    moving, base = np.empty((count, modes)), np.empty((count, modes))
    factors, used = np.zeros(padded), np.empty(padded // 4, dtype=np.uint32)
    for person in range(first, last):
        for j in range(modes):
            exponentials(rates[person, j], shapes[j], distances, minus, runs)
        carry(rates[person], units[person], rows, at_once, inflow, shapes, moving, base)
        for o in range(outputs):
            output(found[person, o], readout[person, o], rows, moving, base, shapes, factors, used)
        for e in range(driving.size):
            level, row = found[person, driving[e]], found[person, outputs + e]
            size, half, power = emax[e, person], 1.0 / ec50[e, person], hill[e, person]
            for k in range(level.size):
                x = exponential(power * logarithm(max(level[k] * half, 1e-300)), 0.0)
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
