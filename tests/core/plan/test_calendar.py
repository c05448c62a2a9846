"""Chairs, nurses and opening hours: what is proposed, and what is wrong."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.plan.calendar import Booked, Clinic, Hours, NoSlotError, Wish, infusion_days, propose, troubles

WEEK = {day: Hours(time(9), time(17), 2) for day in range(5)}
CLINIC = Clinic(WEEK, (1, 2, 3), UTC)
TWO_HOURS = timedelta(hours=2)
MONDAY = date(2026, 3, 2)


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def booked(number, day, hour, chair=1, person="a", **more):
    return Booked(number, person, chair, at(day, hour), at(day, hour) + TWO_HOURS, **{"escort": "somebody", **more})


def says(*rows):
    return [one.says for one in troubles(rows, CLINIC)]


def test_a_course_is_proposed_on_open_days_at_the_first_free_time():
    days = infusion_days(MONDAY, 6, 2)

    slots = propose(Wish(days, TWO_HOURS, 2), CLINIC, [])

    assert [slot.start.date().day for slot in slots] == [2, 5, 9, 12, 16, 19]
    assert {(slot.chair, slot.start.hour) for slot in slots} == {(1, 9)}


def test_a_closed_day_moves_to_the_next_open_one_and_keeps_the_interval():
    slots = propose(Wish((date(2026, 3, 7), date(2026, 3, 9)), TWO_HOURS, 3), CLINIC, [])

    assert [slot.start.date().day for slot in slots] == [9, 12]


def test_a_taken_chair_gives_the_next_and_too_few_nurses_the_next_time():
    taken = [booked(1, 2, 9), booked(2, 2, 9, chair=2, person="b")]

    assert propose(Wish((MONDAY,), TWO_HOURS, None), CLINIC, taken[:1])[0].chair == 2
    assert propose(Wish((MONDAY,), TWO_HOURS, None), CLINIC, taken)[0].start == at(2, 11)


def test_hours_are_the_clinic_s_own():
    tokyo = Clinic(WEEK, (1,), ZoneInfo("Asia/Tokyo"))

    assert propose(Wish((MONDAY,), TWO_HOURS, None), tokyo, [])[0].start == datetime(2026, 3, 2, 0, tzinfo=UTC)


def test_a_clinic_without_hours_has_no_slot():
    with pytest.raises(NoSlotError, match="opening hours"):
        propose(Wish((MONDAY,), TWO_HOURS, None), Clinic({}, (1,), UTC), [])


def test_each_trouble_says_what_is_wrong():
    assert says(booked(1, 2, 9), booked(2, 2, 10, person="b")) == [
        "this chair is taken then: choose another chair or time"
    ]
    assert says(booked(1, 2, 9), booked(2, 2, 9, 2, "b"), booked(3, 2, 9, 3, "c")) == [
        "3 people at once and 2 nurses: each watches one"
    ]
    assert says(booked(1, 7, 9)) == ["outside the opening hours"]
    assert says(booked(1, 2, 16)) == ["outside the opening hours"]
    assert says(booked(1, 2, 9), booked(2, 3, 9, minimum_interval_days=2)) == [
        "1 days after the infusion before: the protocol says at least 2"
    ]
    assert says(booked(1, 2, 9, escort="")) == ["no escort is named yet"]


@given(st.integers(1, 12), st.integers(1, 7), st.integers(0, 20), st.integers(1, 4), st.integers(30, 360))
def test_what_is_proposed_is_never_in_trouble(infusions, per_week, shift, nurses, minutes):
    clinic = Clinic({day: Hours(time(8), time(18), nurses) for day in (0, 1, 3, 4)}, (1, 2), UTC)
    wish = Wish(infusion_days(MONDAY + timedelta(days=shift), infusions, per_week), timedelta(minutes=minutes), 2)

    slots = propose(wish, clinic, [booked(-1, 2, 9, person="other")])

    rows = [Booked(n, "me", one.chair, one.start, one.end, 2, "somebody") for n, one in enumerate(slots)]
    assert troubles(rows, clinic) == ()
