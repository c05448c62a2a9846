"""A session frozen into one signed bundle: raw messages with it, one changed byte is found, and only who may takes it."""

import io
import zipfile

import pytest
from tests.builders import AT

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.monitoring.models import Device, StoredReading
from openketamine.clinic.recovery import incident
from openketamine.doors.hl7v2.inbox import Arrived, Inbox
from openketamine.site.commands.incident import frozen
from openketamine.site.commands.io import BadInput

pytestmark = pytest.mark.django_db
RAW = b"MSH|^~\\&|MON\rOBX|1|NM|spo2||97\r"


@pytest.fixture
def content(infused, settings):
    inbox = Inbox(settings.INBOX_PATH)
    seq, _other = inbox.store([Arrived(AT, "127.0.0.1", f"C{n}", "MON", "accept", "AA", "", RAW) for n in (1, 2)])
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    StoredReading(
        watch=infused.watch, device=device, signal="spo2", value=97.0, unit="%", observed_at=AT, received_at=AT, source="device", seq=seq, obx=1,
    ).save()  # fmt: skip
    return frozen(infused, "ada")


def test_it_holds_record_paper_audit_and_the_raw_messages_of_this_session_alone(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        raw = archive.read("raw/000000001.hl7")

    assert {"manifest.json", "record.json", "rows.json", "audit.json", "record.pdf", "appendix.pdf"} <= names
    assert raw == RAW
    assert "raw/000000002.hl7" not in names
    assert incident.faults(content) == []
    assert Entry.objects.filter(action="incident bundle taken", by="ada").count() == 1


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("raw/000000001.hl7", lambda held: held.replace(b"97", b"99"), "raw/000000001.hl7: was changed"),
        ("record.json", lambda _held: None, "record.json: is missing"),
        ("manifest.json", lambda held: held.replace(b'"by": "ada"', b'"by": "eve"'), "manifest.json: is not the one that was signed"),
    ],
)  # fmt: skip
def test_whatever_is_changed_afterwards_is_named(content, name, change, says):
    assert says in incident.faults(rewritten(content, name, change))


def test_what_was_added_is_named_too(content):
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("note.txt", "x")

    assert incident.faults(out.getvalue()) == ["note.txt: was added"]


def test_a_file_that_is_no_bundle_says_so():
    assert incident.faults(b"nothing")[0].startswith("not a bundle")


def test_a_nurse_takes_none(infused):
    with pytest.raises(BadInput, match="no owner or prescriber"):
        frozen(infused, "nils")


def rewritten(content, name, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            held = old.read(one)
            changed = change(held) if one == name else held
            if changed is not None:
                new.writestr(one, changed)
    return out.getvalue()
