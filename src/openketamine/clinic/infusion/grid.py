"""The chart as tables: one row for each five minutes in which something was measured or recorded. The last value counts, no mean.

Each canvas has a table of its own: what is drawn there, with where it came from. The strip's is that of the whole visit.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openketamine.clinic.infusion import curves, names, queries, traces
from openketamine.clinic.infusion.models import Infusion
from openketamine.core.infusion.events import by_rates
from openketamine.core.monitoring.signal import Signal

EVERY_MIN = 5
AHEAD_MIN = 60
MEASURED = {"pressure": ("cuff", "heart_rate", "respiratory_rate"), "saturation": ("spo2",)}


@dataclass(slots=True)
class GridRow:
    """Five minutes: what was measured in them, the rate and the milligrams delivered at their end."""

    at: datetime
    minute: int
    cuff: str = ""
    sources: dict[str, str] = field(default_factory=lambda: defaultdict(str))
    values: dict[str, float | None] = field(default_factory=lambda: dict.fromkeys(traces.SHOWN))
    oxygen: str = ""
    scales: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    rate_ml_per_h: float | None = 0.0
    delivered_mg: Decimal | None = Decimal(0)
    estimate: str = ""

    def took(self, name: str, value: Any, source: str) -> None:
        """Write down the last value and where it came from."""
        if name == "cuff":
            self.cuff = value
        else:
            self.values[name] = value
        self.sources[name] = source

    def shows(self, panel: str) -> bool:
        """Say whether something of a panel was measured or recorded in these minutes."""
        return any(name in self.sources for name in MEASURED[panel]) or (panel == "saturation" and bool(self.oxygen))


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
        running = [step for step in course.flows if step.at <= end]
        row.rate_ml_per_h = running[-1].rate_ml_per_h if running else 0.0
        row.delivered_mg = (
            queries.amounts(infusion, course, end).pump_delivered_mg if by_rates(course.flows, end) else Decimal(0)
        )
    return [rows[minute] for minute in sorted(rows)]


PANELS = ("drug", "pressure", "saturation")
"""The canvases with a table of their own."""
ESTIMATED = {"drug": "person", "pressure": "systolic"}
"""Which curve of the model each of them draws."""


def table(infusion: Infusion, panel: str, *, at: datetime) -> dict[str, Any]:
    """Return what the page of a table shows: the rows in which something of the panel stands; all of them where none is named."""
    named = panel if panel in PANELS else ""
    rows, assumed = grid(infusion, at=at), ""
    if named in MEASURED:
        rows = [row for row in rows if row.shows(named)]
    if named in ESTIMATED:
        assumed = _with_estimates(infusion, rows, at, ESTIMATED[named])
    return {"infusion": infusion, "rows": rows, "panel": named, "assumed": assumed}


def _with_estimates(infusion: Infusion, rows: list[GridRow], at: datetime, what: str) -> str:
    """Write the model's estimate at the end of each five minutes into its row, add rows for what lies ahead, and say what is assumed there.

    `what` is the curve: the person's level, or their systolic pressure, of which there is none without a reading before the start.
    """
    course = queries.course_of(infusion)
    rest = curves.known(infusion, course)
    if rest is None or course.started_at is None:
        return ""
    now = traces.minute_since(at, course.started_at)
    last = int((now + AHEAD_MIN) // EVERY_MIN) * EVERY_MIN
    ahead = _ahead(rows, course.started_at, now, last)
    shown = [row for row in (*rows, *ahead) if row.minute >= 0]
    times = tuple(float(row.minute + EVERY_MIN) for row in shown)
    found = curves.curve(infusion, course, rest, at=at, end=float(last), times=times)
    if found is None or found[what] is None:
        return ""
    rows += ahead
    for place, row in enumerate(shown):
        low, middle, high = (found[what][name][place] for name in ("p05", "p50", "p95"))
        row.estimate = f"{middle:.0f} ({low:.0f}-{high:.0f})"
    return str(found["name"])


def _ahead(rows: Iterable[GridRow], started: datetime, now: float, last: int) -> list[GridRow]:
    """Return a row for each five minutes after now, with nothing in it."""
    known, first = {row.minute for row in rows}, max(0, int(now // EVERY_MIN + 1) * EVERY_MIN)
    return [
        GridRow(started + timedelta(minutes=minute), minute, rate_ml_per_h=None, delivered_mg=None)
        for minute in range(first, last, EVERY_MIN)
        if minute not in known
    ]


def _written(infusion: Infusion, origin: datetime, at: datetime) -> Iterable[tuple[float, Any]]:
    """Yield each thing with its minute, and how it is written into its row."""
    for signal, dots in traces.dots(infusion, origin)[0].items():
        for minute, value, source in dots:
            yield minute, lambda row, signal=signal, value=value, source=source: row.took(signal, value, source)
    for cuff in traces.cuffs(infusion, origin):
        low = "—" if cuff["diastolic"] is None else f"{cuff['diastolic']:g}"
        words = f"{cuff['systolic']:g}/{low}"
        yield cuff["at"], lambda row, words=words, source=cuff["source"]: row.took("cuff", words, source)
    for stretch in traces.oxygen(infusion, origin, at):
        yield stretch["from"], lambda row, words=stretch["says"]: setattr(row, "oxygen", words)
    for signal, when, value, _by in traces.observed(infusion):
        words = f"{names.name(signal)} {names.level(value, signed=signal == Signal.RASS)}"
        yield (
            traces.minute_since(when, origin),
            lambda row, signal=signal, words=words: row.scales.update({signal: words}),
        )
    for event in queries.standing_events(infusion):
        words = f"{event.number} {names.kind(event.kind)}"
        yield traces.minute_since(event.at, origin), lambda row, words=words: row.events.append(words)
