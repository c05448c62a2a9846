"""The signed bundle of a frozen session: raw messages with it, one changed byte is found, and only who may takes it."""

import hashlib
import io
import json
import re
import warnings
import zipfile

import pytest
from django.urls import reverse
from tests.builders import AT, make_staff

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion.models import Incident
from openketamine.clinic.monitoring.models import Device, StoredReading
from openketamine.clinic.people.models import Role
from openketamine.clinic.recovery import incident
from openketamine.doors.hl7v2.inbox import Arrived, Inbox
from openketamine.site import cli
from openketamine.site.commands import incident as command
from openketamine.site.commands.incident import taken
from openketamine.site.commands.io import BadInput

pytestmark = pytest.mark.django_db
RAW = b"MSH|^~\\&|MON\rOBX|1|NM|spo2||97\r"


@pytest.fixture
def content(prescriber, sat, settings):
    inbox = Inbox(settings.INBOX_PATH)
    seq, _other = inbox.store([Arrived(AT, "127.0.0.1", f"C{n}", "MON", "accept", "AA", "", RAW) for n in (1, 2)])
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    StoredReading(
        watch=sat.watch, device=device, signal="spo2", value=97.0, unit="%", observed_at=AT, received_at=AT, source="device", seq=seq, obx=1,
    ).save()  # fmt: skip
    return taken(sat, "ada", "she fell")


