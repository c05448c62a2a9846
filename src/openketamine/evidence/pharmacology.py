"""Disposition models and effects from their TOML files to core values; a notebook's way in is `pk_model(id)`."""

from functools import cache
from typing import Any

from openketamine.core.pharmacology.effects import Haemodynamics, Sigmoid
from openketamine.core.pharmacology.individualise import Residual
from openketamine.evidence import load
from openketamine.evidence.load import cited
from openketamine.evidence.pk_models import pk_link, pk_model

__all__ = ["cited", "cuff_residual", "haemodynamics", "pk_link", "pk_model"]


@cache
def haemodynamics(name: str = "haemodynamics_derived") -> Haemodynamics:
    """Return an effect block on pressure and heart rate; raises EvidenceError for an unknown id or an uncited number."""
    row = load.table("effects", name)
    where = f"effects/{name}.toml"
    return Haemodynamics(
        id=row["id"],
        active_fraction=cited(row["active_fraction"], "1", where),
        mean_pressure=_sigmoid(row["mean_pressure"], "mm[Hg]", where),
        heart_rate=_sigmoid(row["heart_rate"], "/min", where),
        systolic_per_diastolic=cited(row["systolic_per_diastolic"], "1", where),
        ec50_log_sd=cited(row["variability"]["ec50_log_sd"], "1", where),
        sources=tuple(row["sources"]),
    )


@cache
def cuff_residual(name: str = "haemodynamics_derived") -> Residual:
    """Return how cuff readings scatter about an effect block; raises EvidenceError for an uncited number."""
    row, where = load.table("effects", name)["residual"], f"effects/{name}.toml"
    return Residual(cited(row["scale"], "mm[Hg]", where), cited(row["degrees_of_freedom"], "1", where))


def _sigmoid(row: dict[str, Any], unit: str, where: str) -> Sigmoid:
    emax, ec50 = cited(row["emax"], "%", where), cited(row["ec50"], "ng/mL", where)
    return Sigmoid(emax, ec50, cited(row["baseline"], unit, where))
