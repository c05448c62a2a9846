"""The compiled kernel: what `modal` and `stretches.fill` do, for one person after another. Imported by `compiled` only, when asked for.

Modes first, so that threads find them too. Exponentials of every shape once a person, then all stretches, two outputs and eight modes at a time along the times, so that loads and
stores are contiguous and become vector instructions. Exponential and logarithm are written out as polynomials for the same
reason (libm's would be called one by one); their error is a few units in the last place. Indices are unsigned where they come
from tables, so that the compiler knows that they never count from the end.
"""

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import types
from numba.extending import intrinsic

from openketamine.core.pharmacology.kernel_modes import modes_of_person

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
    """log2 of a positive number: its order, and for the fraction m within half an order of 1 (m - 1) times a Chebyshev fit; to 2e-12."""
    bits = float_to_bits(x)
    order = (bits - 4604544271217802189) >> 52  # the bits of the square root of a half
    t = bits_to_float(bits - (order << 52)) - 1.0
    p = -0.0698611012748221
    p = p * t + 0.132606896983836
    p = p * t + -0.13461380012339993
    p = p * t + 0.13025049683033396
    p = p * t + -0.14249775956867913
    p = p * t + 0.16021920359251712
    p = p * t + -0.18043696463107012
    p = p * t + 0.206107002178585
    p = p * t + -0.24044642277104783
    p = p * t + 0.2885387984142098
    p = p * t + -0.36067379332767396
    p = p * t + 0.4808983487802895
    p = p * t + -0.7213475203266877
    p = p * t + 1.4426950408866055
    return float(order) + p * t


@inline
def exp2(y):
    """2 to a power between -1000 and 1000, by a Chebyshev fit on half an order; right to 3e-14, without a division."""
    shifted = y + 6755399441055744.0
    f = y - (shifted - 6755399441055744.0)
    q = 1.0206416566555345e-07
    q = q * f + 1.3255227618120659e-06
    q = q * f + 1.5252670277476569e-05
    q = q * f + 0.00015403455843609768
    q = q * f + 0.0013333558205304997
    q = q * f + 0.009618129159408581
    q = q * f + 0.05550410866462405
    q = q * f + 0.24022650695812994
    q = q * f + 0.6931471805599468
    scale = bits_to_float((float_to_bits(shifted) + 1023) << 52)
    return q * f * scale + scale


@inline
def power(x, exponent):
    """X to an exponent, for positive x."""
    return exp2(max(min(exponent * log2(x), 1000.0), -1000.0))


@inline
def pair(one, two, first, count, constants, f, shapes, p, least, add):
    """Set two rows to their constants and eight modes, whose shapes begin at eight places; or add the modes to the rows."""
    c, d = constants[0], constants[1]
    a0, a1, a2, a3, a4, a5, a6, a7 = f[0, 0], f[0, 1], f[0, 2], f[0, 3], f[0, 4], f[0, 5], f[0, 6], f[0, 7]
    b0, b1, b2, b3, b4, b5, b6, b7 = f[1, 0], f[1, 1], f[1, 2], f[1, 3], f[1, 4], f[1, 5], f[1, 6], f[1, 7]
    p0, p1, p2, p3, p4, p5, p6, p7 = p
    for k in range(count):
        s0, s1, s2, s3 = shapes[p0 + k], shapes[p1 + k], shapes[p2 + k], shapes[p3 + k]
        s4, s5, s6, s7 = shapes[p4 + k], shapes[p5 + k], shapes[p6 + k], shapes[p7 + k]
        x = a0 * s0 + a1 * s1 + a2 * s2 + a3 * s3 + a4 * s4 + a5 * s5 + a6 * s6 + a7 * s7
        y = b0 * s0 + b1 * s1 + b2 * s2 + b3 * s3 + b4 * s4 + b5 * s5 + b6 * s6 + b7 * s7
        one[first + k] = max((one[first + k] if add else c) + x, least)
        two[first + k] = max((two[first + k] if add else d) + y, least)


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
def carry(rates, units, rows, at_once, inflow, shapes, places, moving, base, held, steady):
    """Carry one person's modes from stretch to stretch, all modes side by side: what moves in each, and what it is added to."""
    held[:] = 0.0
    for i in range(rows.shape[0]):
        steady[:] = 0.0
        for unit in range(units.shape[0]):
            once, rate = at_once[i, unit], inflow[i, unit]
            for j in range(rates.size):
                held[j] += once * units[unit, j]
                steady[j] += rate * units[unit, j]
        fed, whole = float(rows[i, 4]), rows[i, 3]
        for j in range(rates.size):
            moving[i, j] = held[j] - steady[j] / rates[j]
            base[i, j] = held[j] * fed
            held[j] = base[i, j] + moving[i, j] * shapes[places[j] + whole]


