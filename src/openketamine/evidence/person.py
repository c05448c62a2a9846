"""Ranges outside which a typed fact about a person cannot be meant, from `limits/person.toml`."""

from functools import cache

from openketamine.core.citation import Citation
from openketamine.evidence import load
from openketamine.evidence.load import cited

MEASURES = {"weight_kg": "kg", "age_years": "a", "height_cm": "cm"}


@cache
def limits() -> dict[str, tuple[float, float]]:
    """Return the lowest and highest value of each measure of a person that can be meant, by its name."""
    rows, where = load.table("limits", "person"), "limits/person.toml"
    return {name: (float(rows[name]["low"]), cited(rows[name], unit, where)) for name, unit in MEASURES.items()}


def weight_kg() -> tuple[float, float]:
    """Return the lightest and heaviest weight in kg that can be meant."""
    return limits()["weight_kg"]


def height_cm() -> tuple[float, float]:
    """Return the smallest and greatest height in cm that can be meant."""
    return limits()["height_cm"]


def older() -> tuple[float, Citation]:
    """Return the age in years above which a page says what age does, and where that comes from."""
    row, where = load.table("limits", "person")["older_age_years"], "limits/person.toml"
    return cited(row, "a", where), load.citation(row["cite"], where)
