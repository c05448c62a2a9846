"""How ketamine may work: competing hypotheses side by side, for teaching and never for dosing.

Each hypothesis is a chain of steps, each with a plain name, the technical term, how far it is tested and its sources. Each step
has a documented time course, from its onset to its half-life, drawn as a rise and
decay scaled to its own largest value: the height says nothing, only when. What is known of it in people is said beside it.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import log

import numpy as np

from openketamine.core.pharmacology.model import Floats

NOT_FULLY_UNDERSTOOD = "not fully understood"


class Evidence(StrEnum):
    """How far a hypothesis, or one of its steps, has been tested."""

    HUMAN = "human"
    """Measured in people: that it happens, not that it lifts mood."""
    HUMAN_CONTESTED = "human_contested"
    """Trials or measurements in people, few, small or contradicting each other."""
    RODENT_SOME_HUMAN = "rodent_some_human"
    RODENT = "rodent"
    HUMAN_AGAINST = "human_against"
    """Findings in people speak against it."""
    IN_VITRO = "in_vitro"


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a chain: half-lives in hours of its rise and of its fading, after a dose at hour 0."""

    name: str
    term: str
    evidence: Evidence
    sources: tuple[str, ...]
    rise_h: float
    fade_h: float

    @property
    def standing(self) -> str:
        """What is attached to it wherever it is shown."""
        return NOT_FULLY_UNDERSTOOD

    def course(self, hours: Floats) -> Floats:
        """Return the step's time course, scaled so that its largest value is 1. Raises ValueError for equal half-lives."""
        on, off = log(2) / self.rise_h, log(2) / self.fade_h
        if self.rise_h >= self.fade_h:
            raise ValueError(f"{self.name}: a step rises faster than it fades")
        top = log(on / off) / (on - off)
        largest = np.exp(-off * top) - np.exp(-on * top)
        since = np.maximum(np.asarray(hours, dtype=float), 0.0)
        return np.asarray((np.exp(-off * since) - np.exp(-on * since)) / largest)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One explanation: its chain, how far it is tested, what speaks for and against it, and its sources."""

    id: str
    title: str
    says: str
    evidence: Evidence
    speaks_for: str
    speaks_against: str
    steps: tuple[Step, ...]
    sources: tuple[str, ...]

    @property
    def standing(self) -> str:
        """What is attached to every drawing of it."""
        return NOT_FULLY_UNDERSTOOD

    def curves(self, hours: Floats) -> dict[str, Floats]:
        """Return the time course of each step by name."""
        return {step.name: step.course(hours) for step in self.steps}
