"""Disposition models and effects from their TOML files to core values; a notebook's way in is `pk_model(id)`."""

from functools import cache
from typing import Any

from openketamine.core.pharmacology.effects import Haemodynamics, Sigmoid
from openketamine.core.pharmacology.individualise import Residual
from openketamine.core.pharmacology.model import PkModel, Route, SamplingSite, Substance, Variability
from openketamine.core.quantity import Quantity
from openketamine.evidence import load


@cache
def pk_model(name: str) -> PkModel:
    """Return a published disposition model; raises EvidenceError for an unknown id or an uncited number."""
    row = load.table("pk_models", name)
    where = f"pk_models/{name}.toml"

    def number(place: Any, unit: str) -> float:
        return cited(place, unit, where)

    return PkModel(
        id=row["id"], title=row["title"], substance=Substance(row["substance"]), sampling_site=SamplingSite(row["sampling_site"]),
        output=row["output"], routes=frozenset(Route(route) for route in row["routes"]), covariates=frozenset(row["covariates"]),
        reference_weight_kg=number(row["reference_weight"], "kg"), central_l=number(row["volume"]["central"], "L"),
        peripheral_l=tuple(number(volume, "L") for volume in row["volume"]["peripheral"]),
        clearance_l_per_h=number(row["clearance"]["elimination"], "L/h"),
        flows_l_per_h=tuple(number(flow, "L/h") for flow in row["clearance"]["intercompartmental"]),
        volume_exponent=number(row["exponent"]["volume"], "1"), clearance_exponent=number(row["exponent"]["clearance"], "1"),
        variability=_variability(row.get("variability"), where), sources=tuple(row["sources"]),
    )  # fmt: skip


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


def cited(place: Any, unit: str, where: str) -> float:
    """Return a number in a unit; raises EvidenceError when it carries no citation."""
    load.citation(place.get("cite"), where)
    return Quantity(float(place["value"]), place["unit"]).to(unit).value


def _sigmoid(row: dict[str, Any], unit: str, where: str) -> Sigmoid:
    emax, ec50 = cited(row["emax"], "%", where), cited(row["ec50"], "ng/mL", where)
    return Sigmoid(emax, ec50, cited(row["baseline"], unit, where))


def _variability(row: dict[str, Any] | None, where: str) -> Variability | None:
    if row is None:
        return None
    names = ("central_volume", "elimination_clearance", "last_intercompartmental_clearance")
    volume, clearance, flow = (cited(row[name], "1", where) for name in names)
    return Variability(volume, clearance, flow, row.get("borrowed_from", ""))
