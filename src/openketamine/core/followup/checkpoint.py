"""Points of a course at which a clinician looks whether to go on. A checkpoint proposes; the clinician decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from openketamine.core.followup.response import reduction_percent


@dataclass(frozen=True, slots=True)
class Remission:
    """One named definition of remission: a score below a value, or at most the value."""

    id: str
    says: str
    instrument: str
    value: float
    inclusive: bool

    def reached(self, score: float) -> bool:
        """Whether a score is in remission by this definition."""
        return score <= self.value if self.inclusive else score < self.value


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """After an infusion, from a number of hours on, an improvement below this share of the baseline proposes something."""

    id: str
    says: str
    after_infusion: int
    improvement_below_percent: float
    delay_h: float
    proposes: str
    source: str


class Standing(StrEnum):
    """Where a checkpoint stands."""

    NOT_YET = "not yet"
    NOT_KNOWN = "due, no score yet"
    MET = "meets the line"
    PASSED = "does not meet the line"


@dataclass(frozen=True, slots=True)
class Score:
    """One score of one questionnaire; a higher score is worse."""

    instrument: str
    value: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Looked:
    """What a checkpoint found: the standing, the improvement in per cent, and the two scores it compared."""

    checkpoint: Checkpoint
    standing: Standing
    improvement_percent: float | None = None
    before: Score | None = None
    after: Score | None = None
    due_at: datetime | None = None


def look(
    checkpoint: Checkpoint, started: Sequence[datetime], scores: Sequence[Score], instruments: Sequence[str]
) -> Looked:
    """Look at one checkpoint. `started` are the infusions given, `instruments` the questionnaires in order of preference.

    The baseline is the last score before the first infusion; what it is compared with is the first score from the delay
    on and before the next infusion. A score of one questionnaire is never compared with one of another.
    """
    if len(started) < checkpoint.after_infusion:
        return Looked(checkpoint, Standing.NOT_YET)
    due = started[checkpoint.after_infusion - 1] + timedelta(hours=checkpoint.delay_h)
    following = started[checkpoint.after_infusion] if len(started) > checkpoint.after_infusion else None
    for instrument in instruments:
        own = sorted((one for one in scores if one.instrument == instrument), key=lambda one: one.at)
        before = [one for one in own if one.at <= started[0]]
        after = [one for one in own if one.at >= due and (following is None or one.at <= following)]
        if before and after and (better := reduction_percent(before[-1].value, after[0].value)) is not None:
            met = better < checkpoint.improvement_below_percent
            return Looked(checkpoint, Standing.MET if met else Standing.PASSED, better, before[-1], after[0], due)
    return Looked(checkpoint, Standing.NOT_KNOWN, due_at=due)
