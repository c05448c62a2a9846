"""The days of a course, a proposal of chairs and times, and what is wrong with a calendar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

DAYS_PER_WEEK = 7
STEP = timedelta(minutes=15)
LOOK_AHEAD_DAYS = 60


class NoSlotError(ValueError):
    """No chair is free on any open day that was looked at."""


def infusion_days(first: date, infusions: int, per_week: int) -> tuple[date, ...]:
    """Return the days of a course, spread evenly over each week: twice a week is every third and fourth day in turn.

    Raises ValueError for fewer than one infusion, or more than one a day.
    """
    if infusions < 1 or not 1 <= per_week <= DAYS_PER_WEEK:
        raise ValueError("a course has at least one infusion, and from one to seven a week")
    return tuple(first + timedelta(days=number * DAYS_PER_WEEK // per_week) for number in range(infusions))


@dataclass(frozen=True, slots=True)
class Hours:
    """When infusions are given on one weekday, in the clinic's own time, and how many nurses watch one person each."""

    opens: time
    closes: time
    nurses: int


@dataclass(frozen=True, slots=True)
class Booked:
    """One appointment: whose, on which chair, from when to when."""

    id: int
    person: str
    chair: int
    start: datetime
    end: datetime
    minimum_interval_days: int | None = None
    escort: str = ""


@dataclass(frozen=True, slots=True)
class Clinic:
    """Opening hours by weekday (Monday is 0), chairs in the order in which they are filled, the clinic's time zone."""

    hours: Mapping[int, Hours]
    chairs: Sequence[int]
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Slot:
    """A free chair at a time."""

    chair: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the days one would like, how long a chair is taken, the shortest interval between infusions."""

    days: Sequence[date]
    length: timedelta
    minimum_interval_days: int | None


def propose(wish: Wish, clinic: Clinic, booked: Iterable[Booked]) -> tuple[Slot, ...]:
    """Return one slot for each wished day: that day, or the next open one with a free chair that is not too soon.

    Raises NoSlotError when none is found within two months of a day.
    """
    taken, found = list(booked), list[Slot]()
    for day in wish.days:
        earliest = day
        if found and wish.minimum_interval_days is not None:
            last = found[-1].start.astimezone(clinic.zone).date()
            earliest = max(day, last + timedelta(days=wish.minimum_interval_days))
        elif found:
            earliest = max(day, found[-1].start.astimezone(clinic.zone).date() + timedelta(days=1))
        slot = _first_free(earliest, wish.length, clinic, taken)
        found.append(slot)
        taken.append(Booked(-len(found), "", slot.chair, slot.start, slot.end))
    return tuple(found)


def _first_free(day: date, length: timedelta, clinic: Clinic, taken: Sequence[Booked]) -> Slot:
    for ahead in range(LOOK_AHEAD_DAYS):
        found = _free_on(day + timedelta(days=ahead), length, clinic, taken)
        if found is not None:
            return found
    raise NoSlotError(
        f"no chair is free within {LOOK_AHEAD_DAYS} days of {day}: look at opening hours, nurses and chairs"
    )


def _free_on(day: date, length: timedelta, clinic: Clinic, taken: Sequence[Booked]) -> Slot | None:
    hours = clinic.hours.get(day.weekday())
    if hours is None:
        return None
    start = datetime.combine(day, hours.opens, clinic.zone)
    closes = datetime.combine(day, hours.closes, clinic.zone)
    while start + length <= closes:
        at_once = [one for one in taken if one.start < start + length and one.end > start]
        free = [chair for chair in clinic.chairs if chair not in {one.chair for one in at_once}]
        if free and len(at_once) < hours.nurses:
            return Slot(free[0], start, start + length)
        start += STEP
    return None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with an appointment, and what can be done."""

    id: int
    says: str


def troubles(booked: Iterable[Booked], clinic: Clinic) -> tuple[Trouble, ...]:
    """Return what is wrong: two on one chair, more than there are nurses, outside hours, too soon, nobody to take one home."""
    ordered = sorted(booked, key=lambda one: (one.start, one.id))
    found: list[Trouble] = []
    for number, one in enumerate(ordered):
        found += [Trouble(one.id, says) for says in _of_one(one, ordered[:number], clinic)]
    return tuple(found)


def _of_one(one: Booked, earlier: Sequence[Booked], clinic: Clinic) -> list[str]:
    start, end = one.start.astimezone(clinic.zone), one.end.astimezone(clinic.zone)
    at_once, hours = [other for other in earlier if other.end > one.start], clinic.hours.get(start.weekday())
    found = (
        []
        if all(other.chair != one.chair for other in at_once)
        else ["this chair is taken then: choose another chair or time"]
    )
    if hours is None or start.time() < hours.opens or end.date() != start.date() or end.time() > hours.closes:
        found.append("outside the opening hours")
    elif len(at_once) + 1 > hours.nurses:
        found.append(f"{len(at_once) + 1} people at once and {hours.nurses} nurses: each watches one")
    found += _too_soon(one, earlier, clinic.zone)
    return found if one.escort else [*found, "no escort is named yet"]


def _too_soon(one: Booked, earlier: Sequence[Booked], zone: tzinfo) -> list[str]:
    before = [other for other in earlier if other.person == one.person]
    if not before or one.minimum_interval_days is None:
        return []
    days = (one.start.astimezone(zone).date() - before[-1].start.astimezone(zone).date()).days
    if days >= one.minimum_interval_days:
        return []
    return [f"{days} days after the infusion before: the protocol says at least {one.minimum_interval_days}"]
