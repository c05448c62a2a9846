"""The one clock. Wall time for sign-in and signatures; clinic time for readings, alarms and events.

Demo time is `clock_origin + clock_rate x (wall - clock_wall)`, one row of the database that every process reads.
"""

from datetime import UTC, datetime, timedelta


def wall() -> datetime:
    """Return wall time in UTC."""
    return datetime.now(UTC)


def demo_time(at: datetime, *, origin: datetime, wall_at_origin: datetime, rate: float) -> datetime:
    """Return demo time at a wall time."""
    return origin + timedelta(seconds=rate * (at - wall_at_origin).total_seconds())


def wall_time(demo: datetime, *, origin: datetime, wall_at_origin: datetime, rate: float) -> datetime:
    """Return the wall time at which the demo clock shows `demo`; the inverse of `demo_time`."""
    return wall_at_origin + timedelta(seconds=(demo - origin).total_seconds() / rate)


def clinic_time() -> datetime:
    """Return clinic time in UTC: the demo's own time where the clinic row carries one, else wall time."""
    from openketamine.clinic.people.models import Clinic

    clinic = Clinic.objects.filter(clock_origin__isnull=False).first()
    if clinic is None or clinic.clock_origin is None or clinic.clock_wall is None:
        return wall()
    return demo_time(wall(), origin=clinic.clock_origin, wall_at_origin=clinic.clock_wall, rate=clinic.clock_rate)


def install() -> None:
    """Make clinic time the clock of every screen in this process."""
    from openketamine.clinic.ui import clock

    clock.use(clinic_time)
