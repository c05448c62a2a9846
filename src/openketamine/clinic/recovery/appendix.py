"""Every row of a session for the appendix, table by table; nothing is thinned."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from openketamine.clinic.infusion.models import Incident, Infusion
from openketamine.clinic.ledger.models import Row
from openketamine.clinic.monitoring.models import (
    AlarmAnswer,
    AlarmEvent,
    DeviceAlarm,
    DeviceOnChair,
    PumpStatement,
    ReadingTakenBack,
    Rebound,
    StoredReading,
    StreamReading,
    Watch,
)
from openketamine.clinic.monitoring.seats import sat_on
from openketamine.clinic.recovery.record import iso
from openketamine.clinic.ui import clock

STREAMED = (
    "heart_rate",
    "pulse_rate",
    "spo2",
    "respiratory_rate",
    "etco2",
    "temperature",
    "abp_systolic",
    "abp_diastolic",
    "abp_mean",
)


def rows(infusion: Infusion) -> dict[str, Any]:
    """Return the tables with a title each, and the streams of the devices as lines."""
    watch = infusion.watch
    signals = [
        name
        for name in STREAMED
        if StreamReading.objects.filter(watch=watch, rebound=None, **{f"{name}__isnull": False}).exists()
    ]
    own = StreamReading.objects.filter(watch=watch, rebound=None)
    stream = own.order_by("observed_at", "pk").values_list("observed_at", *signals)
    return {"tables": _tables(infusion), "signals": signals, "stream": [_line(one) for one in stream]}


def _line(values: Sequence[Any]) -> str:
    at, *measured = values
    return " ".join([iso(at), *("—" if one is None else f"{one:g}" for one in measured)])


def _tables(infusion: Infusion) -> list[tuple[str, list[list[str]]]]:
    watch = infusion.watch
    return [
        (_("Check before the start"), _said(infusion.gate_answers.all(), "at", "item", "answer", "said", "note", "who")),
        (_("Another chair, from an instant on"), _said(watch.chair_moves.order_by("pk"), "at", "left", "chair", "recorded_at", "by")),
        (_("Devices on these chairs"), _said(_devices(watch), "at", "device", "chair", "recorded_at", "by")),
        (_("Charted here and measured elsewhere: it does not count"), _elsewhere(watch)),
        (_("Typed values and cuffs"), _said(StoredReading.objects.filter(watch=watch, rebound=None), "observed_at", "signal", "value", "unit", "text", "reason", "source", "by")),
        (_("Values taken back"), _said(ReadingTakenBack.objects.filter(watch=watch), "at", "signal", "value", "observed_at", "by")),
        (_("Alarm events"), _said(AlarmEvent.objects.filter(watch=watch), "at", "rule", "number", "priority", "state", "value", "reason")),
        (_("Answers to alarms"), _said(AlarmAnswer.objects.filter(event__watch=watch).order_by("pk"), "at", "event_id", "kind", "until", "who")),
        (_("What the pump said"), _said(PumpStatement.objects.filter(watch=watch, rebound=None), "at", "status", "rate_ml_per_h", "delivered_ml", "remaining_ml", "drug")),
        (_("Alarms of the devices"), _said(DeviceAlarm.objects.filter(watch=watch, rebound=None), "at", "phase", "state", "priority", "text")),
        (_("Drug book, also what was replaced"), _said(Row.objects.filter(session=infusion.reference).order_by("pk"), "kind", "mg", "told", "by", "second")),
        (_("Criteria looked at"), _said(infusion.criterion_ticks.all(), "at", "criterion", "met", "answer", "note", "who")),
        (_("Wishes"), _said(infusion.wishes.all(), "at", "touch", "preferences", "helped", "by")),
        (_("Frozen after an incident"), _said(Incident.objects.filter(infusion=infusion), "at", "reason", "digest", "by")),
        (_("Addenda"), _said(infusion.addenda.all(), "at", "event", "text", "reason", "by")),
    ]  # fmt: skip


def _devices(watch: Watch) -> Any:
    """Return where the devices went that this session heard, up to its end; only for a session whose chair or devices changed."""
    during = DeviceOnChair.objects.filter(at__gt=watch.started_at, at__lte=watch.ended_at or clock.now())
    chairs = {chair.pk for chair, _seat in sat_on(watch)}
    changed = during.filter(chair__in=chairs).values("device")
    left = DeviceOnChair.objects.filter(device__in=during.values("device"), chair__in=chairs).values("device")
    return (
        during.filter(Q(device__in=changed) | Q(device__in=left)).select_related("device", "chair").order_by("at", "pk")
    )


def _elsewhere(watch: Watch) -> list[list[str]]:
    """Return what a late entry took out of this session: by whom and when, how many rows, from when to when."""
    found: dict[tuple[datetime, str], list[datetime]] = {}
    for row in Rebound.objects.filter(watch=watch).select_related("reading", "stream", "pump", "alarm"):
        said = row.reading or row.stream
        instant = said.observed_at if said else (row.pump or row.alarm).at
        found.setdefault((row.at, row.by), []).append(instant)
    return [
        [iso(at), by, _("%(count)d rows") % {"count": len(times)}, iso(min(times)), iso(max(times))]
        for (at, by), times in found.items()
    ]


def _said(found: Any, *names: str) -> list[list[str]]:
    return [[_words(getattr(row, name)) for name in names if getattr(row, name) not in {None, ""}] for row in found]


def _words(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return iso(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
