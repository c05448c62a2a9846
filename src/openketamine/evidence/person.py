"""Ranges outside which a typed fact about a person cannot be meant, from `limits/person.toml`."""

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
