"""Calibrate mood over days to the trial means in `evidence/response/mood_over_days.toml`; print constants and residuals.

`python scripts/calibrate_response.py` prints what the evidence file should hold; a test holds the file to it.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from openketamine.core.pharmacology.response import ResponseModel, residuals
from openketamine.evidence.response import response_model, trial_means

FITTED = ("onset_days", "decay_days", "first", "most", "expectancy", "expectancy_decay_days")
START = (0.1, 5.0, 20.0, 30.0, 9.0, 14.0)
LOW, HIGH = (0.02, 3.0, 5.0, 10.0, 2.0, 7.0), (1.0, 5.0, 60.0, 50.0, 15.0, 60.0)


def calibrated() -> ResponseModel:
    """Return the model whose fitted constants minimise the squared residuals, the others as the evidence file gives them."""
    means, fixed = trial_means(), response_model()

    def off(values: np.ndarray) -> np.ndarray:
        return np.array(list(residuals(with_values(fixed, values), means).values()))

    return with_values(fixed, least_squares(off, START, bounds=(LOW, HIGH), x_scale=START).x)


def with_values(model: ResponseModel, values: np.ndarray) -> ResponseModel:
    """Return the model with its fitted constants replaced."""
    return replace(model, **dict(zip(FITTED, map(float, values), strict=True)))


def main() -> int:
    """Print constants and residuals."""
    model = calibrated()
    for name in FITTED:
        print(f"{name} = {getattr(model, name):.4g}")
    for kind in ("trial_mean", "held_back"):
        for name, off in residuals(model, trial_means(kind=kind)).items():
            print(f"{kind} {name}: predicted minus observed {off:+.2f} MADRS points")
    return 0


if __name__ == "__main__":
    sys.exit(main())
