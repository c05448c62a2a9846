"""Proofs of the pharmacology engine against independent solutions of the same equations."""

import numpy as np
from scipy.linalg import expm
from tests.proofs.registry import proof

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.predict import concentrations
from openketamine.evidence.pharmacology import pk_model

CENTRAL_L = 25.0  # Kamp 2020 at 70 kg, as the paper prints it; volumes in L, flows in L/h
RATES_PER_H = np.array([
    [-(84 + 161 + 79) / 25, 161 / 56, 79 / 157],
    [161 / 25, -161 / 56, 0],
    [79 / 25, 0, -79 / 157],
])  # fmt: skip


@proof(seed=20200101, small={"infusions": 100}, full={"infusions": 20000})
def closed_form(rng, *, infusions):
    """The closed form and the exponential of the rate matrix give one level, after random infusions at random times."""
    typical, worst = pk_model("kamp2020_racemic").typical(70), 0.0
    for _ in range(infusions):
        amount_mg, hours, at_h = rng.uniform(1, 200), rng.uniform(0.05, 3), rng.uniform(0.02, 12)
        found = concentrations(typical, [Dose(0, amount_mg, hours)], np.array([at_h]))[0, 0]
        worst = max(worst, abs(found / by_matrix_exponential(amount_mg / hours, hours, at_h) - 1))

    assert worst < 1e-9, f"the worst relative difference is {worst:g}"
    return {"comparisons": infusions, "worst_relative_difference": float(worst)}


def by_matrix_exponential(rate_mg_per_h, duration_h, at_h):
    """Return the central level in ng/mL from the matrix augmented with a constant input."""
    augmented = np.zeros((4, 4))
    augmented[:3, :3], augmented[0, 3] = RATES_PER_H, rate_mg_per_h
    filled = expm(augmented * min(at_h, duration_h)) @ np.array([0, 0, 0, 1.0])
    return (expm(RATES_PER_H * max(at_h - duration_h, 0)) @ filled[:3])[0] / CENTRAL_L * 1000
