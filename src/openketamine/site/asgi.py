"""The only entry point of the pages: an event stream needs ASGI."""

import os
from asyncio import Semaphore
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openketamine.site.settings")  # noqa: TID251 - Django finds its settings here

ASKED_BY_PAGES = ("/live/", "/chart/")
AT_A_TIME = 2


class OnKeptThreads:
    """Django, each request on a thread that outlives it: with the thread stays its connection to the database.

    Left to itself Django starts a thread and opens a connection for each request, which costs more than most pages do.
    What pages ask for by themselves stands in a line: where all of them ask at once, neither the newest values, which come with the
    event stream, nor what somebody records waits for all of it.
    """

    def __init__(self, pages: Callable[..., Awaitable[None]]) -> None:
        self._pages = pages
        self._free: list[ThreadPoolExecutor] = []
        self._line = Semaphore(AT_A_TIME)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        async with self._line if scope.get("path", "").endswith(ASKED_BY_PAGES) else nullcontext():
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer on a thread; no two requests share one."""
        thread = self._free.pop() if self._free else ThreadPoolExecutor(max_workers=1)
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self._pages(scope, receive, send)
        finally:
            self._free.append(thread)


application = OnKeptThreads(get_asgi_application())
_ = get_resolver().url_patterns  # every page is read now, not when the first person waits for one
