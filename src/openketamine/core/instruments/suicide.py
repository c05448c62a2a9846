"""What a suicide screen leads to, by item and by change: never by a sum, and not every yes is a crisis.

Known and unchanged answers are shown and reviewed; new or worse ones, and those that weigh most, hold the start of an infusion until
somebody has documented an assessment on the same day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from openketamine.core.instruments.questionnaire import Questionnaire
from openketamine.core.instruments.scoring import missing_of


class Step(StrEnum):
    """What comes next."""

    NOTHING = "nothing"
    REVIEW = "review"
    """Known and unchanged: a clinician signs that it was reviewed and the plan is unchanged."""
    HOLD = "hold"
    """The start waits for a documented assessment of the same day."""
    ASK = "ask"
    """Answers are missing: the screen is not finished."""


@dataclass(frozen=True, slots=True)
class Triage:
    """The next step, the items that are new or worse, and what is missing."""

    step: Step
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    grave: bool


def triage(asks: Questionnaire, now: Mapping[str, float], before: Mapping[str, float] | None) -> Triage:
    """Say what a screen leads to, given the answers to the same screen last time (None: there was none, so every yes is new)."""
    grave = any(flag.holds and flag.raised(now) for flag in asks.flags)
    changed = tuple(item for item, value in now.items() if value > (before or {}).get(item, 0))
    missing = missing_of(asks, now)
    return Triage(_step(now, grave=grave, changed=bool(changed), missing=bool(missing)), changed, missing, grave)


def _step(now: Mapping[str, float], *, grave: bool, changed: bool, missing: bool) -> Step:
    if grave or changed:
        return Step.HOLD
    if missing:
        return Step.ASK
    return Step.REVIEW if any(now.values()) else Step.NOTHING
