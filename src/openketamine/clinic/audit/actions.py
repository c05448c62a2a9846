"""Writing and checking the audit chain."""

from datetime import datetime
from typing import Any

from django.db import transaction

from openketamine.clinic.audit.models import Entry


@transaction.atomic
def record(*, by: str, at: datetime, action: str, patient: str = "", about: str = "", **detail: Any) -> Entry:
    """Append one audit row inside the caller's transaction and chain it to the last."""
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
