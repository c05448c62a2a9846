"""One hub task per process watches the database and tells every open page that something changed.

Streams touch no ORM: they wait on the hub. Each beat carries the time of the last completed alarm tick and the last inbox
number processed, so that a page knows when alarms are not being evaluated, and the headlines of the chairs that are looked at.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from contextvars import Context
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.db.models import Max

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.chart.headlines import Headlines
from openketamine.clinic.monitoring.models import (
    AlarmEvent,
    DeviceAlarm,
    DeviceNotice,
    Pulse,
    PumpStatement,
    StoredReading,
    StreamReading,
    Watch,
)
from openketamine.clinic.people.clinic_time import zone
from openketamine.clinic.ui import clock

TABLES: tuple[Any, ...] = (StoredReading, StreamReading, AlarmEvent, DeviceAlarm, DeviceNotice, PumpStatement)
LOOK_EVERY_S = 0.25
LONGEST_S = 300.0
TICK_TOO_OLD_S = 5.0
Onlooker = tuple[int, str]
"""The watch whose headlines a page shows, and the language of the page."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What the hub saw last: a version that moves with every change, the last alarm tick, the last message processed.

    `everybody` is the last thing that people did with no one person; `places` and `streams` are what is new of each watch, what
    monitors stream apart; `headlines` is what that came to, as HTML.
    """

    version: str
    tick_at: datetime | None
    inbox_seq: int
    clinic_now: datetime
    everybody: int = 0
    places: dict[int, str] = field(default_factory=dict)
    streams: dict[int, int] = field(default_factory=dict)
    headlines: Mapping[Onlooker, str] = field(default_factory=dict)

    def version_of(self, watch: int | None) -> str:
        """Return the version of what one watch shows, or of everything; `.` stands before what monitors stream."""
        if watch is None:
            return self.version
        return f"{self.done(watch)}.{self.streams.get(watch, 0)}"

    def done(self, watch: int) -> str:
        """Return what moves with everything that concerns a watch, but for what its monitor streams."""
        return f"{self.places.get(watch, '')}{self.everybody}"

    def data(self, wall: datetime) -> str:
        """Return the beat as JSON; `evaluated` is false when the last tick is older than five seconds."""
        age = None if self.tick_at is None else (wall - self.tick_at).total_seconds()
        evaluated = age is not None and age <= TICK_TOO_OLD_S
        now = self.clinic_now.isoformat()
        return json.dumps({"evaluated": evaluated, "tick_age_s": age, "inbox_seq": self.inbox_seq, "now": now})


class Hub:
    """Looks at the database four times a second while anybody listens."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._listeners = 0
        self._onlookers: Counter[Onlooker] = Counter()
        self._beat: Beat | None = None
        self._fresh = asyncio.Condition()

    async def beats(self, onlooker: Onlooker | None = None) -> AsyncIterator[Beat]:
        """Yield each new beat; for an onlooker it carries the headlines too."""
        self._listeners += 1
        self._onlookers.update([onlooker] if onlooker else [])
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch(), context=Context())  # it outlives the page that came first
        try:
            while True:
                async with self._fresh:
                    await self._fresh.wait()
                if self._beat is not None:
                    yield self._beat
        finally:
            self._listeners -= 1
            self._onlookers.subtract([onlooker] if onlooker else [])

    async def _watch(self) -> None:
        eyes = Eyes()
        while self._listeners > 0:
            try:
                self._beat = await sync_to_async(eyes.look)([one for one, many in self._onlookers.items() if many])
            except Exception:  # noqa: BLE001 - a database that is away must not end the hub: pages see the beat stop
                self._beat = None
            async with self._fresh:
                self._fresh.notify_all()
            await asyncio.sleep(LOOK_EVERY_S)


