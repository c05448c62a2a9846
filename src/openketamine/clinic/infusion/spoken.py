"""What stands in a sentence beside each canvas of the chart, for who cannot see it.

A sentence changes when something was recorded or measured by a cuff, and on the heavy lines of the chart: what streams is told with
its value on the last of them. A screen reader is then quiet for minutes, and what it says names its minute.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openketamine.clinic.infusion import names, queries
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.infusion.traces import minute_since
from openketamine.clinic.monitoring.lookup import Ask, answers
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.events import Course

HEAVY_MIN = 15
FRESH = timedelta(minutes=1)
"""A streamed value belongs to a minute when it was observed within the minute before it."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What the sentences are about: what is drawn, at an instant."""

    infusion: Infusion
    course: Course
    at: datetime
    origin: datetime
    events: Sequence[InfusionEvent]
    prediction: dict[str, Any] | None
    cuffs: Sequence[dict[str, Any]]
    dues: Sequence[queries.Due]

    def heavy(self) -> int:
        """Return the minute of the last heavy line."""
        return max(0, int(minute_since(self.at, self.origin) // HEAVY_MIN) * HEAVY_MIN)

    def after(self, minute: float) -> datetime:
        """Return the instant of a minute."""
        return self.origin + timedelta(minutes=minute)


def said(chart: Chart) -> dict[str, str]:
    """Return the sentence of each canvas."""
    return {
        "drug": _sentence([*_pump(chart), *_given(chart), *_level(chart.prediction, chart.heavy())]),
        "pressure": _sentence(_cuff(chart) if chart.cuffs else [_("No cuff pressure yet")]),
        "saturation": _sentence([_streamed(chart, "spo2"), *_oxygen(chart)]),
        "strip": _sentence([*_happened(chart.events), *_checks(chart.dues), _counted(len(chart.cuffs))]),
    }


def _sentence(words: Iterable[str]) -> str:
    return ", ".join(words) + "."


def _pump(chart: Chart) -> list[str]:
    if not chart.course.steps:
        return [_("The pump does not run")]
    last = chart.course.steps[-1]
    words = {"rate": last.rate_ml_per_h, "minute": minute_since(last.at, chart.origin)}
    return [_("Pump recorded at %(rate)g mL/h, set at minute %(minute).0f") % words]


def _given(chart: Chart) -> list[str]:
    """The milligrams by the last heavy line, and all of them once the infusion has ended."""
    if chart.course.started_at is None:
        return []
    upto = chart.course.stopped_at or chart.after(chart.heavy())
    mg = shown(queries.amounts(chart.infusion, chart.course, upto).pump_delivered_mg)
    return [_("%(mg)s mg delivered by minute %(minute).0f") % {"mg": mg, "minute": minute_since(upto, chart.origin)}]


def _level(prediction: dict[str, Any] | None, minute: int) -> list[str]:
    """The model's level on the last heavy line, or on the next minute that was computed."""
    place = next((i for i, one in enumerate(prediction["times"]) if one >= minute), None) if prediction else None
    if prediction is None or place is None:
        return []
    low, middle, high = (prediction["person"][name][place] for name in ("p05", "p50", "p95"))
    words = {
        "site": prediction["site"],
        "middle": middle,
        "low": low,
        "high": high,
        "minute": prediction["times"][place],
    }
    return [
        _("level by the model, %(site)s, %(middle).0f (%(low).0f to %(high).0f) ng/mL at minute %(minute).0f") % words
    ]


def _cuff(chart: Chart) -> list[str]:
    """The last cuff pressure, with what was streamed in the minute before it."""
    cuff = chart.cuffs[-1]
    low = "—" if cuff["diastolic"] is None else f"{cuff['diastolic']:g}"
    words = {"high": cuff["systolic"], "low": low, "minute": cuff["at"]}
    beside = _values(chart, ("heart_rate", "respiratory_rate"), cuff["at"])
    return [_("Pressure %(high)g over %(low)s mmHg at minute %(minute).0f") % words, *beside]


def _streamed(chart: Chart, signal: str) -> str:
    found = _values(chart, (signal,), chart.heavy())
    words = found[0] if found else _("no value of %(signal)s") % {"signal": names.name(signal)}
    return _("%(value)s at minute %(minute)d") % {"value": words, "minute": chart.heavy()}


def _values(chart: Chart, signals: Sequence[str], minute: float) -> list[str]:
    # A minute of the chart is rounded to the thousandth: the reading beside a cuff may lie some hundredths of a second later.
    upto = chart.after(minute) + timedelta(seconds=1)
    asked = [Ask(one, upto, upto - FRESH, chart.infusion.seen_until) for one in signals]
    found = zip(signals, answers(chart.infusion.watch_id, asked), strict=True)
    told = ((signal, row.value) for signal, row in found if row and row.value is not None)
    return [f"{names.name(signal)} {value:g} {names.UNITS[signal]}" for signal, value in told]


def _oxygen(chart: Chart) -> list[str]:
    ask = Ask("oxygen", chart.at, received=chart.infusion.seen_until, valued=False)
    (row,) = answers(chart.infusion.watch_id, [ask])
    return [_("oxygen: %(says)s") % {"says": row.text if row and row.text else _("nothing recorded")}]


def _happened(events: Sequence[InfusionEvent]) -> list[str]:
    if not events:
        return [_("Nothing recorded yet")]
    last = f"{events[-1].number} {names.kind(events[-1].kind)}"
    count = ngettext("%(n)d event", "%(n)d events", len(events)) % {"n": len(events)}
    return [_("%(count)s, the last: %(last)s") % {"count": count, "last": last}]


def _checks(dues: Sequence[queries.Due]) -> list[str]:
    words = {"done": sum(due.done for due in dues), "all": len(dues), "late": sum(due.overdue for due in dues)}
    return [_("%(done)d of %(all)d checks done, %(late)d overdue") % words] if dues else []


def _counted(cuffs: int) -> str:
    return ngettext("%(n)d cuff pressure", "%(n)d cuff pressures", cuffs) % {"n": cuffs}
