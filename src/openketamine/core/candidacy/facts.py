"""What candidacy asks about a person: a code, a kind, a unit, a question in plain words. Unknown is None and never "no"."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openketamine.core.quantity import Quantity

Value = bool | float | str
"""A known fact. None stands for a fact that nobody knows yet."""

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTHS_PER_YEAR = 12
SHOWN = 60
CHOICES = 2
DIGITS = 6
"""A converted number is kept to this many decimals: far finer than anybody measures."""


class FactError(ValueError):
    """A fact cannot be what was given; the message names the fact, the value and what it must be."""


class Kind(StrEnum):
    """What the answer to a question looks like."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Fact:
    """One question about a person.

    A number has a unit and the range that guards against a slip (both ends inclusive); a choice has its words. A `dated` number
    counts years or months and may be given as the date from which they count. `group` gathers questions that are asked together;
    `comes_from` names a record that can answer (`score:phq9`, `history:failed_adequate_trials`, `person:born_on`), so that nobody types
    it twice. `also` are other units in which people write the number; between mass and amount of a substance `molar_mass_g_per_mol`
    leads. `usual` is the range outside which a number is asked about once more. Raises ValueError when a part is missing.
    """

    code: str
    kind: Kind
    question: str
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    dated: bool = False
    group: str = ""
    comes_from: str = ""
    also: tuple[str, ...] = ()
    molar_mass_g_per_mol: float | None = None
    usual: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not self.code or not self.question:
            raise ValueError(f"fact {self.code!r} needs a code and a question")
        if (self.kind is Kind.NUMBER) != bool(self.unit) or (self.kind is Kind.NUMBER and not self.low < self.high):
            raise ValueError(f"fact {self.code}: a number, and only a number, has a unit and a range")
        if (self.kind is Kind.CHOICE) != (len(set(self.choices)) >= CHOICES):
            raise ValueError(f"fact {self.code}: a choice, and only a choice, has two words or more to choose from")
        if self.dated and self.unit not in {"a", "mo"}:
            raise ValueError(f"fact {self.code}: only years (a) and months (mo) count from a date")
        if self.usual and not self.low <= self.usual[0] < self.usual[1] <= self.high:
            raise ValueError(f"fact {self.code}: the usual range lies inside the allowed one")
        for unit in self.also:
            Quantity(1.0, unit).of_substance(self.unit, self.molar_mass_g_per_mol)

    @property
    def units(self) -> tuple[str, ...]:
        """The units in which the number may be written, its own first; none for what is no number."""
        return (self.unit, *self.also) if self.unit else ()

    def converted(self, number: float, unit: str) -> float:
        """Return a number of another unit in the fact's own; raises FactError, naming what was typed, when it cannot be."""
        if unit not in self.units:
            raise FactError(f"{self.code} = {number:g} {unit}: must be in {' or '.join(self.units)}")
        try:
            value = Quantity(number, unit).of_substance(self.unit, self.molar_mass_g_per_mol).value
        except ValueError as error:
            raise self._refusal(number, "a number") from error
        if not self.low <= value <= self.high:
            ends = [self._in(unit, end) for end in (self.low, self.high)]
            raise FactError(f"{self.code} = {number:g} {unit}: must be from {ends[0]:.4g} to {ends[1]:.4g} {unit}")
        return number if unit == self.unit else round(value, DIGITS)

    def _in(self, unit: str, number: float) -> float:
        return Quantity(number, self.unit).of_substance(unit, self.molar_mass_g_per_mol).value

    def unusual(self, value: object) -> bool:
        """Say whether a number lies outside the range in which such numbers usually lie."""
        if self.usual is None or isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return not self.usual[0] <= value <= self.usual[1]

    def read(self, given: object, on: date | None = None) -> Value | None:
        """Return what was given as a value of this fact, None when it is not known; raises FactError for anything else."""
        if given is None:
            return None
        if self.kind is Kind.BOOLEAN and isinstance(given, bool):
            return given
        if self.kind is Kind.CHOICE and isinstance(given, str) and given in self.choices:
            return given
        if self.kind is Kind.NUMBER:
            return self._number(self._counted(given, on), given)
        raise self._refusal(
            given, "true or false" if self.kind is Kind.BOOLEAN else f"one of {', '.join(self.choices)}"
        )

    def _counted(self, given: object, on: date | None) -> object:
        if not self.dated or not isinstance(given, str | date):
            return given
        if on is None:
            raise self._refusal(given, "a number, or come with the date on which it is read")
        since = given if isinstance(given, date) else self._date(given)
        return whole_months(since, on) // (MONTHS_PER_YEAR if self.unit == "a" else 1)

    def _date(self, given: str) -> date:
        if not ISO_DATE.fullmatch(given):
            raise self._refusal(given, "a number or a date such as 2026-01-31")
        try:
            return date.fromisoformat(given)
        except ValueError as error:
            raise self._refusal(given, "a day of the calendar") from error

    def _number(self, number: object, given: object) -> float:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise self._refusal(given, "a number")
        if not self.low <= number <= self.high:
            raise self._refusal(given, f"from {self.low:g} to {self.high:g} {self.unit}")
        return number

    def _refusal(self, given: object, must: str) -> FactError:
        words = given.isoformat() if isinstance(given, date) else _plain(given)
        shown = words if len(words) <= SHOWN else f"{words[: SHOWN - 3]}..."
        return FactError(f"{self.code} = {shown}: must be {must}")


def _plain(given: object) -> str:
    return f"a {type(given).__name__}" if isinstance(given, list | dict) else repr(given)


def whole_months(since: date, on: date) -> int:
    """Return the completed months from one day to another; negative when the first lies after the second."""
    months = (on.year - since.year) * MONTHS_PER_YEAR + on.month - since.month
    return months - (on.day < since.day)
