"""Calibrate mood over days to the trial means in `evidence/response/mood_over_days.toml`; print constants and residuals.

`python scripts/calibrate_response.py` prints what the evidence file should hold and writes it, with the whole table of residuals,
to `docs/calibration/mood_over_days.json`, from which `make docs` prints it; a test holds both files to the calibration.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from openketamine.core.pharmacology.response import ResponseModel, predicted, residuals  # noqa: E402
from openketamine.evidence.response import response_model, trial_means  # noqa: E402

FITTED = ("onset_days", "decay_days", "first", "most", "expectancy", "expectancy_decay_days")
START = (0.1, 5.0, 20.0, 30.0, 9.0, 14.0)
WRITTEN = ROOT / "docs" / "calibration" / "mood_over_days.json"
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


def summary(model: ResponseModel) -> dict:
    """Return the fitted constants with their bounds, and what the model says of each trial mean, fitted or held back."""
    bounds = zip(FITTED, LOW, HIGH, strict=True)
    constants = [
        {"name": name, "value": round(getattr(model, name), 3), "low": low, "high": high} for name, low, high in bounds
    ]
    means = [
        {"id": one.id, "kind": kind, "source": one.source, "day": one.day, "over_comparator": one.over_comparator,
         "observed": one.fall, "predicted": round(predicted(model, one), 2)}
        for kind in ("trial_mean", "held_back") for one in trial_means(kind=kind)
    ]  # fmt: skip
    return {"constants": constants, "means": means}


def main() -> int:
    """Print constants and residuals, and write them."""
    found = summary(calibrated())
    for one in found["constants"]:
        bound = "  at its bound" if one["value"] in (one["low"], one["high"]) else ""
        print(f"{one['name']} = {one['value']:.4g} ({one['low']:g} to {one['high']:g}){bound}")
    for one in found["means"]:
        off = one["predicted"] - one["observed"]
        print(f"{one['kind']} {one['id']}: predicted minus observed {off:+.2f} MADRS points")
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
