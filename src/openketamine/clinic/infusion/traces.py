"""What was measured, as the chart draws it: each value with its minute and where it came from; thinned, never averaged."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from openketamine.clinic.infusion import names
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.queries import SECONDS_PER_MINUTE
from openketamine.clinic.infusion.scales import OBSERVED
from openketamine.clinic.monitoring.models import StoredReading, StreamReading
from openketamine.core.monitoring.signal import Signal

BUCKET_S = 10
SHOWN = ("heart_rate", "spo2", "respiratory_rate")
Dot = tuple[float, float, str]


def minute_since(at: datetime, origin: datetime) -> float:
    """Return an instant as minutes from the origin of the axis."""
    return round((at - origin) / timedelta(minutes=1), 3)


def dots(infusion: Infusion, origin: datetime, *, after: int = 0) -> tuple[dict[str, list[Dot]], int]:
    """Return for each signal (minute, value, who or which device): the last reading of each ten seconds; and the last message told.

    With `after` only what people and later messages said: `after` is the last message that was told before.
    """
    last: dict[str, dict[int, Dot]] = {signal: {} for signal in SHOWN}
    upto = after
    for seq, observed, device, *values in _streamed(infusion, after):
        minute, upto = minute_since(observed, origin), max(upto, seq)
        for signal, value in zip(SHOWN, values, strict=True):
            if value is not None:
                last[signal][_bucket(minute)] = (minute, value, source("", device))
    for signal, observed, value, by, device in _alone(infusion, after):
        minute = minute_since(observed, origin)
        if last[signal].get(_bucket(minute), (minute,))[0] <= minute:
            last[signal][_bucket(minute)] = (minute, value, source(by, device))
    return {signal: [found[bucket] for bucket in sorted(found)] for signal, found in last.items()}, upto


def _bucket(minute: float) -> int:
    return int(minute * SECONDS_PER_MINUTE // BUCKET_S)


def _streamed(infusion: Infusion, after: int) -> Any:
    rows = StreamReading.objects.filter(watch=infusion.watch_id, seq__gt=after, rebound=None)
    told = infusion.known(rows, "received_at").order_by("observed_at", "pk")
    return told.values_list("seq", "observed_at", "device__identity", *SHOWN)


def _alone(infusion: Infusion, after: int) -> Any:
    """What was typed is told again each time: people do not write in the order of the messages."""
    rows = StoredReading.objects.filter(
        Q(seq=None) | Q(seq__gt=after), watch=infusion.watch_id, signal__in=SHOWN, rebound=None
    )
    told = infusion.known(rows.exclude(value=None), "received_at").order_by("observed_at", "pk")
    return told.values_list("signal", "observed_at", "value", "by", "device__identity")


def cuffs(infusion: Infusion, origin: datetime) -> list[dict[str, Any]]:
    """Return each cuff pressure; the diastolic one only when it belongs to the same measurement."""
    diastolic = {row.observed_at: row.value for row in readings(infusion, "nibp_diastolic")}
    return [
        {
            "at": minute_since(row.observed_at, origin), "systolic": row.value, "diastolic": diastolic.get(row.observed_at),
            "typed": row.source == "typed", "source": source(row.by, row.device.identity if row.device else None),
        }
        for row in readings(infusion, "nibp_systolic").select_related("device")
    ]  # fmt: skip


def oxygen(infusion: Infusion, origin: datetime, at: datetime) -> list[dict[str, Any]]:
    """Return how oxygen was given, as stretches of time: each typed word holds until the next."""
    said = infusion.known(StoredReading.objects.filter(watch=infusion.watch_id, signal="oxygen"), "received_at")
    rows = list(said.exclude(text="").order_by("observed_at", "pk"))
    flow = {row.observed_at: row.value for row in readings(infusion, "o2_flow")}
    ends = [row.observed_at for row in rows[1:]] + [at] * bool(rows)
    return [
        {
            "from": minute_since(row.observed_at, origin), "to": minute_since(end, origin),
            "says": row.text if flow.get(row.observed_at) is None else f"{row.text} {flow[row.observed_at]:g} L/min",
        }
        for row, end in zip(rows, ends, strict=True)
    ]  # fmt: skip


def source(by: str, device: str | None) -> str:
    """Return where a value came from."""
    return f"typed by {by}" if by else device or "device"


def observed(infusion: Infusion) -> Any:
    """Return what somebody observed on a scale: its name, when, the level, and who; in the order of time."""
    scales = [one.signal for one in OBSERVED]
    rows = StoredReading.objects.filter(watch=infusion.watch_id, signal__in=scales, taken_back=None)
    told = infusion.known(rows.exclude(value=None), "received_at").order_by("observed_at", "pk")
    return told.values_list("signal", "observed_at", "value", "by")


def scales(infusion: Infusion, origin: datetime) -> list[dict[str, Any]]:
    """Return for each scale that somebody observed on: its name, and each level as it is written, with its minute and who; in the order of the scales."""
    found: dict[str, list[Any]] = {}
    for signal, when, value, by in observed(infusion):
        words = names.level(value, signed=signal == Signal.RASS)
        found.setdefault(signal, []).append({"at": minute_since(when, origin), "says": words, "by": by})
    return [{"name": str(one.label), "levels": found[one.signal]} for one in OBSERVED if one.signal in found]


def readings(infusion: Infusion, signal: str) -> Any:
    """Return the values of one signal that does not stream, in the order of time."""
    rows = StoredReading.objects.filter(watch=infusion.watch_id, signal=signal, taken_back=None, rebound=None).exclude(
        value=None
    )
    return infusion.known(rows, "received_at").order_by("observed_at", "pk")
