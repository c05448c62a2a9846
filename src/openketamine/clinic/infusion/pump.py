"""Whether what was recorded of the pump is confirmed: by the pump's own message, or by a second look."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.monitoring.models import PumpStatement
from openketamine.core.infusion.events import FLOWS, HALTS, Kind

SAME_RATE_ML_PER_H = 0.05
MOVES = frozenset(kind.value for kind in FLOWS | HALTS)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The last recorded change of the pump, and what has confirmed it or contradicts it; both empty: nothing has yet."""

    event: InfusionEvent
    confirmed_by: str
    contradicted_by: str


def confirmation(infusion: Infusion) -> Confirmation | None:
    """Return where the last recorded change of the pump stands; None before the first."""
    standing = queries.standing_events(infusion)
    moves = [row for row in standing if row.kind in MOVES]
    if not moves or queries.course_of(infusion).started_at is None:
        return None
    last = moves[-1]
    rate = 0.0 if last.rate_ml_per_h is None else last.rate_ml_per_h
    said = [
        _seen(row.at, row.rate_ml_per_h, row.by, rate)
        for row in standing
        if row.kind == Kind.PUMP_SEEN.value and row.at >= last.at
    ]
    pumps = infusion.known(PumpStatement.objects.filter(watch=infusion.watch, at__gte=last.at), "at")
    own = pumps.exclude(rate_ml_per_h=None).order_by("at", "pk").last()
    said += [] if own is None else [_seen(own.at, own.rate_ml_per_h, "the pump", rate)]
    agrees, words = max(said)[1:] if said else (True, "")
    return Confirmation(last, words if agrees else "", "" if agrees else words)


def _seen(at: datetime, rate: float | None, by: str, recorded: float) -> tuple[datetime, bool, str]:
    shown = 0.0 if rate is None else rate
    return at, abs(shown - recorded) <= SAME_RATE_ML_PER_H, f"{by}: {shown:g} mL/h at {timezone.localtime(at):%H:%M}"
