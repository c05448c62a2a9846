"""Questions about readings: whose are they, which is the newest, how old is it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Q, QuerySet
from django.utils import timezone

from openketamine.clinic.monitoring import lookup
from openketamine.clinic.monitoring.lookup import Ask
from openketamine.clinic.monitoring.models import (
    Chair,
    ChairMove,
    Device,
    DeviceAlarm,
    DeviceOnChair,
    PumpStatement,
    Reading,
    StoredReading,
    StreamReading,
    Watch,
)
from openketamine.clinic.monitoring.seats import Seat, seats_of
from openketamine.clinic.ui.templatetags.units import spoken
from openketamine.core.monitoring.alarm import REMEMBERED_GAPS

NEEDED = ("chair", "started_at", "ended_at", "patient__family_name")  # what "whose is it?" asks of a watch


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
    moves: dict[int, list[tuple[datetime, int | None]]] = {}
    rows = DeviceOnChair.objects.filter(device__in=devices).order_by("-at", "-pk")
    for device, at, chair in rows.values_list("device", "at", "chair"):
        moves.setdefault(device, []).append((at, chair))
    chairs = {chair for of_device in moves.values() for _at, chair in of_device if chair is not None}
    moved = ChairMove.objects.filter(Q(left__in=chairs) | Q(chair__in=chairs)).values("watch")
    touching = Watch.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), Q(chair__in=chairs) | Q(pk__in=moved))
    watches = list(touching.select_related("patient").only(*NEEDED).order_by("-started_at"))
    seats, taken = seats_of(watches), dict[int, list[tuple[Seat, Watch]]]()
    for watch in watches:
        for seat in seats[watch.pk]:
            taken.setdefault(seat.chair, []).append((seat, watch))

    def whose(device: int, at: datetime) -> Watch | None:
        chair = next((chair for since, chair in moves.get(device, ()) if since <= at), None)
        return next((watch for seat, watch in taken.get(chair or 0, ()) if seat.holds(at)), None)

    return whose


def messages_of(watches: QuerySet[Watch], among: Q | None = None) -> set[int]:
    """Return the numbers of the stored messages that something of these watches came from, also where it was bound anew."""
    tables = (StoredReading, StreamReading, PumpStatement, DeviceAlarm)
    theirs = (among or Q()) & (Q(watch__in=watches) | Q(rebound__to__in=watches))
    rows = (table.objects.filter(theirs).exclude(seq=None).order_by() for table in tables)
    return {seq for found in rows for seq in found.values_list("seq", flat=True)}


def chair_of(device: Device, *, at: datetime) -> Chair | None:
    """Return the chair a device stood on at an instant."""
    moves = DeviceOnChair.objects.filter(device=device, at__lte=at).select_related("chair")
    move = moves.order_by("-at", "-pk").first()
    return move.chair if move else None


def last_words(device: Device) -> str:
    """Return the newest value a device charted, in words; empty when it has charted none."""
    newest = Reading.objects.filter(device=device).exclude(value=None).order_by("-pk").first()
    return (
        f"{newest.signal} {newest.value:g} {spoken(newest.unit)} ({timezone.localtime(newest.observed_at):%H:%M:%S})"
        if newest
        else ""
    )


def standing_on(chair: Chair, *, at: datetime) -> list[int]:
    """Return the devices that stand on a chair at an instant."""
    moves = DeviceOnChair.objects.filter(at__lte=at).order_by("at", "pk").values_list("device", "chair")
    return [device for device, place in dict(moves).items() if place == chair.pk]


@dataclass(frozen=True, slots=True)
class Newest:
    """What was last heard of a signal: the last word, which may be that there is no value, and the last value.

    `gaps_s` are the last intervals between the values of devices.
    """

    word: Reading | None
    value: Reading | None
    gaps_s: tuple[float, ...] = ()

    def tile(self, signal: str, *, at: datetime, stale_after: timedelta) -> Tile:
        """Return the headline at `at`: newest first by observation time, never a value of another watch."""
        last, newest = self.word, self.value
        if last is None or newest is None:
            return Tile(signal, None, "", None, struck=False, source="", why="no reading yet")
        age = at - newest.observed_at
        if last.value is None and _after(last, newest):
            return Tile(signal, newest.value, newest.unit, age, struck=True, source=newest.source, why=last.reason)
        stale = age > stale_after
        why = "stale" if stale else ""
        return Tile(signal, newest.value, newest.unit, age, struck=stale, source=newest.source, why=why)


def newest(watch: int, signals: Sequence[str], *, at: datetime) -> dict[str, Newest]:
    """Return what was last heard of each signal by an instant: observed and received until then."""
    words = [Ask(signal, at, received=at, valued=False) for signal in signals]
    values = [Ask(signal, at, received=at) for signal in signals]
    sent = [Ask(signal, at, received=at, of_device=True, most=REMEMBERED_GAPS + 1) for signal in signals]
    found = lookup.several(watch, [*words, *values, *sent])
    count = len(signals)
    return {signal: _newest(*found[number::count]) for number, signal in enumerate(signals)}


def _newest(words: Sequence[Reading], values: Sequence[Reading], sent: Sequence[Reading]) -> Newest:
    word, value = next(iter(words), None), next(iter(values), None)
    gaps = ((later.observed_at - earlier.observed_at).total_seconds() for later, earlier in pairwise(sent))
    return Newest(
        word, word if word is None or word.value is not None else value, tuple(one for one in gaps if one > 0)
    )


def tile(watch: Watch, signal: str, *, at: datetime, stale_after: timedelta) -> Tile:
    """Return the headline of one signal at `at`."""
    return newest(watch.pk, [signal], at=at)[signal].tile(signal, at=at, stale_after=stale_after)


def _after(lost: Reading, newest: Reading) -> bool:
    """A later word, or a later message about the same instant (a device that takes its value back)."""
    same = lost.observed_at == newest.observed_at
    return lost.observed_at > newest.observed_at or (same and (lost.seq or 0) > (newest.seq or 0))
