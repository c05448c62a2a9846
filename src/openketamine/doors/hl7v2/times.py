"""HL7 times (YYYYMMDD[HH[MM[SS[.s]]]][+/-ZZZZ]) to UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

FORM = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,6})\d*)?([+-]\d{4})?", re.ASCII)


@lru_cache(maxsize=1024)
def read(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Return an instant in UTC; a time without a zone is in `zone`. None for what is no time or has no hour."""
    found = FORM.fullmatch(text.strip())
    if found is None or found[4] is None:
        return None
    year, month, day, hour = (int(found[i]) for i in (1, 2, 3, 4))
    fraction = int((found[7] or "0").ljust(6, "0"))
    try:
        local = datetime(
            year, month, day, hour, int(found[5] or 0), int(found[6] or 0), fraction, _zone(found[8], zone)
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def zone_of(text: str, otherwise: tzinfo) -> tzinfo:
    """Return the zone that a time carries; HL7 lets MSH-7's zone stand for every time of its message. One that cannot be is none."""
    found = FORM.fullmatch(text.strip())
    try:
        return _zone(found[8] if found else None, otherwise)
    except ValueError:
        return otherwise


def _zone(text: str | None, zone: tzinfo) -> tzinfo:
    """Return a zone as it is written; raises ValueError for one of a whole day or more."""
    if text is None:
        return zone
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    return timezone(-offset if text[0] == "-" else offset)
