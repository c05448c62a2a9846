"""The clinic's one clock. Demo time is origin + rate x wall time, kept in one row that every process reads."""

from collections.abc import Callable
from datetime import UTC, datetime

_source: list[Callable[[], datetime]] = []


def wall() -> datetime:
    """Return wall time in UTC: for sign-in, cookies, tokens and signatures."""
    return datetime.now(UTC)


def use(source: Callable[[], datetime]) -> None:
    """Let the outermost caller say where clinic time comes from."""
    _source[:] = [source]


def now() -> datetime:
    """Return clinic time in UTC: the clock of readings, alarms and events."""
    return _source[0]() if _source else wall()
