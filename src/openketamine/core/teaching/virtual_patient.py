"""A virtual patient: true signals that follow the level, and what a monitor would measure of them. Invented, for teaching."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from openketamine.core.pharmacology.effects import Effect
from openketamine.core.pharmacology.infusion import from_rates
from openketamine.core.pharmacology.model import PkModel
from openketamine.core.pharmacology.predict import concentrations

MINUTES_PER_HOUR = 60.0
FULL = 100
RISES = {
    "nibp_systolic": "systolic_rise_mmhg",
    "nibp_diastolic": "diastolic_rise_mmhg",
    "heart_rate": "heart_rate_rise_per_min",
}


class What(StrEnum):
    """What happens in a scenario."""

    CUFF = "cuff"
    PROBE_OFF = "probe_off"
    PROBE_ON = "probe_on"
    CALL = "call"
    ESCORT = "escort"


@dataclass(frozen=True, slots=True)
class Resting:
    """A signal at rest and the standard deviation of what a monitor shows of it."""

    value: float
    noise: float


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens `at_s` seconds into the show; a cuff may find another pressure when the pump is paused."""

    at_s: float
    what: What
    pressure: tuple[float, float] | None = None
    paused_pressure: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class VirtualPatient:
    """A person at rest, how strongly pressure follows the level, and what happens to them."""

    id: str
    title: str
    caption: str
    recovering: bool
    start_min: float
    stopped_min: float | None
    delivered_ml: float | None
    weight_kg: float
    sensitivity: float
    resting: Mapping[str, Resting]
    happenings: tuple[Happening, ...]

    def pressure_at(self, happening: Happening, *, paused: bool) -> tuple[float, float] | None:
        """Return the pressure that the cuff of a happening finds."""
        return happening.paused_pressure if paused and happening.paused_pressure else happening.pressure

    def probe_is_off(self, second: float) -> bool:
        """Say whether the probe is off at a second of the show."""
        moves = [one for one in self.happenings if one.what in {What.PROBE_OFF, What.PROBE_ON} and one.at_s <= second]
        return bool(moves) and moves[-1].what is What.PROBE_OFF


@dataclass(frozen=True, slots=True)
class Physiology:
    """The models that a virtual patient's body follows."""

    model: PkModel
    effect: Effect


def truth(
    person: VirtualPatient, physiology: Physiology, steps: Sequence[tuple[float, float]], minute: float
) -> dict[str, float]:
    """Return the true signals at a minute of the infusion, given rate steps (minute, mg/h): pressure follows the level."""
    doses = from_rates([(at / MINUTES_PER_HOUR, rate) for at, rate in steps], max(minute, 0.0) / MINUTES_PER_HOUR)
    body = physiology.model.typical(person.weight_kg)
    level = concentrations(body, doses, np.array([max(minute, 0.0) / MINUTES_PER_HOUR]))[0]
    rises = physiology.effect.rises(level * physiology.effect.share(physiology.model.substance))
    return {
        signal: resting.value + person.sensitivity * (float(rises[RISES[signal]][0]) if signal in RISES else 0.0)
        for signal, resting in person.resting.items()
    }


def measured(person: VirtualPatient, true: Mapping[str, float], chance: np.random.Generator) -> dict[str, float]:
    """Return what a monitor shows of true signals: whole numbers, with its noise, saturation never above 100."""
    shown = {signal: round(value + chance.normal(0.0, person.resting[signal].noise)) for signal, value in true.items()}
    return {signal: float(min(value, FULL) if signal == "spo2" else value) for signal, value in shown.items()}
