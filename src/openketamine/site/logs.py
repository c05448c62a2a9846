"""What reaches the log: time, level, what happened where; never a name, a value or a link's secret."""

import logging
import re
import traceback

SECRET_LINK = re.compile(r"(/p/[a-z-]+/)[^/\s]+")
SPEAK_FOR_THEMSELVES = ("django.request", "django.security", "uvicorn")
"""Loggers whose arguments are addresses and reasons; of any other only the template is written."""


class NoPersonalData(logging.Formatter):
    """One line a record. An exception is its type and its places: its message may carry what somebody typed."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        known = record.name.startswith(SPEAK_FOR_THEMSELVES)
        said = SECRET_LINK.sub(r"\1...", record.getMessage() if known else str(record.msg))
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {said}"
        return f"{line} [{places(record.exc_info[1])}]" if record.exc_info and record.exc_info[1] else line


def places(error: BaseException) -> str:
    """Return the type of an exception and where it passed, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return " ".join(
        [type(error).__name__, *(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames)]
    )
