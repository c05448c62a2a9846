"""The chart of a session as a printed picture: everything on one time axis, each mark a value that was recorded. Nothing is joined up.

Small squares are five minutes, heavy lines fifteen, as on the paper grid of an anaesthesia record. Streams show the last reading of
each minute, never a mean. The level is an estimate and is drawn as a band with a dashed line. The rows below the strips
(`chart_rows`) lie on the same lines of time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from openketamine.clinic.recovery import chart_rows
from openketamine.clinic.recovery.drawing import LEFT, RIGHT, WIDTH, Axis, circle, line, path, text

SMALL_MIN, HEAVY_MIN = 5, 15
CARET = 2.6


@dataclass(frozen=True, slots=True)
class Panel:
    """One strip of the chart: where it lies, and the values at its bottom and top."""

    title: str
    top: float
    height: float
    low: float
    high: float

    def y(self, value: float) -> float:
        """Return where a value lies; what is beyond the strip lies on its edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.top + self.height * (1 - share)


def drawn(values: dict[str, Any]) -> str:
    """Return the chart of a session as SVG, from what `series` gives."""
    axis = Axis(values["begin"], values["end"])
    rate = Panel("mL/h", 4, 30, 0, _top([rate for _at, rate in values["delivered"] + values["planned"]], 50))
    level = Panel("ng/mL", 38, 42, 0, _top(_level(values), 50))
    pressure = Panel("mmHg, /min", 84, 78, 40, _top([cuff["systolic"] for cuff in values["cuff"]], 200))
    saturation = Panel("SpO2 %", 166, 24, 85, 100)
    breaths = Panel(_("breaths/min"), 194, 18, 0, max([40.0, *_values(values["vitals"]["respiratory_rate"])]))
    panels = (rate, level, pressure, saturation, breaths)
    rows, bottom = chart_rows.rows(axis, values, _bottom(breaths) + 3)
    parts = [
        *_grid(axis, panels, bottom), *_rates(axis, rate, values), *_band(axis, level, values), *_doubt(axis, level, values),
        *_cuffs(axis, pressure, values["cuff"]), *_dots(axis, pressure, values["vitals"]["heart_rate"]),
        *_dots(axis, saturation, values["vitals"]["spo2"]), *_dots(axis, breaths, values["vitals"]["respiratory_rate"]),
        *rows, *_events(axis, values["events"], bottom + 15),
    ]  # fmt: skip
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {bottom + 31:g}" font-size="6">{"".join(parts)}</svg>'


def _bottom(panel: Panel) -> float:
    return panel.top + panel.height


def _values(dots: Sequence[Sequence[Any]]) -> list[float]:
    return [value for _minute, value, *_source in dots]


def _top(values: Sequence[float], at_least: float) -> float:
    highest = max([at_least, *values])
    return (highest // 50 + (highest % 50 > 0)) * 50


def _level(values: dict[str, Any]) -> list[float]:
    return list(values["prediction"]["person"]["p95"]) if values["prediction"] else []


def _grid(axis: Axis, panels: Sequence[Panel], bottom: float) -> Iterator[str]:
    """The lines of time through strips and rows, so that cause and effect are read down one line; then the frames."""
    first = int(axis.begin // SMALL_MIN + 1) * SMALL_MIN
    for minute in range(first, int(axis.end) + 1, SMALL_MIN):
        heavy = minute % HEAVY_MIN == 0
        yield line(axis.x(minute), panels[0].top, axis.x(minute), bottom, "#999" if heavy else "#ddd", 0.4)
        if heavy:
            yield text(axis.x(minute), bottom + 7, f"{minute}", "middle")
    for panel in panels:
        yield f'<rect x="{LEFT}" y="{panel.top}" width="{WIDTH - LEFT - RIGHT}" height="{panel.height}" fill="none" stroke="#555" stroke-width="0.6"/>'
        yield text(2, panel.top + 6, panel.title)
        yield text(LEFT - 2, panel.top + 6, f"{panel.high:g}", "end")
        yield text(LEFT - 2, panel.top + panel.height, f"{panel.low:g}", "end")
    yield text(2, bottom + 7, _("minute"))


def _rates(axis: Axis, panel: Panel, values: dict[str, Any]) -> Iterator[str]:
    """The delivered rate solid, the planned one dotted; a rate holds until the next."""
    for name, dash in (("planned", "1 1.5"), ("delivered", "")):
        points = list[tuple[float, float]]()
        for at, rate in values[name]:
            if points:
                points.append((at, points[-1][1]))
            points.append((at, rate))
        yield path([(axis.x(at), panel.y(rate)) for at, rate in points], "#000", dash)


def _band(axis: Axis, panel: Panel, values: dict[str, Any]) -> Iterator[str]:
    """The estimated level: 5 to 95 % as a band, the median dashed; nothing where prediction is switched off."""
    found = values["prediction"]
    if not found:
        yield text(
            LEFT + 4, panel.top + 12, _("no level: individual prediction is switched off, or nothing was started")
        )
        return
    times, person = found["times"], found["person"]
    low, high = (
        [(axis.x(at), panel.y(one)) for at, one in zip(times, person[name], strict=True)] for name in ("p05", "p95")
    )
    edge = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*low, *reversed(high)])
    yield f'<polygon points="{edge}" fill="#dddddd"/>'
    yield path([(axis.x(at), panel.y(one)) for at, one in zip(times, person["p50"], strict=True)], "#000", "3 2")


def _doubt(axis: Axis, panel: Panel, values: dict[str, Any]) -> Iterator[str]:
    """Grey over the level from when drug was seen to run beside the vein: nobody knows any more what reached the person."""
    if values["doubtful"] is None or values["doubtful"] >= axis.end:
        return
    x = axis.x(max(values["doubtful"], axis.begin))
    yield f'<rect x="{x:.1f}" y="{panel.top}" width="{axis.x(axis.end) - x:.1f}" height="{panel.height}" fill="#777" fill-opacity="0.45"/>'
    yield line(x, panel.top, x, panel.top + panel.height, "#000", 0.8)
    yield text(x + 2, panel.top + 7, _("uncertain from here: drug ran beside the vein"))


def _cuffs(axis: Axis, panel: Panel, cuffs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A caret down for each systolic pressure, up for each diastolic one."""
    for cuff in cuffs:
        x = axis.x(cuff["at"])
        for value, up in ((cuff["systolic"], -1), (cuff["diastolic"], 1)):
            if value is not None:
                y = panel.y(value)
                yield path([(x - CARET, y + up * CARET), (x, y), (x + CARET, y + up * CARET)], "#000", "")


def _dots(axis: Axis, panel: Panel, dots: Sequence[Sequence[Any]]) -> Iterator[str]:
    last = {int(minute // 1): (minute, value) for minute, value, *_source in dots}
    for minute, value in last.values():
        yield circle(axis.x(minute), panel.y(value), 0.9)


def _events(axis: Axis, events: Sequence[dict[str, Any]], top: float) -> Iterator[str]:
    """The numbers of the events under the axis, in three rows so that close ones can be read."""
    for position, event in enumerate(one for one in events if axis.begin <= one["at"] <= axis.end):
        yield text(axis.x(event["at"]), top + 7 * (position % 3), str(event["number"]), "middle")
    yield text(2, top, _("event"))
