"""Checks are due for as long as somebody sits here; each sedative owns the checks up to the next."""

import pytest
from tests.clinic.journey.steps import checked, go_to, record

from openketamine.clinic.chart import board
from openketamine.clinic.infusion import queries

pytestmark = pytest.mark.django_db
SHEET = {"heart_rate": 70, "spo2": 98, "respiratory_rate": 14, "moaas": 5, "distress": 0, "nausea": 0}


def dues(infusion, at):
    return queries.dues(infusion, queries.course_of(infusion), at)


def test_a_slower_infusion_is_checked_every_ten_minutes_for_as_long_as_it_runs(nurse, running, now):
    go_to(now, 10)
    record(nurse, running, "rate_set", rate_ml_per_h="50")
    go_to(now, 40)
    checked(nurse, running, **SHEET)

    go_to(now, 45)
    assert queries.most_pressing(dues(running, now["at"])).minute == 50
    go_to(now, 110)
    due = queries.most_pressing(dues(running, now["at"]))
    assert (due.minute, due.now) == (110, True)
    assert board.chairs(at=now["at"], wall=now["at"])[0].due == "check due now"


def test_a_paused_infusion_is_still_checked(nurse, running, now):
    go_to(now, 10)
    record(nurse, running, "paused")
    go_to(now, 95)

    assert queries.most_pressing(dues(running, now["at"])).minute == 90


def test_checks_after_a_late_end_go_on_until_the_person_leaves(nurse, running, now):
    go_to(now, 100)
    record(nurse, running, "stopped")
    go_to(now, 215)
    assert [one.minute for one in dues(running, now["at"])][-3:] == [190, 205, 220]

    record(nurse, running, "left", says="went home early")
    running.refresh_from_db()
    go_to(now, 600)
    assert dues(running, now["at"])[-1].minute == 205


def test_a_second_sedative_does_not_wipe_the_missed_checks_of_the_first(nurse, sat, now):
    go_to(now, 40)
    record(nurse, sat, "drug_given", says="midazolam", dose="1 mg")
    go_to(now, 58)
    record(nurse, sat, "drug_given", says="midazolam", dose="1 mg")

    sedated = [one for one in dues(sat, now["at"]) if len(one.missing) == 3]
    assert [(one.minute, one.overdue) for one in sedated] == [(45, True), (50, True), (55, True), (63, False)]
