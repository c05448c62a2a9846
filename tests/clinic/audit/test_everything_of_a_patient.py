"""The way out is always open: every row of a patient is in the export, in open formats, the same bytes each time."""

import csv
import io
import json
import zipfile

import pytest
from django.apps import apps
from django.test import TestCase
from tests.builders import make_clinic, make_patient
from tests.conformance.r4 import faults

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import archive
from openketamine.clinic.audit.archive import ArchiveError, text_of
from openketamine.clinic.audit.rows import BY_TEXT, OF_THE_CLINIC, SECRET, columns, label, models, paths, rows
from openketamine.clinic.people.models import Patient
from openketamine.doors.fhir import export
from openketamine.doors.fhir.values import row_id
from openketamine.site import cli, demo_clinic
from openketamine.site.commands import export as command

pytestmark = pytest.mark.django_db


def resources(person):
    return [entry["resource"] for entry in json.loads(export.bundle(person))["entry"]]


def test_every_table_is_a_patient_s_or_named_as_the_clinic_s():
    """A new table fails here until a foreign key ties it to the patient, or `audit/rows.py` says whose it is."""
    homeless = [label(model) for model in models() if label(model) not in {*paths(), *BY_TEXT, *OF_THE_CLINIC}]

    assert homeless == []
    assert not OF_THE_CLINIC & set(paths())


def test_a_changed_archive_is_found():
    person = make_patient()
    whole = archive.write(rows(person), patient=person.reference, software="test")
    assert archive.read(whole)["people.patient"][0]["family_name"] == "Synthetic"
    broken = whole.replace(b"people.patient.csv", b"people.patient.csv")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(broken)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"Synthetic", b"Different"))

    with pytest.raises(ArchiveError, match=r"people\.patient\.csv"):
        archive.read(out.getvalue())


@pytest.mark.parametrize("text", ["", r"\N", r"\\N", "\\", "a\nb", '"', "=1+1", " "])
def test_any_text_and_no_value_are_told_apart(text):
    assert archive._read(next(csv.reader(io.StringIO(_line(text))))[0]) == text
    assert archive._read(archive._written(None)) is None


def _line(text):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow([archive._written(text), "x"])
    return out.getvalue()


@pytest.fixture
def run(monkeypatch, capsys):
    monkeypatch.setattr(command, "setup", lambda *_: None)

    def run(*arguments):
        code = cli.run(["export", *arguments])
        return code, capsys.readouterr()

    return run


def test_the_command_writes_a_private_file_and_an_audit_row_that_the_next_export_does_not_hold(run, tmp_path):
    make_clinic()
    person, out = make_patient(), tmp_path / "record.zip"

    code, said = run(person.reference, "--format", "csv", "--out", str(out))
    first = out.read_bytes()
    run(person.reference, "--format", "csv", "--out", str(out))

    assert (code, said.out) == (0, "")
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_bytes() == first
    assert audit.Entry.objects.filter(action="record exported").count() == 2
    with zipfile.ZipFile(out) as archived:
        assert json.loads(archived.read("manifest.json"))["patient"] == person.reference


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody", "--format", "fhir", "--out", "x"),
        ("nobody", "--format", "pdf", "--out", "x"),
        ("nobody", "--format", "csv"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(run, arguments):
    code, said = run(*arguments)

    assert (code, said.out, said.err.count("\n")) == (2, "", 1)


def test_a_path_that_cannot_be_written_is_one_line_and_leaves_nothing(run, tmp_path):
    code, said = run(make_patient().reference, "--format", "fhir", "--out", str(tmp_path / "none" / "x.json"))

    assert (code, said.err.count("\n")) == (2, 1)
    assert list(tmp_path.iterdir()) == []


class TestWholeLives(TestCase):
    """Twelve people over every stage of care."""

    @classmethod
    def setUpTestData(cls):
        demo_clinic.create()
        cls.lived = list(Patient.objects.order_by("pk"))

    def test_every_row_of_every_patient_is_in_some_archive(self):
        written = [
            archive.read(archive.write(rows(person), patient=person.reference, software="test"))
            for person in self.lived
        ]

        for model in models():
            name = label(model)
            if name in paths() or name == "ledger.row":
                in_archives = sum(len(one.get(name, ())) for one in written)
                way = paths().get(name)
                everybody_s = model.objects.exclude(**{way: None}) if way else model.objects.all()
                assert in_archives == everybody_s.count(), name
        assert sum(len(one["infusion.infusionevent"]) for one in written if "infusion.infusionevent" in one) > 20

    def test_every_row_of_every_patient_stands_in_the_bundle(self):
        for person in self.lived:
            ids = [one["id"] for one in resources(person)]
            assert len(ids) == len(set(ids))
            assert {row_id(row) for row in rows(person)} <= set(ids)

    def test_every_resource_of_a_whole_life_holds_against_r4(self):
        wrong = [fault for person in self.lived for one in resources(person) for fault in faults(one)]

        assert wrong == []

    def test_what_is_written_reads_back_the_same(self):
        person = Patient.objects.get(given_name="June")
        back = archive.read(archive.write(rows(person), patient=person.reference, software="test"))

        assert sum(len(found) for found in back.values()) == len(list(rows(person)))
        for name, found in back.items():
            model = apps.get_model(name)
            for line in found:
                row = model.objects.get(pk=line["id"])
                assert line == {field.attname: text_of(row, field) for field in columns(model)}
                for field in columns(model):
                    if line[field.attname] is not None and field.get_internal_type() not in {
                        "JSONField",
                        "BinaryField",
                    }:
                        assert field.to_python(json.loads(line[field.attname]) if field.get_internal_type() == "BooleanField" else line[field.attname]) == getattr(row, field.attname)  # fmt: skip

    def test_the_same_record_gives_the_same_bytes(self):
        person = self.lived[0]

        assert export.bundle(person) == export.bundle(person)
        assert archive.write(rows(person), patient="x", software="1") == archive.write(
            rows(person), patient="x", software="1"
        )

    def test_a_link_s_secret_leaves_with_no_export(self):
        secrets = {
            str(value)
            for model in models()
            for field in model._meta.concrete_fields
            if field.name in SECRET
            for value in model.objects.values_list(field.name, flat=True)
        }
        assert secrets
        everything = b"".join(export.bundle(person) for person in self.lived).decode()
        assert not any(secret in everything for secret in secrets)

    def test_no_row_of_another_person_is_in_the_bundle(self):
        one, other = self.lived[0], self.lived[7]

        assert other.family_name not in export.bundle(one).decode()
        assert not {row_id(row) for row in rows(one) if label(type(row)) in paths()} & {
            row_id(row) for row in rows(other) if label(type(row)) in paths()
        }