class Eyes:
    """What was newest when the database was last looked at; a chair's page is told of its own chair and its own person only."""

    def __init__(self) -> None:
        self._places: dict[int, str] = {}
        self._streams: dict[int, int] = {}
        self._newest: dict[type[Any], int] = {}
        self._everybody = 0
        self._headlines = Headlines()
        self._shown: dict[Onlooker, tuple[int, str]] = {}

    def look(self, onlookers: Collection[Onlooker] = ()) -> Beat:
        """Read what moves: the newest audit row, then what machines said watch by watch, and the pulse of the worker."""
        close_old_connections()
        self._look_at_people()
        for table in TABLES:
            self._look_at(table)
        pulse = Pulse.objects.first() or Pulse()
        others = "-".join(str(number) for table, number in self._newest.items() if table is not StreamReading)
        seen = dict(self._places), dict(self._streams)
        version = f"{others}.{self._newest[StreamReading]}-{pulse.inbox_seq}"
        beat = Beat(version, pulse.tick_at, pulse.inbox_seq, clock.now().astimezone(zone()), self._everybody, *seen)
        return replace(beat, headlines=self._seen_by(onlookers, beat))

    def _seen_by(self, onlookers: Collection[Onlooker], beat: Beat) -> dict[Onlooker, str]:
        """Return the headlines of each watch that is looked at and whose monitor has spoken; rendered anew when it has since."""
        self._shown = {one: shown for one, shown in self._shown.items() if one in onlookers}
        for watch, language in onlookers:
            number = self._streams.get(watch)
            if number is not None and self._shown.get((watch, language), (0, ""))[0] != number:
                html = self._headlines.html(watch, beat.done(watch), language, at=beat.clinic_now)
                self._shown[watch, language] = number, html
        return {onlooker: html for onlooker, (_number, html) in self._shown.items()}

    def _look_at_people(self) -> None:
        """Note what people have done: with one person, for the pages of that person; with nobody named, for every page."""
        if Entry not in self._newest:
            self._newest[Entry] = self._everybody = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
            return
        named: dict[str, int] = {}
        for number, patient in (
            Entry.objects.filter(pk__gt=self._newest[Entry]).order_by("pk").values_list("pk", "patient")
        ):
            self._newest[Entry] = number
            if patient:
                named[patient] = number
            else:
                self._everybody = number
        watches = Watch.objects.filter(patient__reference__in=named) if named else Watch.objects.none()
        for watch, patient in watches.values_list("pk", "patient__reference"):
            self._places[watch] = f"Entry{named[patient]} "

    def _look_at(self, table: type[Any]) -> None:
        """Note which watches have new rows of one table."""
        if table not in self._newest:
            self._newest[table] = table.objects.aggregate(last=Max("pk"))["last"] or 0
            return
        fresh = table.objects.filter(pk__gt=self._newest[table]).order_by("pk").values_list("pk", "watch")
        for number, watch in fresh:
            self._newest[table] = number
            if watch is not None and table is StreamReading:
                self._streams[watch] = number
            elif watch is not None:
                self._places[watch] = f"{table.__name__}{number} "


async def events(hub: Hub, watch: int | None = None, language: str = "") -> AsyncIterator[bytes]:
    """Yield server-sent events: `changed` when something did, `beat` each time; ends by itself after five minutes.

    With `watch`, only what concerns one watch, its person, or nobody in particular counts as a change. Where its monitor streams, the
    event `streamed` holds the headlines in a `language`, before anything else is told; without one nothing is told of that.
    """
    yield b"retry: 1000\n\n"
    version, began = "", asyncio.get_running_loop().time()
    onlooker = (watch, language) if watch is not None and language else None
    async for beat in hub.beats(onlooker):
        now = beat.version_of(watch)
        done, streamed = moved(version, now)
        headlines = beat.headlines.get(onlooker) if onlooker and streamed else None
        if headlines:
            yield _event("streamed", headlines, version=now)
        if done or (onlooker and streamed and not headlines):
            yield _event("changed", now, version=now)
        version = now
        yield f"event: beat\ndata: {beat.data(clock.wall())}\n\n".encode()
        if asyncio.get_running_loop().time() - began > LONGEST_S:
            return


def moved(before: str, now: str) -> tuple[bool, bool]:
    """Say of a version whether more was done since one before, and whether more was streamed; to a page just opened all was done."""
    (done_before, _, streamed_before), (done, _, streamed) = before.partition("."), now.partition(".")
    return done != done_before, before != "" and streamed != streamed_before


def _event(kind: str, data: str, *, version: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"id: {version}\nevent: {kind}\n{lines}\n".encode()
