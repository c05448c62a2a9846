"""`incident SESSION --out PATH --by NAME` freezes a session into one signed bundle; `incident --check PATH` says whether it is still the same."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.export import write_private
from openketamine.site.commands.io import BadInput

if TYPE_CHECKING:
    from openketamine.clinic.infusion.models import Infusion


def run(argv: list[str]) -> int:
    """Write a bundle, or check one: exit 1 when it was changed."""
    parser = Arguments("incident")
    parser.add_argument("session", metavar="SESSION", nargs="?", default="")
    parser.add_argument("--out", default="", metavar="PATH")
    parser.add_argument("--by", default="", metavar="NAME")
    parser.add_argument("--check", default="", metavar="PATH")
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    options = parser.parse_args(argv)
    setup(options.home, options.db)
    if options.check:
        return _checked(Path(options.check))
    for name in ("session", "out", "by"):
        if not getattr(options, name):
            raise BadInput(
                f"{name}: is empty; give SESSION, --out PATH and --by NAME (who asks for it), or --check PATH"
            )
    content = frozen(_session(options.session), options.by)
    write_private(Path(options.out), content)
    print(f"openketamine: wrote {options.out} ({len(content)} bytes)", file=sys.stderr)
    return 0


def frozen(infusion: "Infusion", by: str) -> bytes:
    """Return the bundle of a session as it stands now, and write down who took it; an owner or prescriber alone may."""
    from django.db import transaction

    import openketamine
    from openketamine.clinic.audit import actions as audit
    from openketamine.clinic.people.models import Role, Staff
    from openketamine.clinic.recovery import incident
    from openketamine.site import clock

    if not Staff.objects.filter(username=by, is_active=True, role__in=[Role.OWNER, Role.PRESCRIBER]).exists():
        raise BadInput(f"--by = {by!r}: is no owner or prescriber of this clinic")
    about = {
        "format": "openketamine-incident", "version": 1, "software": openketamine.__version__, "session": infusion.reference,
        "taken_at": clock.wall().isoformat(), "by": by,
    }  # fmt: skip
    with transaction.atomic():
        content = incident.bundle(_files(infusion), about)
        audit.record(
            by=by, at=clock.clinic_time(), action="incident bundle taken", patient=infusion.patient.reference,
            about=f"session {infusion.reference}",
        )  # fmt: skip
    return content


def _files(infusion: "Infusion") -> dict[str, bytes]:
    from django.conf import settings

    from openketamine.clinic.audit.models import Entry
    from openketamine.clinic.recovery import appendix, paper
    from openketamine.clinic.recovery.models import Signature
    from openketamine.clinic.recovery.record import record

    entries = Entry.objects.filter(record=f"session {infusion.reference}").order_by("pk")
    signed = Signature.objects.filter(infusion=infusion).values("digest", "signature", "public_key", "by", "at").first()
    files = {
        "record.json": _json(record(infusion)), "rows.json": _json(appendix.rows(infusion)), "signature_of_record.json": _json(signed),
        "audit.json": _json(list(entries.values())), "record.pdf": paper.pdf(infusion), "appendix.pdf": paper.everything(infusion),
    }  # fmt: skip
    return {**files, **_raw(infusion, Path(settings.INBOX_PATH))}


def _raw(infusion: "Infusion", path: Path) -> dict[str, bytes]:
    """Every stored message that something of this session came from, as it arrived."""
    from openketamine.clinic.monitoring.models import DeviceAlarm, PumpStatement, StoredReading, StreamReading
    from openketamine.doors.hl7v2.inbox import Inbox

    numbers: set[int] = set()
    for model in (StoredReading, StreamReading, PumpStatement, DeviceAlarm):
        numbers |= set(model.objects.filter(watch=infusion.watch).exclude(seq=None).values_list("seq", flat=True))
    if not numbers or not path.exists():
        return {}
    most = max(numbers) - min(numbers) + 1
    stored = Inbox(path).since(min(numbers) - 1, most)
    return {f"raw/{one.seq:09d}.hl7": one.arrived.raw for one in stored if one.seq in numbers}


def _session(reference: str) -> "Infusion":
    from openketamine.clinic.infusion.models import Infusion

    found = Infusion.objects.filter(reference=reference).first()
    if found is None:
        raise BadInput(
            f"SESSION = {reference!r}: no session has this reference; it stands in the address of its chair page"
        )
    return found


def _checked(path: Path) -> int:
    from openketamine.clinic.recovery import incident

    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"--check = {path}: cannot be read ({error.strerror})") from error
    found = incident.faults(content)
    for line in found:
        print(line)
    if not found:
        print("whole: every file is the one that was signed")
    return 1 if found else 0


def _json(values: Any) -> bytes:
    from django.core.serializers.json import DjangoJSONEncoder

    return json.dumps(values, cls=DjangoJSONEncoder, indent=1, sort_keys=True, ensure_ascii=False).encode()
