"""The bundle of a frozen session: record, both papers, rows, audit rows, and each device message that something of it came from."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

import openketamine
from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion.models import Incident, Infusion
from openketamine.clinic.monitoring import queries
from openketamine.clinic.monitoring.models import Watch
from openketamine.clinic.recovery import appendix, incident, paper
from openketamine.clinic.recovery.models import Signature
from openketamine.clinic.recovery.record import record
from openketamine.clinic.recovery.since_frozen import since_frozen
from openketamine.doors.hl7v2.inbox import Inbox, Stored
from openketamine.site import clock


def taken(frozen: Incident, by: str) -> bytes:
    """Return the bundle of a frozen session as it stands now, and write down who took it."""
    infusion = frozen.infusion
    about = {
        "format": "openketamine-incident", "version": 1, "software": openketamine.__version__, "session": infusion.reference,
        "taken_at": clock.wall().isoformat(), "by": by,
    }  # fmt: skip
    with transaction.atomic():
        content = incident.bundle(_files(frozen), about)
        audit.record(
            by=by, at=clock.clinic_time(), action=incident.TAKEN, patient=infusion.patient.reference, about=f"session {infusion.reference}",
        )  # fmt: skip
    return content


def _files(frozen: Incident) -> dict[str, bytes]:
    infusion = frozen.infusion
    entries = Entry.objects.filter(record=f"session {infusion.reference}").order_by("pk")
    signed = Signature.objects.filter(infusion=infusion).values("digest", "signature", "public_key", "by", "at").first()
    why = {"at": frozen.at, "by": frozen.by, "reason": frozen.reason, "digest_of_record_then": frozen.digest}
    files = {
        "incident.json": _json(why), "record.json": _json(record(infusion)), "rows.json": _json(appendix.rows(infusion)),
        "record_as_frozen.json": _json(frozen.record), "after_the_freeze.json": _json([one.plain() for one in since_frozen(infusion)]),
        "signature_of_record.json": _json(signed), "audit.json": _json(list(entries.values())), "record.pdf": paper.pdf(infusion),
        "appendix.pdf": paper.everything(infusion),
    }  # fmt: skip
    return {**files, **_raw(infusion, Path(settings.INBOX_PATH))}


def _raw(infusion: Infusion, path: Path) -> dict[str, bytes]:
    """Every stored message that something of this session came from, as it arrived; one whose bytes are gone says so."""
    numbers = queries.messages_of(Watch.objects.filter(pk=infusion.watch_id))
    if not numbers or not path.exists():
        return {}
    most = max(numbers) - min(numbers) + 1
    stored = Inbox(path).since(min(numbers) - 1, most)
    return dict(_file(one) for one in stored if one.seq in numbers)


def _file(one: Stored) -> tuple[str, bytes]:
    """Return the name and the content of one message."""
    if one.arrived.raw is not None:
        return f"raw/{one.seq:09d}.hl7", one.arrived.raw
    said = (
        f"message {one.seq} of {one.arrived.device}, received {one.arrived.received_at.isoformat()}: {one.bytes_say}\n"
        f"{one.size} bytes, SHA-256 {one.digest}\n"
    )
    return f"raw/{one.seq:09d}.no-longer-kept.txt", said.encode()


def _json(values: Any) -> bytes:
    return json.dumps(values, cls=DjangoJSONEncoder, indent=1, sort_keys=True, ensure_ascii=False).encode()
