"""Disposition models and links from `pk_models/*.toml` and `pk_links/*.toml`; every number must be cited."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from openketamine.core.pharmacology.model import (
    Entry,
    Flow,
    Group,
    Lag,
    Link,
    Output,
    Parameter,
    PkModel,
    Scatter,
    Slope,
    Variability,
)
from openketamine.core.pharmacology.substance import Route, SamplingSite, Substance
from openketamine.evidence import load, person
from openketamine.evidence.load import EvidenceError, cited

Row = dict[str, Any]
CANONICAL = {"L/min": "L/h", "/min": "/h", "min": "h"}


@cache
def pk_model(name: str) -> PkModel:
    """Return a published disposition model; raises EvidenceError for an unknown id or an uncited number."""
    return parsed(load.table("pk_models", name), f"pk_models/{name}.toml")


@cache
def pk_link(name: str) -> Link:
    """Return a labelled option that joins a model; raises EvidenceError for an unknown id or an uncited number."""
    row, where = load.table("pk_links", name), f"pk_links/{name}.toml"
    return Link(
        id=row["id"], title=row["title"], applies_to=tuple(row["applies_to"]), parameters=_parameters(row, where),
        compartments=tuple(row.get("compartment", ())), volumes=dict(row.get("volume", {})), flows=_flows(row),
        replaces_elimination_of=tuple(row.get("replaces_elimination_of", ())),
        lags=tuple(Lag(lag["name"], lag["of"], lag["rate"], SamplingSite(lag["site"])) for lag in row.get("lag", ())), outputs=_outputs(row),
        sources=tuple(row["sources"]), limits_of_use=row["limits_of_use"],
    )  # fmt: skip


def links_of(model: str) -> tuple[str, ...]:
    """Return the ids of the links meant for a model."""
    return tuple(name for name in load.names("pk_links") if model in pk_link(name).applies_to)


def parsed(row: Row, where: str) -> PkModel:
    """Turn the table of a model file into a model; raises EvidenceError for an uncited number, ValueError for a misfit."""
    parameters = _parameters(row, where)
    weight = cited(row["reference_weight"], "kg", where) if "reference_weight" in row else 1.0
    return PkModel(
        id=row["id"], title=row["title"], substance=Substance(row["substance"]),
        sampling_site=SamplingSite(row["sampling_site"]), population=row["population"], limits_of_use=row["limits_of_use"],
        reference_weight_kg=weight, parameters=parameters, compartments=tuple(row["compartment"]), volumes=dict(row["volume"]),
        flows=_flows(row), outputs=_outputs(row),
        entries={Route(route): tuple(_entry(one) for one in every) for route, every in row["entry"].items()},
        covariates=_covariates(parameters), studied=_studied(row, where), variability=_variability(row.get("variability"), where),
        scatter=_scatter(row, where), sources=tuple(row["sources"]), groups=_groups(row, where),
        person_limits=person.limits(),
    )  # fmt: skip


def _groups(row: Row, where: str) -> Mapping[str, Group]:
    return {
        name: Group(name, one["title"], {factor["parameter"]: cited(factor, "1", where) for factor in one["factor"]})
        for name, one in row.get("group", {}).items()
    }


def _parameters(row: Row, where: str) -> Mapping[str, Parameter]:
    exponents = {kind: cited(place, "1", where) for kind, place in row.get("exponent", {}).items()}
    return {
        name: Parameter(
            _canonical(place, f"{where} {name}"),
            exponents[place["scaling"]] if "scaling" in place else 0.0,
            tuple(_slope(one, where) for one in place.get("slope", ())),
        )
        for name, place in row.get("parameter", {}).items()
    }


def _canonical(place: Row, where: str) -> float:
    return cited(place, CANONICAL.get(place["unit"], str(place["unit"])), where)


def _slope(row: Row, where: str) -> Slope:
    return Slope(row["covariate"], float(row["above"]), _canonical(row, where))


def _flows(row: Row) -> tuple[Flow, ...]:
    return tuple(flow for place in row.get("flow", ()) for flow in _ways(place))


def _ways(place: Row) -> tuple[Flow, ...]:
    if "between" in place:
        first, second = place["between"]
        return Flow(first, second, place["clearance"]), Flow(second, first, place["clearance"])
    names = ("clearance", "rate", "transit_time", "fraction", "remainder_of")
    words = {name: place.get(name, "") for name in names}
    return (Flow(place["from"], place.get("to"), steps=place.get("steps", 1), **words),)


def _outputs(row: Row) -> tuple[Output, ...]:
    every = row.get("output", ())
    return tuple(
        Output(one["name"], one["compartment"], one.get("molar_mass", ""), one.get("parent_molar_mass", ""))
        for one in every
    )


def _entry(row: Row) -> Entry:
    return Entry(
        row["compartment"], tuple(row.get("fractions", ())), tuple(row.get("remainders_of", ())), row.get("release", ""),
        row.get("spray", ""), row.get("spray_fraction", ""), row.get("later_factor", ""),
    )  # fmt: skip


def _covariates(parameters: Mapping[str, Parameter]) -> frozenset[str]:
    weight = {"weight_kg"} if any(one.weight_exponent for one in parameters.values()) else set()
    return frozenset(weight | {slope.covariate for one in parameters.values() for slope in one.slopes})


def _studied(row: Row, where: str) -> Mapping[str, tuple[float, float]]:
    found = row.get("studied", {})
    for name, place in found.items():
        load.citation(place.get("cite"), f"{where} studied.{name}")
    return {name: (float(place["low"]), float(place["high"])) for name, place in found.items()}


def _variability(row: Row | None, where: str) -> Variability | None:
    if row is None:
        return None
    etas = [(one, cited(one, "1", f"{where} variability of {one['parameter']}")) for one in row["eta"]]
    names = tuple(dict.fromkeys(one["parameter"] for one, _value in etas))
    spread = {
        kind: {one["parameter"]: value for one, value in etas if one["between"] == kind}
        for kind in ("subject", "occasion")
    }
    subject = [[spread["subject"].get(a, 0.0) if a == b else 0.0 for b in names] for a in names]
    for one in row.get("covariance", ()):
        i, j = (names.index(name) for name in one["parameters"])
        subject[i][j] = subject[j][i] = cited(one, "1", f"{where} covariance")
    assumed = tuple(one["parameter"] for one, _value in etas if one["cite"]["mark"] == "assumed")
    borrowed = row.get("borrowed_from", "")
    return Variability(
        names, tuple(tuple(line) for line in subject), tuple(spread["occasion"].get(name, 0.0) for name in names),
        frozenset(one["parameter"] for one, _value in etas if one.get("scale") == "logit"), borrowed, () if borrowed else assumed,
    )  # fmt: skip


def _scatter(row: Row, where: str) -> Mapping[str, Scatter]:
    return {
        output: Scatter(
            cited(place["proportional"], "1", where),
            cited(place["additive"], "ng/mL", where) if "additive" in place else 0.0,
        )
        for output, place in row.get("scatter", {}).items()
    }


__all__ = ["EvidenceError", "links_of", "parsed", "pk_link", "pk_model"]
