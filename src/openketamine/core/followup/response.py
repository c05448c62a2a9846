"""What a symptom score says against the score before treatment."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Where the symptoms stand."""

    REMISSION = "remission"
    RESPONSE = "response"
    PARTIAL = "some improvement"
    NONE = "no improvement"


@dataclass(frozen=True, slots=True)
class Lines:
    """Response is a reduction by this share of the baseline; remission a score below this value. None: no such line."""

    response_percent: float | None
    remission_below: float | None


def reduction_percent(baseline: float, score: float) -> float | None:
    """Return the reduction in per cent of the baseline; None when the baseline was 0."""
    return None if baseline == 0 else 100 * (baseline - score) / baseline


def outcome(baseline: float, score: float, lines: Lines) -> Outcome:
    """Name the standing of a score; remission is said before response."""
    if lines.remission_below is not None and score < lines.remission_below:
        return Outcome.REMISSION
    reduced = reduction_percent(baseline, score)
    if reduced is None or reduced <= 0:
        return Outcome.NONE
    responded = lines.response_percent is not None and reduced >= lines.response_percent
    return Outcome.RESPONSE if responded else Outcome.PARTIAL
