"""The demo's calendar: open every day, four nurses, three courses booked and one escort still to be named."""

from datetime import datetime, time

from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan import calendar
from openketamine.clinic.plan.models import Appointment

OPENS, CLOSES, NURSES = time(8), time(20), 4
BOOKED = ("Gil", "Hedda", "Ivo")
BY = "dora"


def live(now: datetime) -> None:
    """Set the opening hours, book three courses, and name who takes each person home but the last."""
    for weekday in range(calendar.WEEK):
        calendar.set_hours(weekday=weekday, opens=OPENS, closes=CLOSES, nurses=NURSES, by="otto", at=now)
    for name in BOOKED:
        course = plan.current_course(Patient.objects.get(given_name=name, source="demo"))
        if course is not None:
            made = calendar.book(course=course, by=BY, at=now)
            for row in made[:-1]:
                _escorted(row, now)


def _escorted(row: Appointment, now: datetime) -> None:
    calendar.move(planned=row.planned, chair=row.chair, start=row.starts_at, escort="Escort Example", by=BY, at=now)
