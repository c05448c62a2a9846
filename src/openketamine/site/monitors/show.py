"""What the virtual monitors need to know of the clinic: when the show began, where each infusion stands, how fast time runs."""

from dataclasses import dataclass
from datetime import datetime

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.people.models import Clinic
from openketamine.core.infusion.events import Phase
from openketamine.site import clock

CHAIRS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Show:
    """One chair at one instant: seconds of the show, clinic time, the infusion's start, its rates (minute, mg/h), whether it is paused."""

    infusion: str
    second: float
    now: datetime
    started_at: datetime
    opened_at: datetime
    steps: tuple[tuple[float, float], ...]
    paused: bool


def state(chair: int) -> Show | None:
    """Return where a chair stands; None when nobody sits there or the demo has not begun."""
    clinic = Clinic.objects.first()
    infusion = (
        Infusion.objects.filter(closed_at=None, watch__chair__name=f"Chair {chair}").select_related("order").first()
    )
    if clinic is None or clinic.show_wall is None or infusion is None:
        return None
    course = queries.course_of(infusion)
    if course.started_at is None:
        return None
    wall, concentration, began = clock.wall(), float(infusion.order.concentration_mg_per_ml), course.started_at
    steps = tuple(
        (queries.minute_of(course, step.at) or 0.0, step.rate_ml_per_h * concentration) for step in course.flows
    )
    return Show(
        infusion.reference, (wall - clinic.show_wall).total_seconds(), clock.converter(clinic)(wall), began, infusion.opened_at, steps,
        course.phase is Phase.PAUSED,
    )  # fmt: skip
