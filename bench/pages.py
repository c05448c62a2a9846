"""Chair pages without a screen: the event stream brings the headlines, the other parts are asked for when told, as `live.js` does."""

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field

APART_S, IDLE_S, CHART_APART_S, CHART_IDLE_S, DEVICE_IDLE_S = 0.3, 5.0, 2.0, 9.0, 15.0
OPENED_APART_S = 0.25  # nobody opens twenty pages at once
HEART = re.compile(rb'data-signal="heart_rate">.*?class="value">(\d+)', re.DOTALL)
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
UPTO = re.compile(rb'"upto": (\d+)')


@dataclass
class Page:
    """One page: the monitor of its chair, when which heart rate was on it, and how long each answer took by the part asked for."""

    reference: str
    watch: int
    device: str
    seen: list[tuple[float, int]] = field(default_factory=list)
    took_s: dict[str, list[float]] = field(default_factory=dict)
    upto: int = 0
    idle_s: float = IDLE_S


async def look(port, cookie, pages, seconds):
    """Keep pages open for so many seconds; each asks by itself after a time of its own, as `live.js` draws one."""
    until = time.perf_counter() + seconds
    for place, page in enumerate(pages):
        page.idle_s = IDLE_S + place / len(pages)
    await asyncio.gather(
        *(_stay(port, cookie, page, place * OPENED_APART_S, until) for place, page in enumerate(pages))
    )


async def _stay(port, cookie, page, opened_s, until):
    await asyncio.sleep(opened_s)
    changed = asyncio.Event()
    asking = asyncio.create_task(_changed(port, cookie, page, changed))
    while time.perf_counter() < until:
        try:
            await asyncio.wait_for(_hear(port, cookie, page, changed), max(0.1, until - time.perf_counter()))
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.2)
    asking.cancel()


async def _hear(port, cookie, page, changed):
    """Listen to the stream of events: the headlines come with it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_head(f"/stream/?watch={page.watch}", cookie))
    try:
        while True:
            told = await reader.readuntil(b"\n\n")
            if b"event: changed" in told:
                changed.set()
            elif b"event: streamed" in told:
                _note(page, told)
    finally:
        writer.close()


async def _changed(port, cookie, page, told):
    """All that changes by itself, the panel of the person's own phone, and the chart; also when nothing is told for a while."""
    line, drawn, asked = Line(port, cookie), 0.0, 0.0
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), page.idle_s)
        apart, device_apart = (CHART_APART_S, 0.0) if told.is_set() else (CHART_IDLE_S, DEVICE_IDLE_S)
        told.clear()
        began = time.perf_counter()
        _note(page, await line.ask(page, "live", f"/infusion/{page.reference}/live/"))
        if began - asked >= device_apart:
            asked = began
            await line.ask(page, "device", f"/p/device/{page.reference}/")
        if began - drawn >= apart:
            drawn = began
            found = UPTO.search(await line.ask(page, "chart", f"/infusion/{page.reference}/chart/?after={page.upto}"))
            page.upto = int(found[1]) if found else page.upto
        await asyncio.sleep(max(0.0, APART_S - (time.perf_counter() - began)))


def _note(page, answer):
    found = HEART.search(answer)
    if found:
        page.seen.append((time.time(), int(found[1])))


class Line:
    """One connection that stays open, as a browser's does."""

    def __init__(self, port, cookie):
        self._port, self._cookie, self._pair = port, cookie, None

    async def ask(self, page, part, path):
        """Return the body of an answer; empty when the server did not answer. A connection that was closed meanwhile is opened anew."""
        began, kept = time.perf_counter(), self._pair is not None
        head, body = await self._asked(path)
        if not head and kept:
            head, body = await self._asked(path)
        if head.startswith(b"HTTP/1.1 200"):
            page.took_s.setdefault(part, []).append(time.perf_counter() - began)
        return body

    async def _asked(self, path):
        try:
            if self._pair is None:
                self._pair = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._pair
            writer.write(_head(path, self._cookie))
            head = await reader.readuntil(b"\r\n\r\n")
            return head, await reader.readexactly(int(LENGTH.search(head)[1]))
        except (OSError, asyncio.IncompleteReadError, TypeError):
            self._pair = None
            return b"", b""


def _head(path, cookie):
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={cookie}\r\n\r\n".encode()
