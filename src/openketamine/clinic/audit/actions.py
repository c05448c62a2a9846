"""Writing and checking the audit chain."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from openketamine.clinic.audit.models import Entry

CHAIN_LOCK = 0x0C4A1  # any number that no other part of the clinic asks PostgreSQL to lock


@transaction.atomic
def record(*, by: str, at: datetime, action: str, patient: str = "", about: str = "", **detail: Any) -> Entry:
    """Append one audit row inside the caller's transaction and chain it to the last.

    One writer at a time: SQLite knows no other way, PostgreSQL is asked for a lock that ends with the transaction.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = Entry.objects.order_by("-pk").first()
    entry = Entry(
        at=at, by=by, action=action, patient=patient, record=about, detail=detail, previous=last.digest if last else ""
    )
    entry.digest = entry.computed_digest()
    entry.save()
    return entry


def first_broken() -> int | None:
    """Return the number of the first row whose hash or link does not hold, or None when the chain is whole."""
    previous = ""
    for entry in Entry.objects.order_by("pk").iterator():
        if entry.previous != previous or entry.digest != entry.computed_digest():
            return int(entry.pk)
        previous = entry.digest
    return None