@inline
def eight_places(places, j, low):
    """Where the shapes of eight modes begin. Unsigned, so that the compiler knows that they never count from the end."""
    return (
        np.uint32(places[j] + low), np.uint32(places[j + 1] + low), np.uint32(places[j + 2] + low), np.uint32(places[j + 3] + low),
        np.uint32(places[j + 4] + low), np.uint32(places[j + 5] + low), np.uint32(places[j + 6] + low), np.uint32(places[j + 7] + low),
    )  # fmt: skip


@inline
def two_outputs(one, two, read_one, read_two, rows, moving, base, shapes, places, factors, constants):
    """Fill two outputs of one person, stretch after stretch in eights: what one writes too much the next one overwrites.

    Two at once, since each shape is then loaded once for both. Shapes lie end to end and are read by place: views of them would be
    counted, which costs more than the arithmetic.
    """
    for i in range(rows.shape[0]):
        first, length, low = rows[i, 0], rows[i, 1] - rows[i, 0], rows[i, 2]
        if length == 0:
            continue
        length = min((length + 7) // 8 * 8, one.size - first)
        for j in range(read_one.size):
            factors[0, j], factors[1, j] = read_one[j] * moving[i, j], read_two[j] * moving[i, j]
        constants[:] = 0.0
        if rows[i, 4] == 1:
            for j in range(read_one.size):
                constants[0] += read_one[j] * base[i, j]
                constants[1] += read_two[j] * base[i, j]
        last = places.size - 8
        least = 0.0 if last == 0 else -1e300  # a sum is not below nothing; its parts may be
        pair(one, two, first, length, constants, factors, shapes, eight_places(places, 0, low), least, add=False)
        for j in range(8, places.size, 8):
            least = 0.0 if j == last else -1e300
            more = factors[:, j:]
            pair(one, two, first, length, constants, more, shapes, eight_places(places, j, low), least, add=True)


@inline
def seen_and_given(readout, vectors, into, out, read, units):
    """Turn what outputs see of the states, and what each input gives to them, into modes."""
    states = into.shape[0]
    for m in range(states):
        for o in range(readout.shape[0]):
            read[o, m] = 0.0
            for s in range(states):
                read[o, m] += readout[o, s] * into[s, m]
        for unit in range(vectors.shape[0]):
            units[unit, m] = 0.0
            for s in range(states):
                units[unit, m] += out[m, s] * vectors[unit, s]


@njit(error_model="numpy", fastmath={"contract", "nsz"}, nogil=True, cache=True)
def courses_of_people(
    matrix, readout, vectors, edges, exchanges, distances, minus, runs, rows, at_once, inflow, driving, emax, ec50, hill,
    found, spread, first, last
):  # fmt: skip
    """Fill in outputs and sigmoids of people `first` to `last`, and how far rounding is magnified; arrays as in `compiled.fill`."""
    states, outputs, count = matrix.shape[1], readout.shape[1], rows.shape[0]
    modes = (states + 7) // 8 * 8
    shapes = np.zeros(modes * distances.size)
    places = np.array([j * distances.size for j in range(modes)]).astype(np.uint32)
    rates, read, units = np.ones(modes), np.zeros((outputs, modes)), np.zeros((vectors.shape[1], modes))
    into, out, scratch, lines = (
        np.empty((states, states)),
        np.empty((states, states)),
        np.empty((3, states, states)),
        np.empty((2, states)),
    )
    moving, base, held, steady = np.empty((count, modes)), np.empty((count, modes)), np.empty(modes), np.empty(modes)
    factors, constants = np.empty((2, modes)), np.empty(2)
    spare = np.empty(found.shape[2])
    for person in range(first, last):
        spread[person] = modes_of_person(matrix[person], edges, exchanges, rates, into, out, scratch, lines)
        seen_and_given(readout[person], vectors[person], into, out, read, units)
        for j in range(states):
            exponentials(rates[j], shapes, places[j], distances, minus, runs)
        carry(rates, units, rows, at_once, inflow, shapes, places, moving, base, held, steady)
        for o in range(0, outputs, 2):
            q = min(o + 1, outputs - 1)
            one, two = (
                found[person, o],
                found[person, q] if q > o else spare,
            )  # the last of an odd number has a partner for nothing
            two_outputs(one, two, read[o], read[q], rows, moving, base, shapes, places, factors, constants)
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
