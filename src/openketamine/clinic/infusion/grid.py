"""The chart as a table: one row for each five minutes in which something was measured or recorded. The last value counts, no mean."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openketamine.clinic.infusion import names, queries, traces
from openketamine.clinic.infusion.models import Infusion
from openketamine.core.infusion.events import by_rates
from openketamine.core.monitoring.signal import Signal

EVERY_MIN = 5


@dataclass(slots=True)
class GridRow:
    """Five minutes: what was measured in them, the rate and the milligrams delivered at their end."""

    at: datetime
    minute: int
    cuff: str = ""
    values: dict[str, float | None] = field(default_factory=lambda: dict.fromkeys(traces.SHOWN))
    oxygen: str = ""
    scales: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    rate_ml_per_h: float = 0.0
    delivered_mg: Decimal = Decimal(0)


def grid(infusion: Infusion, *, at: datetime) -> list[GridRow]:
    """Return the rows up to an instant, oldest first."""
    course = queries.course_of(infusion)
    origin = course.started_at or infusion.opened_at
    rows: dict[int, GridRow] = {}
    for minute, write in _written(infusion, origin, at):
        first = int(minute // EVERY_MIN) * EVERY_MIN
        write(rows.setdefault(first, GridRow(origin + timedelta(minutes=first), first)))
    for row in rows.values():
        end = min(row.at + timedelta(minutes=EVERY_MIN), at)
        running = [step for step in course.steps if step.at <= end]
        row.rate_ml_per_h = running[-1].rate_ml_per_h if running else 0.0
        row.delivered_mg = (
            queries.amounts(infusion, course, end).pump_delivered_mg if by_rates(course.steps, end) else Decimal(0)
        )
    return [rows[minute] for minute in sorted(rows)]


def _written(infusion: Infusion, origin: datetime, at: datetime) -> Iterable[tuple[float, Any]]:
    """Yield each thing with its minute, and how it is written into its row."""
    for signal, dots in traces.dots(infusion, origin)[0].items():
        for minute, value, _source in dots:
            yield minute, lambda row, signal=signal, value=value: row.values.__setitem__(signal, value)
    for cuff in traces.cuffs(infusion, origin):
        low = "—" if cuff["diastolic"] is None else f"{cuff['diastolic']:g}"
        yield cuff["at"], lambda row, words=f"{cuff['systolic']:g}/{low}": setattr(row, "cuff", words)
    for stretch in traces.oxygen(infusion, origin, at):
        yield stretch["from"], lambda row, words=stretch["says"]: setattr(row, "oxygen", words)
    for signal, when, value in traces.observed(infusion):
        words = f"{names.name(signal)} {names.level(value, signed=signal == Signal.RASS)}"
        yield (
            traces.minute_since(when, origin),
            lambda row, signal=signal, words=words: row.scales.update({signal: words}),
        )
    for event in queries.standing_events(infusion):
        words = f"{event.number} {names.kind(event.kind)}"
        yield traces.minute_since(event.at, origin), lambda row, words=words: row.events.append(words)
