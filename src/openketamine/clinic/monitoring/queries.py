"""Questions about readings: whose are they, which is the newest, how old is it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from openketamine.clinic.monitoring import every_reading
from openketamine.clinic.monitoring.every_reading import STREAMED
from openketamine.clinic.monitoring.models import (
    Chair,
    Device,
    DeviceOnChair,
    Reading,
    Source,
    StoredReading,
    StreamReading,
    Watch,
)
from openketamine.clinic.ui.templatetags.units import spoken
from openketamine.core.monitoring.signal import Signal

HEAVY = ("alarm_state", "baseline", "required")  # columns of a watch that nobody asks for in "whose is it?"
ABSURD_AHEAD = timedelta(minutes=2)
ABSURD_BEHIND = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Tile:
    """A headline value: the newest chartable reading of this watch, its age, and whether it is struck through."""

    signal: str
    value: float | None
    unit: str
    age: timedelta | None
    struck: bool
    source: str
    why: str


def belonging(devices: Sequence[int], *, since: datetime) -> Callable[[int, datetime], Watch | None]:
    """Return the function that says whose a reading of a device is, for instants from `since` on; it asks the database once."""
    moves: dict[int, list[DeviceOnChair]] = {}
    for move in DeviceOnChair.objects.filter(device__in=devices).order_by("-at", "-pk"):
        moves.setdefault(move.device_id, []).append(move)
    chairs = {move.chair_id for of_device in moves.values() for move in of_device if move.chair_id is not None}
    watches: dict[int, list[Watch]] = {}
    touching = Watch.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), chair_id__in=chairs)
    for watch in touching.select_related("patient").defer(*HEAVY).order_by("-started_at"):
        watches.setdefault(watch.chair_id, []).append(watch)

    def whose(device: int, at: datetime) -> Watch | None:
        chair = next((move.chair_id for move in moves.get(device, ()) if move.at <= at), None)
        in_force = (one for one in watches.get(chair or 0, ()) if one.started_at <= at)
        return next((one for one in in_force if one.ended_at is None or one.ended_at > at), None)

    return whose


def chair_of(device: Device, *, at: datetime) -> Chair | None:
    """Return the chair a device stood on at an instant."""
    moves = DeviceOnChair.objects.filter(device=device, at__lte=at).select_related("chair")
    move = moves.order_by("-at", "-pk").first()
    return move.chair if move else None


def last_words(device: Device) -> str:
    """Return the newest value a device charted, in words; empty when it has charted none."""
    newest = Reading.objects.filter(device=device).exclude(value=None).order_by("-pk").first()
    return (
        f"{newest.signal} {newest.value:g} {spoken(newest.unit)} ({newest.observed_at:%H:%M:%S} UTC)" if newest else ""
    )


def watch_on_chair(chair_id: int, *, at: datetime) -> Watch | None:
    """Return the watch in force on a chair at an instant."""
    in_force = Q(ended_at=None) | Q(ended_at__gt=at)
    return Watch.objects.filter(in_force, chair_id=chair_id, started_at__lte=at).order_by("-started_at").first()


def tile(watch: Watch, signal: str, *, at: datetime, stale_after: timedelta) -> Tile:
    """Return the headline of one signal at `at`: newest first by observation time, never a value of another watch."""
    last = latest(watch, signal, at=at, received=at)
    newest = last if last is None or last.value is not None else latest(watch, signal, at=at, received=at, valued=True)
    if last is None or newest is None:
        return Tile(signal, None, "", None, struck=False, source="", why="no reading yet")
    age = at - newest.observed_at
    if last.value is None and _after(last, newest):
        return Tile(signal, newest.value, newest.unit, age, struck=True, source=newest.source, why=last.reason)
    stale = age > stale_after
    return Tile(
        signal, newest.value, newest.unit, age, struck=stale, source=newest.source, why="stale" if stale else ""
    )


def latest(
    watch: Watch, signal: str, *, at: datetime, received: datetime | None = None, valued: bool = False
) -> Reading | None:
    """Return the last reading of a signal observed until `at`, and received until `received`; `valued`: the last with a value.

    It looks into each of the two tables by its index: asked of the view, a database reads the whole session for it.
    """
    until = {"watch": watch, "observed_at__lte": at, **({"received_at__lte": received} if received else {})}
    own = StoredReading.objects.filter(signal=signal, **until, **({"value__isnull": False} if valued else {}))
    found = [_of_stored(row) for row in own.order_by("-observed_at", "-pk")[:1]]
    if signal in STREAMED:
        streamed = StreamReading.objects.filter(**until, **{f"{signal}__isnull": False})
        found += [_of_stream(row, signal) for row in streamed.order_by("-observed_at", "-pk")[:1]]
    return max(found, key=lambda row: (row.observed_at, row.pk), default=None)


def _of_stored(row: StoredReading) -> Reading:
    pk = row.pk if row.seq is None else every_reading.key(row.seq, row.obx or 0)
    return Reading(pk=pk, **row.columns())


def _of_stream(row: StreamReading, signal: str) -> Reading:
    obx = every_reading.obx_of(row.places, signal)
    return Reading(
        pk=every_reading.key(row.seq, obx), watch_id=row.watch_id, device_id=row.device_id, signal=signal, value=getattr(row, signal),
        unit=Signal(signal).unit, observed_at=row.observed_at, received_at=row.received_at, source=Source.DEVICE, seq=row.seq, obx=obx,
    )  # fmt: skip


def _after(lost: Reading, newest: Reading) -> bool:
    """A later word, or a later message about the same instant (a device that takes its value back)."""
    same = lost.observed_at == newest.observed_at
    return lost.observed_at > newest.observed_at or (same and (lost.seq or 0) > (newest.seq or 0))
