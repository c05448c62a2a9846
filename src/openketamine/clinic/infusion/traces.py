"""What was measured, as the chart draws it: each value with its minute and where it came from; thinned, never averaged."""

from datetime import datetime, timedelta
from typing import Any

from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.queries import SECONDS_PER_MINUTE
from openketamine.clinic.monitoring.models import Reading

BUCKET_S = 10
SHOWN = ("heart_rate", "spo2", "respiratory_rate")


def minute_since(at: datetime, origin: datetime) -> float:
    """Return an instant as minutes from the origin of the axis."""
    return round((at - origin) / timedelta(minutes=1), 3)


def dots(infusion: Infusion, signal: str, origin: datetime) -> list[tuple[float, float, str]]:
    """Return (minute, value, who or which device): the last reading of each ten seconds."""
    last: dict[int, tuple[float, float, str]] = {}
    rows = readings(infusion, signal).values_list("observed_at", "value", "by", "device__identity")
    for observed, value, by, device in rows:
        minute = minute_since(observed, origin)
        last[int(minute * SECONDS_PER_MINUTE // BUCKET_S)] = (minute, value, source(by, device))
    return list(last.values())


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
    said = infusion.known(Reading.objects.filter(watch=infusion.watch, signal="oxygen"), "received_at")
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


def readings(infusion: Infusion, signal: str) -> Any:
    """Return the values of one signal in the order of time."""
    rows = Reading.objects.filter(watch=infusion.watch_id, signal=signal).exclude(value=None)
    return infusion.known(rows, "received_at").order_by("observed_at", "pk")
