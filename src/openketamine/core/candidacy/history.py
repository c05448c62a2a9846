"""What was tried before: which trials were adequate, how many of them failed, and how resistant that makes the depression.

A trial is adequate when dose, weeks and adherence are; what is not known about it stays not known and is never counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

MONTHS_PER_YEAR = 12


class Adherence(StrEnum):
    """Whether the treatment was really taken."""

    TAKEN = "taken"
    PARTLY = "partly"
    UNKNOWN = "unknown"


class TrialOutcome(StrEnum):
    """What came of it."""

    NO_RESPONSE = "no_response"
    PARTIAL = "partial"
    RESPONSE = "response"
    NOT_TOLERATED = "not_tolerated"
    ONGOING = "ongoing"
    UNKNOWN = "unknown"


class Adequacy(StrEnum):
    """Whether a trial was adequate."""

    ADEQUATE = "adequate"
    NOT = "not adequate"
    UNKNOWN = "not known"


FAILED = {TrialOutcome.NO_RESPONSE, TrialOutcome.PARTIAL}


@dataclass(frozen=True, slots=True)
class Trial:
    """One treatment: highest daily dose in mg (None: not known), weeks at it (None: not known), adherence, outcome."""

    agent: str
    antidepressant: bool
    mg_per_day: float | None
    weeks: float | None
    adherence: Adherence
    outcome: TrialOutcome


@dataclass(frozen=True, slots=True)
class Minimums:
    """What makes a trial adequate: weeks for every agent, mg a day by agent; an agent without a minimum is judged by nobody."""

    weeks: float
    mg_per_day: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Staging:
    """Cut-offs of the Maudsley staging: months of the episode, count of failed antidepressants (upper ends, inclusive)."""

    duration_months: tuple[float, ...]
    failed: tuple[int, ...]
    weeks_per_year: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a trial was adequate, and every reason why not or why it is not known."""

    adequacy: Adequacy
    reasons: tuple[str, ...]


def judge(trial: Trial, minimums: Minimums) -> Judged:
    """Hold one trial against the minimums; one part that falls short decides, else one part that is not known."""
    short, unknown = _weeks(trial, minimums), _unknown(trial, minimums)
    least = minimums.mg_per_day.get(trial.agent)
    if least is not None and trial.mg_per_day is not None and trial.mg_per_day < least:
        short.append(f"{trial.mg_per_day:g} mg a day, below {least:g}")
    if trial.adherence is Adherence.PARTLY:
        short.append("taken only in part")
    if short:
        return Judged(Adequacy.NOT, tuple(short))
    return Judged(Adequacy.UNKNOWN if unknown else Adequacy.ADEQUATE, tuple(unknown))


def failed_adequate(trials: Sequence[Trial], minimums: Minimums) -> tuple[int, int]:
    """Return how many adequate antidepressant trials failed: at least, and at most if what is not known were adequate and failed."""
    counted = [(judge(trial, minimums).adequacy, trial.outcome) for trial in trials if trial.antidepressant]
    least = sum(found is Adequacy.ADEQUATE and outcome in FAILED for found, outcome in counted)
    possible = {*FAILED, TrialOutcome.UNKNOWN}
    return least, sum(found is not Adequacy.NOT and outcome in possible for found, outcome in counted)


def staged(
    *, episode_weeks: float, severity: int, failed: int, augmented: bool, ect: bool, staging: Staging
) -> dict[str, int]:
    """Return the five answers of the Maudsley staging; raises ValueError when no antidepressant has failed: it stages resistance."""
    if failed < 1:
        raise ValueError("failed: the staging begins with one antidepressant that has failed")
    months = episode_weeks / staging.weeks_per_year * MONTHS_PER_YEAR
    return {
        "duration": _step(months, staging.duration_months), "severity": severity, "failed": _step(failed, staging.failed),
        "augmentation": int(augmented), "ect": int(ect),
    }  # fmt: skip


def _step(value: float, upper: Sequence[float]) -> int:
    return 1 + sum(value > end for end in upper)


def _weeks(trial: Trial, minimums: Minimums) -> list[str]:
    if trial.weeks is None or trial.weeks >= minimums.weeks:
        return []
    return [f"{trial.weeks:g} weeks, fewer than {minimums.weeks:g}"]


def _unknown(trial: Trial, minimums: Minimums) -> list[str]:
    reasons = [] if trial.weeks is not None else ["weeks not known"]
    if trial.mg_per_day is None:
        reasons.append("dose not known")
    if trial.agent not in minimums.mg_per_day:
        reasons.append("no minimum dose set by your clinic")
    if trial.adherence is Adherence.UNKNOWN:
        reasons.append("adherence not known")
    return reasons
