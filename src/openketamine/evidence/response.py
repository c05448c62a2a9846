"""Mood over days, from its TOML file to core values."""

from functools import cache
from typing import Any

from openketamine.core.pharmacology.response import ResponseModel, TrialMean
from openketamine.evidence import load
from openketamine.evidence.load import cited

DAYS = ("onset", "decay", "expectancy_onset", "expectancy_decay")


@cache
def response_model(name: str = "mood_over_days") -> ResponseModel:
    """Return the calibrated model; raises EvidenceError for an uncited number."""
    row, where = load.table("response", name), f"response/{name}.toml"
    days = {f"{key}_days": cited(row[key], "d", where) for key in DAYS}
    points = {key: cited(row[key], "{score}", where) for key in ("first", "most", "expectancy")}
    return ResponseModel(**days, **points, responder_share=cited(row["responder_share"], "1", where))


@cache
def trial_means(name: str = "mood_over_days", kind: str = "trial_mean") -> tuple[TrialMean, ...]:
    """Return the means that the model is calibrated to, or those `held_back` from it."""
    row, where = load.table("response", name), f"response/{name}.toml"
    return tuple(_mean(one, where) for one in row[kind])


def checked(name: str) -> object:
    """Read a response file whole."""
    return response_model(name), trial_means(name), trial_means(name, "held_back")


def _mean(row: dict[str, Any], where: str) -> TrialMean:
    fall = cited(row, "{score}", f"{where} {row['id']}")
    days = tuple(float(day) for day in row["dose_days"])
    return TrialMean(row["id"], days, float(row["day"]), fall, row["over_comparator"], row["cite"]["source"])
