"""A number with its unit. Units are UCUM codes (https://ucum.org); an unknown unit has no default and raises."""

import math
from dataclasses import dataclass

# UCUM code -> (dimension, factor to that dimension's base, offset). One dimension, one base unit.
_UNITS: dict[str, tuple[str, float, float]] = {
    "1": ("number", 1.0, 0.0),
    "%": ("fraction", 0.01, 0.0),
    "g": ("mass", 1.0, 0.0),
    "mg": ("mass", 1e-3, 0.0),
    "ug": ("mass", 1e-6, 0.0),
    "ng": ("mass", 1e-9, 0.0),
    "kg": ("mass", 1e3, 0.0),
    "[lb_av]": ("mass", 453.59237, 0.0),
    "L": ("volume", 1.0, 0.0),
    "mL": ("volume", 1e-3, 0.0),
    "s": ("time", 1.0, 0.0),
    "ms": ("time", 1e-3, 0.0),
    "min": ("time", 60.0, 0.0),
    "h": ("time", 3600.0, 0.0),
    "d": ("time", 86400.0, 0.0),
    "wk": ("time", 604800.0, 0.0),
    "mo": ("month", 1.0, 0.0),
    "a": ("year", 1.0, 0.0),
    "cm": ("length", 0.01, 0.0),
    "[in_i]": ("length", 0.0254, 0.0),
    "m": ("length", 1.0, 0.0),
    "mm[Hg]": ("pressure", 1.0, 0.0),
    "kPa": ("pressure", 1 / 0.133322387415, 0.0),  # the conventional millimetre of mercury, 133.322387415 Pa
    "Cel": ("temperature", 1.0, 0.0),
    "[degF]": ("temperature", 5 / 9, -32.0),
    "/min": ("frequency", 1.0, 0.0),
    "/h": ("frequency", 1 / 60, 0.0),
    "mg/kg": ("mass per body mass", 1.0, 0.0),
    "mg/h": ("mass rate", 1.0, 0.0),
    "mg/min": ("mass rate", 60.0, 0.0),
    "mg/kg/h": ("mass rate per body mass", 1.0, 0.0),
    "mL/h": ("volume rate", 1.0, 0.0),
    "L/h": ("volume rate", 1e3, 0.0),
    "L/min": ("volume rate", 6e4, 0.0),
    "mL/min": ("volume rate", 60.0, 0.0),
    "mg/mL": ("concentration", 1.0, 0.0),
    "ng/mL": ("concentration", 1e-6, 0.0),
    "mg/L": ("concentration", 1e-3, 0.0),
    "mg/dL": ("concentration", 0.01, 0.0),
    "g/dL": ("concentration", 10.0, 0.0),
    "g/L": ("concentration", 1.0, 0.0),
    "mol/L": ("molar concentration", 1.0, 0.0),
    "mmol/L": ("molar concentration", 1e-3, 0.0),
    "umol/L": ("molar concentration", 1e-6, 0.0),
    "U/L": ("catalytic concentration", 1.0, 0.0),
    "ukat/L": ("catalytic concentration", 60.0, 0.0),  # the katal is 1 mol/s, the unit 1 umol/min
    "m[IU]/L": ("arbitrary concentration", 1.0, 0.0),
    "u[IU]/mL": ("arbitrary concentration", 1.0, 0.0),
    "g/mol": ("molar mass", 1.0, 0.0),
    "{score}": ("score", 1.0, 0.0),
}

WORDS = {
    "1": "", "{score}": "points", "a": "years", "mo": "months", "wk": "weeks", "d": "days", "mm[Hg]": "mmHg", "Cel": "°C", "[degF]": "°F",
    "[lb_av]": "lb", "[in_i]": "in", "umol/L": "µmol/L", "ukat/L": "µkat/L", "m[IU]/L": "mIU/L", "u[IU]/mL": "µIU/mL",
}  # fmt: skip


def spoken(unit: str) -> str:
    """Return a UCUM code as people write it on a screen or on paper: mmHg, °C, years. What is written alike stays."""
    return WORDS.get(unit, unit)


MASS, MOLAR = "g/L", "mol/L"


class UnitError(ValueError):
    """A unit is unknown, or two units do not measure the same thing."""


@dataclass(frozen=True, slots=True, order=False)
class Quantity:
    """A finite number and its UCUM unit. Raises UnitError for a unit we do not know, ValueError for NaN or infinity."""

    value: float
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in _UNITS:
            raise UnitError(f"unit {self.unit!r} is not a UCUM code known here")
        if not math.isfinite(self.value):
            raise ValueError(f"value {self.value!r} must be a finite number")

    def to(self, unit: str) -> "Quantity":
        """Return the same quantity in another unit; raises UnitError when the two measure different things."""
        here = _UNITS[self.unit]
        there = _UNITS.get(unit)
        if there is None:
            raise UnitError(f"unit {unit!r} is not a UCUM code known here")
        if here[0] != there[0]:
            raise UnitError(f"{self.unit!r} is a {here[0]} and {unit!r} is a {there[0]}")
        if self.unit == unit:
            return self
        base = (self.value + here[2]) * here[1]
        return Quantity(base / there[1] - there[2], unit)

    def of_substance(self, unit: str, molar_mass_g_per_mol: float | None) -> "Quantity":
        """Return a concentration in another unit, from mass to amount or back through the molar mass where one is given.

        Raises UnitError when the two measure different things and no molar mass joins them.
        """
        kinds = {_UNITS[one][0] for one in (self.unit, unit) if one in _UNITS}
        if molar_mass_g_per_mol is None or kinds != {_UNITS[MASS][0], _UNITS[MOLAR][0]}:
            return self.to(unit)
        if _UNITS[self.unit][0] == _UNITS[MASS][0]:
            return Quantity(self.to(MASS).value / molar_mass_g_per_mol, MOLAR).to(unit)
        return Quantity(self.to(MOLAR).value * molar_mass_g_per_mol, MASS).to(unit)

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"
