"""The equations of each paper, written here a second time, and their answers by SciPy's matrix exponential.

Nothing is read from the project's evidence files, so that a slip in either shows. A description is a matrix of rate constants
(1/h) on amounts (mg), and for each output its state and how many ng/mL one milligram there is.
"""

import numpy as np
from scipy.linalg import expm

K, NK, HNK = 237.73, 223.70, 239.70
CENTRAL = 0


def linear(size, *flows):
    """Rate constants as (from, to or None, 1/h) into a matrix of amounts."""
    matrix = np.zeros((size, size))
    for source, target, rate in flows:
        matrix[source, source] -= rate
        if target is not None:
            matrix[target, source] += rate
    return matrix


def wider(described, size, *flows):
    """The same description with more states behind the others, joined by more flows."""
    matrix, outputs = described
    wide = linear(size, *flows)
    wide[: len(matrix), : len(matrix)] += matrix
    return wide, outputs


def both(a, b, flow, va, vb):
    return (a, b, flow / va), (b, a, flow / vb)


def sizes(weight):
    """How volumes and flows grow with weight."""
    return weight / 70, (weight / 70) ** 0.75


def kamp(weight=70, age=None):
    v, f = sizes(weight)
    v1, v2, v3 = 25 * v, 56 * v, 157 * v
    matrix = linear(3, (0, None, 84 * f / v1), *both(0, 1, 161 * f, v1, v2), *both(0, 2, 79 * f, v1, v3))
    return matrix, {"ketamine_ng_per_ml": (0, 1000 / v1)}


def kamp_with_norketamine(weight=70, age=None):
    """What the body clears passes two steps of 6.77 / 2 minutes; 80 % of it arrives as norketamine, in two compartments."""
    v, f = sizes(weight)
    v1, v2, v3, n1, n2, step = 25 * v, 56 * v, 157 * v, 25 * v, 61.2 * v, 2 / (6.77 / 60)
    matrix = linear(
        7,
        *both(0, 1, 161 * f, v1, v2), *both(0, 2, 79 * f, v1, v3), (0, 3, 84 * f / v1),
        (3, 4, step), (4, 5, 0.8 * step), (4, None, 0.2 * step),
        *both(5, 6, 168 * f, n1, n2), (5, None, 52.3 * f / n1),
    )  # fmt: skip
    return matrix, {"ketamine_ng_per_ml": (0, 1000 / v1), "norketamine_ng_per_ml": (5, 1000 / n1 * NK / K)}


def domino(weight=70, age=None):
    m = 60.0
    matrix = linear(
        3, (0, None, 0.4381 * m), (0, 1, 0.5921 * m), (1, 0, 0.2470 * m), (0, 2, 0.59 * m), (2, 0, 0.0146 * m)
    )
    return matrix, {"ketamine_ng_per_ml": (0, 1000 / (0.063 * weight))}


def clements(weight=70, age=None):
    matrix = linear(2, (0, None, 0.0109 * 60), (0, 1, 0.0186 * 60), (1, 0, 0.0137 * 60))
    return matrix, {"ketamine_ng_per_ml": (0, 1000 / (1.7522 * weight))}


def simons(weight=70, age=None):
    """central, two peripheral, two steps, norketamine, its peripheral, two steps, hydroxynorketamine, its peripheral."""
    v, f = sizes(weight)
    a, b, h = 2 / 20.1 * 60, 2 / 1.12 * 60, 60.0 * f
    matrix = linear(
        11,
        *both(0, 1, 2.43 * h, 11.6 * v, 39.0 * v), *both(0, 2, 1.21 * h, 11.6 * v, 174 * v), (0, 3, 1.48 * h / (11.6 * v)),
        (3, 4, a), (4, 5, 0.8 * a), (4, None, 0.2 * a),
        *both(5, 6, 2.63 * h, 11.6 * v, 221 * v), (5, 7, 1.00 * h / (11.6 * v)),
        (7, 8, b), (8, 9, 0.7 * b), (8, None, 0.3 * b),
        *both(9, 10, 1.70 * h, 4.4 * v, 87.5 * v), (9, None, 0.933 * h / (4.4 * v)),
    )  # fmt: skip
    return matrix, {
        "esketamine_ng_per_ml": (0, 1000 / (11.6 * v)),
        "noresketamine_ng_per_ml": (5, 1000 / (11.6 * v) * NK / K),
        "hydroxynoresketamine_ng_per_ml": (9, 1000 / (4.4 * v) * HNK / K),
    }


