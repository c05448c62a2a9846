"""The clinic's own time zone: its day, and the times that people read and type. What is stored stays UTC."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from openketamine.clinic.people.models import Clinic


def zone() -> ZoneInfo:
    """Return the clinic's time zone."""
    return ZoneInfo(Clinic.objects.values_list("time_zone", flat=True).first() or "UTC")


def day(at: datetime) -> date:
    """Return the day of the clinic in which an instant lies."""
    return at.astimezone(zone()).date()
