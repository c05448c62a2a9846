"""What a protocol limits, and what a clinic's own version changes about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

MINUTES_PER_HOUR = 60
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Caps:
    """The ceilings of one protocol; None is a cap that nobody has set."""

    per_kg: Decimal | None = None
    per_kg_per_hour: Decimal | None = None
    per_hour: Decimal | None = None
    per_session: Decimal | None = None
    per_day: Decimal | None = None

    def highest_mg_per_kg(self, weight_kg: Decimal, duration_min: Decimal, given_today_mg: Decimal) -> Decimal | None:
        """Return the highest dose in mg/kg, to a hundredth, that no cap refuses; None when no cap is set."""
        hours = duration_min / MINUTES_PER_HOUR
        by_session = [limit for limit in (self.per_session, self._left(given_today_mg)) if limit is not None]
        found = [
            *(limit for limit in (self.per_kg,) if limit is not None),
            *(limit * hours for limit in (self.per_kg_per_hour,) if limit is not None),
            *(limit * hours / weight_kg for limit in (self.per_hour,) if limit is not None),
            *(limit / weight_kg for limit in by_session),
        ]
        return min(found).quantize(HUNDREDTH, ROUND_FLOOR) if found else None

    def _left(self, given_today_mg: Decimal) -> Decimal | None:
        return None if self.per_day is None else max(self.per_day - given_today_mg, Decimal(0))


class DurationStanding(StrEnum):
    """How well a duration is supported."""

    SHORTER = "shorter than what was studied: needs a signed reason"
    STUDIED = "as studied"
    WEAK = "weak evidence: practice of some clinics, not of trials"
    LONG = "longer than this protocol: needs the pain protocol or a signed reason"

    @property
    def needs_reason(self) -> bool:
        """Whether a prescriber has to say why."""
        return self in {DurationStanding.SHORTER, DurationStanding.LONG}


@dataclass(frozen=True, slots=True)
class DurationLines:
    """The duration that was studied, and where weak evidence ends, in minutes."""

    studied_min: Decimal
    weak_to_min: Decimal

    def standing(self, duration_min: Decimal) -> DurationStanding:
        """Say how well a duration is supported."""
        if duration_min < self.studied_min:
            return DurationStanding.SHORTER
        if duration_min == self.studied_min:
            return DurationStanding.STUDIED
        return DurationStanding.WEAK if duration_min <= self.weak_to_min else DurationStanding.LONG


class Direction(StrEnum):
    """Which way a setting protects."""

    LOWER = "lower is tighter"
    HIGHER = "higher is tighter"


@dataclass(frozen=True, slots=True)
class Setting:
    """One number of a protocol that a clinic may set; None is unset. `sourced` says that a source stands behind it."""

    name: str
    unit: str
    value: Decimal | None
    direction: Direction
    sourced: bool = False


class Effect(StrEnum):
    """What a change does to safety."""

    TIGHTER = "tighter"
    LOOSER = "looser"
    LOOSER_THAN_SOURCE = "looser than its source: needs a signed reason"


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that a clinic's version sets otherwise than the text it started from."""

    setting: Setting
    after: Decimal | None
    effect: Effect

    def sentence(self) -> str:
        """Return the change in words."""
        before = "not set" if self.setting.value is None else f"{self.setting.value:f} {self.setting.unit}"
        after = "not set" if self.after is None else f"{self.after:f} {self.setting.unit}"
        return f"{self.setting.name}: {before} -> {after} ({self.effect.value})"


def changes(base: tuple[Setting, ...], after: Mapping[str, Decimal | None]) -> tuple[Change, ...]:
    """Return what differs; a limit that a source stands behind may be loosened only with a reason."""
    return tuple(
        Change(one, after[one.name], _effect(one, after[one.name]))
        for one in base
        if one.name in after and after[one.name] != one.value
    )


def _effect(setting: Setting, after: Decimal | None) -> Effect:
    if _tighter(setting, after):
        return Effect.TIGHTER
    return Effect.LOOSER_THAN_SOURCE if setting.sourced else Effect.LOOSER


def _tighter(setting: Setting, after: Decimal | None) -> bool:
    if setting.value is None or after is None:
        return setting.value is None
    return after < setting.value if setting.direction is Direction.LOWER else after > setting.value
