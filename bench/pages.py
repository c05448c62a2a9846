"""Chair pages without a screen: each holds the event stream and fetches its live part when told, as `live.js` does."""

import asyncio
import re
import time
from dataclasses import dataclass, field

APART_S = 0.5
HEART = re.compile(rb'data-signal="heart_rate">.*?class="value">(\d+)', re.DOTALL)


@dataclass
class Page:
    """One page: the monitor of its chair, and when which heart rate was on it."""

    reference: str
    watch: int
    device: str
    seen: list[tuple[float, int]] = field(default_factory=list)


async def look(port, cookie, pages, seconds):
    """Keep pages open for so many seconds."""
    await asyncio.gather(*(_stay(port, cookie, page, time.perf_counter() + seconds) for page in pages))


async def _stay(port, cookie, page, until):
    told, fetching = asyncio.Event(), None
    fetching = asyncio.create_task(_fetch(port, cookie, page, told))
    while time.perf_counter() < until:
        try:
            await asyncio.wait_for(_hear(port, cookie, page, told), max(0.1, until - time.perf_counter()))
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.2)
    fetching.cancel()


async def _hear(port, cookie, page, told):
    reader, writer = await _ask(port, cookie, f"/stream/?watch={page.watch}")
    try:
        while line := await reader.readline():
            if b"event: changed" in line:
                told.set()
    finally:
        writer.close()


async def _fetch(port, cookie, page, told):
    while True:
        await told.wait()
        told.clear()
        began = time.perf_counter()
        try:
            reader, writer = await _ask(port, cookie, f"/infusion/{page.reference}/live/")
            answer = await reader.read()
            writer.close()
        except OSError:
            continue
        found = HEART.search(answer)
        if found:
            page.seen.append((time.time(), int(found[1])))
        await asyncio.sleep(max(0.0, APART_S - (time.perf_counter() - began)))


async def _ask(port, cookie, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={cookie}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    await writer.drain()
    return reader, writer
