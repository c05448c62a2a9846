"""The only entry point of the pages: an event stream needs ASGI."""

import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openketamine.site.settings")  # noqa: TID251 - Django finds its settings here


class OnKeptThreads:
    """Django, each request on a thread that outlives it: with the thread stays its connection to the database.

    Left to itself Django starts a thread and opens a connection for each request, which costs more than most pages do.
    """

    def __init__(self, pages: Callable[..., Awaitable[None]]) -> None:
        self._pages = pages
        self._free: list[ThreadPoolExecutor] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request; no two share a thread."""
        thread = self._free.pop() if self._free else ThreadPoolExecutor(max_workers=1)
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self._pages(scope, receive, send)
        finally:
            self._free.append(thread)


application = OnKeptThreads(get_asgi_application())
_ = get_resolver().url_patterns  # every page is read now, not when the first person waits for one
