"""The days of a course."""

from datetime import date, timedelta

DAYS_PER_WEEK = 7


def infusion_days(first: date, infusions: int, per_week: int) -> tuple[date, ...]:
    """Return the days of a course, spread evenly over each week: twice a week is every third and fourth day in turn.

    Raises ValueError for fewer than one infusion, or more than one a day.
    """
    if infusions < 1 or not 1 <= per_week <= DAYS_PER_WEEK:
        raise ValueError("a course has at least one infusion, and from one to seven a week")
    return tuple(first + timedelta(days=number * DAYS_PER_WEEK // per_week) for number in range(infusions))
