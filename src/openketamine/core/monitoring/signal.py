"""The signals of a bedside monitor and the scales of sedation, their UCUM units, and what counts as a reading."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Signal(StrEnum):
    """What is measured. Cuff (nibp) and arterial line (abp) pressures are never mixed."""

    HEART_RATE = "heart_rate"
    PULSE_RATE = "pulse_rate"
    SPO2 = "spo2"
    RESPIRATORY_RATE = "respiratory_rate"
    ETCO2 = "etco2"
    TEMPERATURE = "temperature"
    NIBP_SYSTOLIC = "nibp_systolic"
    NIBP_DIASTOLIC = "nibp_diastolic"
    NIBP_MEAN = "nibp_mean"
    ABP_SYSTOLIC = "abp_systolic"
    ABP_DIASTOLIC = "abp_diastolic"
    ABP_MEAN = "abp_mean"
    MOAAS = "moaas"
    RASS = "rass"

    @property
    def unit(self) -> str:
        """The UCUM unit in which this signal is kept."""
        return UNITS[self]

    @property
    def scale(self) -> bool:
        """Whether somebody scores it: 0 is then a value."""
        return self.unit == "{score}"

    @property
    def sign(self) -> str:
        """The vital sign that this signal tells of: systolic and diastolic pressure are one, heart and pulse rate are one."""
        if self in {Signal.HEART_RATE, Signal.PULSE_RATE}:
            return "rate"
        return "pressure" if self.value.startswith(("nibp", "abp")) else self.value


OXYGEN, ROOM_AIR = "oxygen", "air"
"""The name under which oxygen is recorded as words, and the word for none."""
UNITS = {
    **dict.fromkeys(Signal, "mm[Hg]"), Signal.SPO2: "%", Signal.TEMPERATURE: "Cel",
    **dict.fromkeys((Signal.MOAAS, Signal.RASS), "{score}"),
    **dict.fromkeys((Signal.HEART_RATE, Signal.PULSE_RATE, Signal.RESPIRATORY_RATE), "/min"),
}  # fmt: skip


SEDATION = (Signal.MOAAS, Signal.RASS)
"""The scales on which somebody observes how awake a person is; a protocol uses one of them."""


def on_scale(signals: Iterable[str], scale: Signal) -> tuple[str, ...]:
    """Return signals with whichever scale of sedation they name replaced by the one that is used."""
    return tuple(scale.value if one in SEDATION else str(one) for one in signals)


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of a signal at a time in seconds, or none: empty, what is not finite, and zero but of a scale mean no reading.

    What somebody has read `by_hand` says nothing of a device. What is `late`, older than what a device said or somebody read in the
    meantime, may raise an alarm and ends none.
    """

    at_s: float
    signal: Signal
    value: float | None
    by_hand: bool = False
    late: bool = False

    def __post_init__(self) -> None:
        if self.value is not None and (not math.isfinite(self.value) or (self.value == 0 and not self.signal.scale)):
            object.__setattr__(self, "value", None)


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passing without a reading, in seconds."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of the person that a rule asks for, such as `oxygen`: given, not given, or (None) not known."""

    at_s: float
    name: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody has seen an alarm of this rule."""

    at_s: float
    rule: str


Input = Reading | Tick | Fact | Acknowledged
