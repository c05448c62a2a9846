"""Pages that must never write: whatever they ask of the database, only SELECT comes through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from openketamine.clinic.audit.models import ImmutableError


class WriteRefusedError(ImmutableError):
    """A page that may only look was about to write; the message holds the first words of the statement."""


@contextmanager
def reading_only() -> Iterator[None]:
    """Raise WriteRefusedError for every statement that is no SELECT, before it reaches the database."""
    with connection.execute_wrapper(_refuse):
        yield


def only_reads(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view look at the database and never write to it."""

    @wraps(view)
    def looking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with reading_only():
            return view(request, *args, **kwargs)

    return looking


def _refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 - Django calls it so
    words = sql.split(maxsplit=3)
    if not words or words[0].lstrip("(").upper() != "SELECT":
        raise WriteRefusedError(f"{' '.join(words[:3])} ...: this page only looks and never writes")
    return execute(sql, params, many, context)
