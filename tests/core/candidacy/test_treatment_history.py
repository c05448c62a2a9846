"""Which trials were adequate, how many failed, and the staging; expected values by hand."""

import pytest

from openketamine.core.candidacy.history import (
    Adherence,
    Minimums,
    Staging,
    Trial,
    TrialOutcome,
    failed_adequate,
    judge,
    staged,
)

MINIMUMS = Minimums(4, {"drug": 50.0})
STAGING = Staging((12, 24), (2, 4, 6, 10), 52)


def trial(**changes):
    fields = {
        "agent": "drug", "antidepressant": True, "mg_per_day": 50.0, "weeks": 6.0, "adherence": Adherence.TAKEN,
        "outcome": TrialOutcome.NO_RESPONSE,
    }  # fmt: skip
    return Trial(**{**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "adequacy", "reasons"),
    [
        ({}, "adequate", ()),
        ({"weeks": 4.0}, "adequate", ()),
        ({"weeks": 3.9}, "not adequate", ("3.9 weeks, fewer than 4",)),
        ({"mg_per_day": 49.0}, "not adequate", ("49 mg a day, below 50",)),
        ({"adherence": Adherence.PARTLY}, "not adequate", ("taken only in part",)),
        ({"weeks": None}, "not known", ("weeks not known",)),
        ({"mg_per_day": None}, "not known", ("dose not known",)),
        ({"adherence": Adherence.UNKNOWN}, "not known", ("adherence not known",)),
        ({"agent": "other"}, "not known", ("no minimum dose set by your clinic",)),
        ({"agent": "other", "weeks": 2.0}, "not adequate", ("2 weeks, fewer than 4",)),
    ],
)
def test_a_trial_is_adequate_not_or_not_known(changes, adequacy, reasons):
    found = judge(trial(**changes), MINIMUMS)

    assert (found.adequacy, found.reasons) == (adequacy, reasons)


@pytest.mark.parametrize(
    ("trials", "count"),
    [
        ([], (0, 0)),
        ([{}, {"outcome": TrialOutcome.PARTIAL}], (2, 2)),
        ([{}, {"outcome": TrialOutcome.RESPONSE}], (1, 1)),
        ([{}, {"outcome": TrialOutcome.NOT_TOLERATED}], (1, 1)),
        ([{}, {"weeks": None}], (1, 2)),
        ([{}, {"outcome": TrialOutcome.UNKNOWN}], (1, 2)),
        ([{}, {"weeks": 1.0}], (1, 1)),
        ([{}, {"antidepressant": False}], (1, 1)),
    ],
)
def test_failures_are_counted_from_at_least_to_at_most(trials, count):
    assert failed_adequate([trial(**one) for one in trials], MINIMUMS) == count


@pytest.mark.parametrize(
    ("weeks", "failed", "steps"),
    [(30, 2, (1, 1)), (52, 3, (1, 2)), (60, 5, (2, 3)), (104, 7, (2, 4)), (105, 10, (3, 4)), (300, 11, (3, 5))],
)
def test_the_staging_counts_months_and_drugs(weeks, failed, steps):
    found = staged(episode_weeks=weeks, severity=4, failed=failed, augmented=True, ect=False, staging=STAGING)

    assert (found["duration"], found["failed"]) == steps
    assert (found["severity"], found["augmentation"], found["ect"]) == (4, 1, 0)


def test_without_a_failed_antidepressant_there_is_nothing_to_stage():
    with pytest.raises(ValueError, match="begins with one"):
        staged(episode_weeks=30, severity=3, failed=0, augmented=False, ect=False, staging=STAGING)