def simons_film():
    """A film under the tongue: through the mucosa into the centre, swallowed into the steps to norketamine."""
    return wider(simons(), 14, (11, 0, 0.040 * 60), (12, 13, 0.049 * 60), (13, 3, 60 / 10.7))


def film(amount):
    return [(11, 0.263 * amount, 13.1 / 60), (12, 1.16 * amount, 29.9 / 60)]


def otto(weight=70, age=None):
    v, f = sizes(weight)
    v1, cl, vn, cln = 133 * v, 95.2 * f, 98.638 * v, 57.72 * f
    matrix = linear(
        5, *both(0, 1, 23.2, v1, 187), *both(0, 2, 157, v1, 98.8), (0, 3, cl / v1), *both(3, 4, 42.778, vn, 160.04), (3, None, cln / vn)
    )  # fmt: skip
    return matrix, {"esketamine_ng_per_ml": (0, 1000 / v1), "noresketamine_ng_per_ml": (3, 1000 / vn)}


def perezruixo(weight=None, age=45, *, kel=1.11, clearance_of_nor=38.0):
    """central, two peripheral, liver, noresketamine, its peripheral; then nose, swallowed and stomach."""
    qh = 151 - 2.19 * max(0, age - 60)
    matrix = linear(
        9, *both(0, 1, 84.3, 192, 143), *both(0, 2, 37.6, 192, 417), *both(0, 3, qh, 192, 101), (3, None, kel), (3, 4, 2.77),
        *both(4, 5, 26.1, 70, 115), (4, None, clearance_of_nor / 70),
        (6, 0, 2.93), (7, 3, 1.45), (8, 3, 0.97),
    )  # fmt: skip
    return matrix, {"esketamine_ng_per_ml": (0, 1000 / 192), "noresketamine_ng_per_ml": (4, 1000 / 70)}


def swallowed_dose(amount):
    """64 % passes the gut, released into the stomach over 0.32 h."""
    return [(8, 0.64 * amount, 0.32)]


def nasal_dose(amount, through_the_nose=0.54):
    """The first device of 28 mg as it is, 0.62 of that fraction from the later ones; the rest is swallowed over 0.53 h."""
    first, later = min(amount, 28), max(amount - 28, 0)
    nose = through_the_nose * first + 0.62 * through_the_nose * later
    return [(6, nose, 0), (7, 0.64 * (amount - nose), 0.53)]


def by_exponential(described, entries, hours):
    """Levels after entries (state, amount, duration) at hour 0: a bolus, or the matrix augmented with a constant input."""
    matrix, outputs = described
    rows = np.array([sum(held(matrix, *entry, hour) for entry in entries) for hour in hours])
    return {name: rows[:, state] * per_mg for name, (state, per_mg) in outputs.items()}


def held(matrix, state, amount, duration_h, hour):
    """Amounts at an hour after one entry into one state."""
    size, after = len(matrix), hour
    start = np.zeros(size)
    if duration_h == 0:
        start[state] = amount
    else:
        wide = np.zeros((size + 1, size + 1))
        wide[:size, :size] = matrix
        wide[state, size] = amount / duration_h
        start, after = expm(wide * min(hour, duration_h))[:size, size], max(hour - duration_h, 0)
    return expm(matrix * after) @ start


def through_changes(phases, rates, hours):
    """Levels of an infusion into the centre while the person changes: phases (from hour, description), rates (from hour, mg/h)."""
    changes = sorted({0.0, *(at for at, _ in phases), *(at for at, _ in rates), *hours})
    size, found = len(phases[0][1][0]), {}
    amounts = np.zeros(size)
    for now, until in zip(changes, [*changes[1:], None], strict=True):
        matrix, outputs = in_force(phases, now)
        found[now] = [amounts[state] * per_mg for state, per_mg in outputs.values()]
        if until is not None:
            wide = np.zeros((size + 1, size + 1))
            wide[:size, :size], wide[CENTRAL, size] = matrix, in_force(rates, now)
            amounts = (expm(wide * (until - now)) @ np.append(amounts, 1.0))[:size]
    return np.array([found[hour] for hour in hours]).T


def in_force(steps, now):
    return [what for at, what in steps if at <= now][-1]
