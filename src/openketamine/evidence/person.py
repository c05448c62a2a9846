"""Ranges outside which a typed fact about a person cannot be meant, from `limits/person.toml`."""

from openketamine.core.citation import Citation
from openketamine.evidence import load
from openketamine.evidence.pharmacology import cited


def weight_kg() -> tuple[float, float]:
    """Return the lightest and heaviest weight in kg that can be meant."""
    row, where = load.table("limits", "person")["weight_kg"], "limits/person.toml"
    return float(row["low"]), cited(row, "kg", where)


def height_cm() -> tuple[float, float]:
    """Return the smallest and greatest height in cm that can be meant."""
    row, where = load.table("limits", "person")["height_cm"], "limits/person.toml"
    return float(row["low"]), cited(row, "cm", where)


def older() -> tuple[float, Citation]:
    """Return the age in years above which a page says what age does, and where that comes from."""
    row, where = load.table("limits", "person")["older_age_years"], "limits/person.toml"
    return cited(row, "a", where), load.citation(row["cite"], where)
