"""Appointments: proposing, booking and moving them, what is wrong with them, and the calendar feed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.candidacy import validity
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.clinic_time import zone
from openketamine.clinic.plan import regimens
from openketamine.clinic.plan.actions import given_days
from openketamine.clinic.plan.models import (
    Appointment,
    CalendarFeed,
    Course,
    CourseEnding,
    PlannedInfusion,
    WorkingHours,
)
from openketamine.clinic.plan.standing import consent_trouble
from openketamine.core.plan import calendar as core

WEEK = 7


@dataclass(frozen=True, slots=True)
class Placed:
    """One appointment in force with what is wrong with it."""

    appointment: Appointment
    troubles: tuple[str, ...]


def hours() -> dict[int, core.Hours]:
    """Return the opening hours in force by weekday; a closed day is left out."""
    newest = {row.weekday: row for row in WorkingHours.objects.order_by("pk")}
    return {
        day: core.Hours(row.opens, row.closes, row.nurses)
        for day, row in newest.items()
        if row.opens and row.closes and row.nurses
    }


def clinic() -> core.Clinic:
    """Return hours, chairs and zone as the core knows them."""
    return core.Clinic(hours(), list(Chair.objects.values_list("pk", flat=True)), zone())


@transaction.atomic
def set_hours(*, weekday: int, by: str, at: datetime, **fields: Any) -> WorkingHours:
    """Record the opening hours and the nurses of a weekday; hours left out mean closed."""
    row = WorkingHours(weekday=weekday, by=by, at=at, **fields)
    row.save()
    audit.record(by=by, at=at, action="opening hours set", about=f"weekday {weekday}", nurses=row.nurses)
    return row


def in_force() -> list[Appointment]:
    """Return the newest appointment of every planned infusion that was not given and whose course goes on."""
    ended = CourseEnding.objects.values("course")
    newest: dict[int, Appointment] = {}
    rows = Appointment.objects.exclude(planned__course__in=ended).order_by("pk")
    for row in rows.select_related("planned__course__patient", "chair"):
        newest[row.planned_id] = row
    return sorted(newest.values(), key=lambda row: (row.starts_at, row.pk))


def _booked(rows: Iterable[Appointment]) -> list[core.Booked]:
    return [
        core.Booked(
            row.pk, row.planned.course.patient.reference, row.chair_id, row.starts_at, row.ends_at,
            regimens.rules_of(row.planned.course).minimum_interval_days, row.escort,
        )
        for row in rows
    ]  # fmt: skip


def _wrong(rows: list[Appointment]) -> dict[int, list[str]]:
    """Return what is wrong with each appointment: chairs, nurses, hours, intervals, escorts, the consent, and what has expired by then."""
    wrong: dict[int, list[str]] = {}
    for one in core.troubles(_booked(rows), clinic()):
        wrong.setdefault(one.id, []).append(one.says)
    consents = {row.planned.course.patient: "" for row in rows}
    consents = {patient: consent_trouble(patient) for patient in consents}
    valid = {patient: validity.of(patient) for patient in consents} if validity.in_force() else {}
    for row in rows:
        patient, day = row.planned.course.patient, row.starts_at.astimezone(zone()).date()
        found = [consents[patient], *(one.trouble(day) for one in valid.get(patient, ()))]
        wrong.setdefault(row.pk, []).extend(words for words in found if words)
    return wrong


def week(monday: date) -> list[Placed]:
    """Return the appointments of one week, each with what is wrong with it."""
    here, rows = zone(), in_force()
    wrong = _wrong(rows)
    last = monday + timedelta(days=WEEK)
    return [
        Placed(row, tuple(wrong.get(row.pk, ())))
        for row in rows
        if monday <= row.starts_at.astimezone(here).date() < last
    ]


def troubles_of(course: Course) -> dict[int, tuple[str, ...]]:
    """Return what is wrong with each appointment of a course, by planned infusion."""
    rows = in_force()
    wrong = _wrong(rows)
    return {row.planned_id: tuple(wrong.get(row.pk, ())) for row in rows if row.planned.course_id == course.pk}


def chair_time(course: Course) -> timedelta:
    """Return how long a chair is taken: from the start of the infusion to the earliest time to leave."""
    rules = regimens.rules_of(course)
    return timedelta(minutes=max(float(course.duration_min), rules.recovery.observation_min))


@transaction.atomic
def book(*, course: Course, by: str, at: datetime) -> list[Appointment]:
    """Book every infusion of a course that has no appointment, at the slots that are proposed; raises NoSlotError."""
    rows = in_force()
    placed = {row.planned_id for row in rows}
    days = [
        day
        for day in PlannedInfusion.objects.filter(course=course)
        .exclude(number__in=given_days(course))
        .order_by("number")
        if day.pk not in placed
    ]
    rules = regimens.rules_of(course)
    today = at.astimezone(zone()).date()
    wish = core.Wish([max(day.on, today) for day in days], chair_time(course), rules.minimum_interval_days)
    slots = core.propose(wish, clinic(), _booked(rows))
    return [
        _placed(day, Chair.objects.get(pk=slot.chair), slot.start, slot.end, "", by, at)
        for day, slot in zip(days, slots, strict=True)
    ]


@transaction.atomic
def move(*, planned: PlannedInfusion, chair: Chair, start: datetime, escort: str, by: str, at: datetime) -> Appointment:
    """Move an appointment, or make one; what was there before stays in the record."""
    return _placed(planned, chair, start, start + chair_time(planned.course), escort, by, at)


def _placed(
    planned: PlannedInfusion, chair: Chair, start: datetime, end: datetime, escort: str, by: str, at: datetime
) -> Appointment:
    row = Appointment(planned=planned, chair=chair, starts_at=start, ends_at=end, escort=escort, by=by, at=at)
    row.save()
    patient = planned.course.patient.reference
    audit.record(
        by=by,
        at=at,
        action="appointment made",
        patient=patient,
        about=f"infusion {planned}",
        starts_at=start.isoformat(),
    )
    return row


@transaction.atomic
def new_feed(*, by: str, at: datetime) -> CalendarFeed:
    """Make the secret address of the feed; the one before stops working."""
    feed = CalendarFeed(by=by, at=at)
    feed.save()
    audit.record(by=by, at=at, action="calendar feed made", about=f"feed {feed.pk}")
    return feed


def feed(stamp: datetime) -> bytes:
    """Return the appointments as iCalendar (RFC 5545): infusion number and chair, nobody's name."""
    from icalendar import Calendar, Event

    found = Calendar()
    found.add("prodid", "-//OpenKetamine//appointments//EN")
    found.add("version", "2.0")
    for row in in_force():
        event = Event()
        event.add("uid", f"infusion-{row.planned_id}@openketamine")
        event.add("sequence", Appointment.objects.filter(planned=row.planned_id, pk__lt=row.pk).count())
        event.add("dtstamp", stamp)
        event.add("dtstart", row.starts_at)
        event.add("dtend", row.ends_at)
        event.add("summary", f"Infusion {row.planned}, {row.chair}")
        found.add_component(event)
    return bytes(found.to_ical())
