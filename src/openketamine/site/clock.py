"""The one clock. Wall time for sign-in and signatures; clinic time for readings, alarms and events.

Demo time is `clock_origin + clock_rate x (wall - clock_wall)`, one row of the database that every process reads.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openketamine.clinic.people.models import Clinic


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

    return converter(Clinic.objects.first())(wall())


def converter(clinic: "Clinic | None") -> Callable[[datetime], datetime]:
    """Return the function from wall time to clinic time."""
    if clinic is None or clinic.clock_origin is None or clinic.clock_wall is None:
        return lambda at: at
    origin, wall_at_origin, rate = clinic.clock_origin, clinic.clock_wall, clinic.clock_rate
    return lambda at: demo_time(at, origin=origin, wall_at_origin=wall_at_origin, rate=rate)


def install() -> None:
    """Make clinic time the clock of every screen in this process."""
    from openketamine.clinic.ui import clock

    clock.use(clinic_time)
