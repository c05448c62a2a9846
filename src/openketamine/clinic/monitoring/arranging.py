"""Where somebody sits and where devices stand, from an instant on; what was charted since then follows.

A row that turns out to belong elsewhere stays as it is, is marked by a `Rebound` and read by nobody any more; the same is written
anew where it belongs, which may be with nobody. So whatever is said later, each thing that a device sent counts exactly once.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from openketamine.clinic.monitoring import evaluation, queries
from openketamine.clinic.monitoring.every_reading import STREAMED
from openketamine.clinic.monitoring.lookup import options
from openketamine.clinic.monitoring.models import (
    AlarmEvent,
    Chair,
    ChairMove,
    Device,
    DeviceAlarm,
    DeviceOnChair,
    Pulse,
    PumpStatement,
    Rebound,
    Source,
    StoredReading,
    StreamReading,
    Watch,
)
from openketamine.clinic.monitoring.seats import seats_of
from openketamine.core.monitoring.signal import Signal

TABLES: tuple[tuple[Any, str, str], ...] = (
    (StoredReading, "reading", "observed_at"),
    (StreamReading, "stream", "observed_at"),
    (PumpStatement, "pump", "at"),
    (DeviceAlarm, "alarm", "at"),
)
"""What devices send: its table, its name in a `Rebound`, and the instant that says whose it is."""
NOT_HERE = "measured where this person did not sit"


@dataclass(frozen=True, slots=True)
class Arranged:
    """What an arrangement changed of what was charted already: the rows that changed hands, and the alarms that follow from it."""

    rebound: list[Rebound]
    alarms: list[AlarmEvent]


@transaction.atomic
def arrange(
    *,
    seat: tuple[Watch, Chair] | None = None,
    devices: Mapping[Device, Chair | None] | None = None,
    since: datetime,
    by: str,
    at: datetime,
) -> Arranged:
    """Write that somebody sits on a chair and devices stand on chairs from an instant on, and bind anew what was charted since.

    The row of the inbox's cursor is locked first, so that no worker charts by what was known before. Raises IntegrityError when
    somebody else sits there now.
    """
    Pulse.objects.select_for_update().get_or_create(pk=1)
    placed = devices or {}
    speaking = {device.pk for device in placed}
    if seat is not None:
        speaking |= _seated(*seat, since, by, at)
    for device, chair in placed.items():
        DeviceOnChair(device=device, chair=chair, at=since, recorded_at=at, by=by).save()
    return _arranged(speaking, since, by, at)


@transaction.atomic
def end_anew(*, watch: Watch, ended_at: datetime | None, by: str, at: datetime) -> Arranged:
    """Write when a watch ended, or that it has not (None), and bind anew what devices have said since, or between the two ends."""
    Pulse.objects.select_for_update().get_or_create(pk=1)
    kept = Watch.objects.select_for_update().get(pk=watch.pk)
    since = min(end for end in (kept.ended_at, ended_at, at) if end is not None)
    kept.ended_at = watch.ended_at = ended_at
    kept.save(update_fields=["ended_at"])
    chairs = {seat.chair for seat in seats_of([kept])[kept.pk]}
    speaking = DeviceOnChair.objects.filter(chair__in=chairs).order_by().values_list("device", flat=True)
    return _arranged({*speaking}, since - timedelta.resolution, by, at)


def _arranged(speaking: Collection[int], since: datetime, by: str, at: datetime) -> Arranged:
    rebound = bound_anew(speaking, since, by, at)
    changed = {pk for row in rebound if row.reading_id or row.stream_id for pk in (row.watch_id, row.to_id) if pk}
    still_open = Watch.objects.filter(pk__in=changed, ended_at=None).order_by("pk").values_list("pk", flat=True)
    return Arranged(rebound, [event for pk in still_open for event in evaluation.anew(pk, at=at, why=NOT_HERE)])


def _seated(watch: Watch, chair: Chair, since: datetime, by: str, at: datetime) -> set[int]:
    """Write the move; return the devices that have ever stood on a chair on which this person sat."""
    kept = Watch.objects.select_for_update().get(pk=watch.pk)
    ChairMove(watch=kept, left_id=kept.chair_id, chair=chair, at=since, recorded_at=at, by=by).save()
    kept.chair = watch.chair = chair
    kept.save(update_fields=["chair"])
    chairs = {pk for pair in kept.chair_moves.values_list("left", "chair") for pk in pair}
    return set(DeviceOnChair.objects.filter(chair__in=chairs).order_by().values_list("device", flat=True))


def bound_anew(devices: Collection[int], since: datetime, by: str, at: datetime) -> list[Rebound]:
    """Bind what devices have said since an instant to who sat where they stood; what belongs elsewhere is marked and written anew."""
    whose = queries.belonging(list(devices), since=since)
    near = Watch.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since)).values("pk")
    found: list[Rebound] = []
    for table, name, instant in TABLES:
        rows = table.objects.filter(Q(watch=None) | Q(watch__in=near), rebound=None, device__in=devices)
        anew: dict[Any, list[models.Model]] = {}
        for row in rows.filter(**{f"{instant}__gte": since}).order_by(instant, "pk"):
            owner = whose(row.device_id, getattr(row, instant))
            if row.watch_id != (owner.pk if owner else None):
                found.append(Rebound(watch_id=row.watch_id, to=owner, at=at, by=by, **{name: row}))
                for copy in _copies(row, owner):
                    anew.setdefault(type(copy), []).append(copy)
        for copied, copies in anew.items():
            copied.objects.bulk_create(copies)
    Rebound.objects.bulk_create(found)
    return found


def _copies(row: Any, owner: Watch | None) -> Iterator[models.Model]:
    """Yield a row anew for another watch; of a stream each value, since its own row is the one of its message."""
    if isinstance(row, StreamReading):
        yield from (
            StoredReading(
                watch=owner, device_id=row.device_id, signal=name, value=value, unit=Signal(name).unit, observed_at=row.observed_at,
                received_at=row.received_at, source=Source.DEVICE, said_at=row.said_at,
            )
            for name in STREAMED
            if (value := getattr(row, name)) is not None
        )  # fmt: skip
        return
    columns = (one for one in options(type(row)).concrete_fields if not one.primary_key)
    fields = {one.attname: getattr(row, one.attname) for one in columns}
    of_message = {"seq": None, "obx": None} if isinstance(row, StoredReading) else {}
    yield type(row)(**{**fields, **of_message, "watch_id": owner.pk if owner else None})