def test_it_holds_record_paper_audit_and_the_raw_messages_of_this_session_alone(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        raw = archive.read("raw/000000001.hl7")

    assert {
        "manifest.json",
        "incident.json",
        "record.json",
        "rows.json",
        "audit.json",
        "record.pdf",
        "appendix.pdf",
    } <= names
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


def test_two_files_of_one_name_are_told_whichever_of_them_is_the_signed_one(content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new, zipfile.ZipFile(io.BytesIO(content)) as old:
        new.writestr("record.pdf", b"tampered")
        for name in old.namelist():
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", UserWarning
                )  # zipfile warns of the second name, which is what is made here
                new.writestr(name, old.read(name))

    assert incident.faults(out.getvalue()) == ["record.pdf: is there more than once"]


def test_no_changed_byte_of_a_bundle_ends_the_check_in_anything_but_words(now):
    whole = incident.bundle({"record.json": b"a record " * 20}, {"session": "x"})
    wrong = [
        incident.faults(bytes([*whole[:place], whole[place] ^ flipped, *whole[place + 1 :]]))
        for place in range(len(whole))
        for flipped in (0xFF, 0x01, 0x08)
    ]

    assert incident.faults(whole) == []
    assert all(isinstance(said, str) and said for found in wrong for said in found)


def test_a_message_whose_bytes_are_no_longer_kept_is_named_with_its_digest(prescriber, sat, content, settings):
    inbox = Inbox(settings.INBOX_PATH)
    inbox.let_go([1], held=set(), days=30)
    inbox.close()

    again = taken(sat, "ada", "she fell")
    with zipfile.ZipFile(io.BytesIO(again)) as archive:
        said = archive.read("raw/000000001.no-longer-kept.txt").decode()
    assert incident.faults(again) == []
    assert "bytes no longer kept (clinic's policy, 30 days)" in said
    assert hashlib.sha256(RAW).hexdigest() in said


def test_a_file_that_is_no_bundle_says_so():
    assert incident.faults(b"nothing")[0].startswith("not a bundle")


def test_a_nurse_takes_none(sat):
    with pytest.raises(BadInput, match="no owner or prescriber"):
        taken(sat, "nils", "she fell")
    assert Incident.objects.count() == 0


def test_the_page_gives_the_same_files_and_writes_down_each_time_who_took_them(prescriber, sat, content):
    answer = prescriber.client.post(reverse("incident-bundle", args=[sat.reference]))

    held = [zipfile.ZipFile(io.BytesIO(one)) for one in (content, answer.content)]
    assert answer["Content-Type"] == "application/zip"
    assert incident.faults(answer.content) == []
    assert held[0].read("rows.json") == held[1].read("rows.json")
    assert {*held[0].namelist()} == {*held[1].namelist()}
    assert json.loads(held[1].read("incident.json"))["reason"] == "she fell"
    assert [entry.by for entry in Entry.objects.filter(action=incident.TAKEN)] == ["ada", "ada"]


def test_a_session_that_is_not_frozen_has_no_bundle(prescriber, sat):
    assert prescriber.client.post(reverse("incident-bundle", args=[sat.reference])).status_code == 404


@pytest.fixture
def run(monkeypatch, prescriber):
    """The command in this process, on the clinic of the test."""
    monkeypatch.setattr(command, "setup", lambda *_: None)
    return lambda *words: cli.run(["incident", *map(str, words)])


def test_the_command_freezes_writes_a_private_file_and_checks_it(run, sat, tmp_path, capsys):
    make_staff(Role.OWNER)
    out = tmp_path / "bundle.zip"

    assert run(sat.reference, "--reason", "she fell", "--by", "otto", "--out", out) == 0
    assert (Incident.objects.get().reason, Incident.objects.get().by) == ("she fell", "otto")
    assert out.stat().st_mode & 0o777 == 0o600
    assert run("--check", out) == 0
    assert "whole" in capsys.readouterr().out

    out.write_bytes(rewritten(out.read_bytes(), "record.json", lambda held: held + b" "))
    assert run("--check", out) == 1
    assert "record.json: was changed" in capsys.readouterr().out


def test_the_check_tells_the_fingerprint_of_the_key_and_a_bundle_signed_anew_by_somebody_else_is_not_whole(
    run, sat, content, settings, tmp_path, capsys
):
    out = tmp_path / "bundle.zip"
    out.write_bytes(content)
    assert run("--check", out) == 0
    genuine = capsys.readouterr().out
    assert "whole: every file is the one that was signed, with the key of this clinic" in genuine

    own, settings.SIGNING_KEY_PATH = settings.SIGNING_KEY_PATH, tmp_path / "forger.key"
    out.write_bytes(incident.bundle({"record.json": b"forged"}, {"session": sat.reference}))
    settings.SIGNING_KEY_PATH = own
    assert run("--check", out) == 1
    forged = capsys.readouterr().out
    fingerprint = re.search(r"that signed it: ([0-9a-f ]+)", genuine)[1]
    assert f"another key than that of this clinic, whose fingerprint is {fingerprint}" in forged
    assert "whole" not in forged


def test_where_no_clinic_has_a_key_the_check_says_that_it_cannot_compare_it_and_makes_none(
    run, content, settings, tmp_path, capsys
):
    out = tmp_path / "bundle.zip"
    out.write_bytes(content)
    settings.SIGNING_KEY_PATH = tmp_path / "none.key"

    assert run("--check", out) == 0
    assert "whose that is cannot be compared here" in capsys.readouterr().out
    assert not settings.SIGNING_KEY_PATH.exists()


def test_the_page_of_a_frozen_session_tells_the_fingerprint_that_the_check_prints(
    prescriber, run, sat, content, tmp_path, capsys
):
    out = tmp_path / "bundle.zip"
    out.write_bytes(content)
    run("--check", out)
    fingerprint = re.search(r"that signed it: ([0-9a-f ]+)", capsys.readouterr().out)[1]

    assert f"<code>{fingerprint}</code>" in prescriber.get("recovery:incident", sat.reference).text


def test_a_frozen_session_is_written_out_again_without_another_reason(run, sat, content, tmp_path):
    out = tmp_path / "again.zip"

    assert run(sat.reference, "--by", "ada", "--out", out) == 0
    assert incident.faults(out.read_bytes()) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["{session}", "--by", "ada", "--out", "{tmp}/x.zip"], "--reason: is empty"),
        (["{session}", "--by", "ada", "--reason", "fell"], "out: is empty"),
        (["{session}", "--out", "{tmp}/x.zip", "--reason", "fell"], "by: is empty"),
        (["none", "--by", "ada", "--out", "{tmp}/x.zip", "--reason", "fell"], "no session has this reference"),
        (["--check", "{tmp}/nothing.zip"], "cannot be read"),
    ],
)  # fmt: skip
def test_the_command_says_what_is_missing_and_freezes_nothing(run, sat, tmp_path, capsys, words, says):
    assert run(*(word.format(session=sat.reference, tmp=tmp_path) for word in words)) == 2
    assert says in capsys.readouterr().err
    assert Incident.objects.count() == 0


def rewritten(content, name, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            held = old.read(one)
            changed = change(held) if one == name else held
            if changed is not None:
                new.writestr(one, changed)
    return out.getvalue()
