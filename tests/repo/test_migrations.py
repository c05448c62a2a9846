"""Upgrading: migrations only add, and a clinic of an earlier version keeps every row and opens."""

import importlib
import json
import lzma
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations import operations

ROOT = Path(__file__).resolve().parents[2]
KEPT = sorted((ROOT / "tests" / "repo" / "kept").glob("*.sql.xz"))
ADDING = (
    operations.CreateModel, operations.AddField, operations.AddIndex, operations.AddConstraint, operations.AlterModelOptions,
    operations.AlterModelManagers, operations.RunPython,
)  # fmt: skip
ALSO_ALLOWED = {
    "AlterField": "a wider type or another set of choices; the test below shows that every value stays as it was",
    "AlterUniqueTogether": "Django's own way of writing a constraint",
    "RemoveConstraint": "a looser rule for rows to come; rows that stand are not touched",
    "RemoveIndex": "no data",
    "RenameIndex": "no data",
    "SeparateDatabaseAndState": "another name for a model; its table and every row stay",
}
OPEN = """
import json, re
from openketamine.site.commands.django_setup import setup
setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from django.test import Client
from openketamine.clinic.audit import actions as audit
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.people.models import Patient, Staff
visitor = Client(headers={"host": "127.0.0.1"}, raise_request_exception=False)
visitor.force_login(Staff.objects.get(username="ada"))
pages = ["/", "/patients/"] + [f"/infusion/{one.reference}/" for one in Infusion.objects.all()]
for one in Patient.objects.all():
    own = visitor.get(f"/patients/{one.reference}/")
    pages += [f"/patients/{one.reference}/", *re.findall(r'href="(/[a-z-]+/[^"]*)"', own.text)]
answers = {page: visitor.get(page).status_code for page in dict.fromkeys(pages) if not page.endswith(".pdf")}
print(json.dumps({"answers": answers, "broken": audit.first_broken()}))
"""


def own_migrations():
    for app in apps.get_app_configs():
        if app.name.startswith("openketamine."):
            for path in sorted((Path(app.path) / "migrations").glob("0*.py")):
                yield (
                    f"{app.label}/{path.stem}",
                    importlib.import_module(f"{app.name}.migrations.{path.stem}").Migration,
                )


def test_migrations_only_add():
    taking = [
        f"{name}: {type(one).__name__}"
        for name, migration in own_migrations()
        for one in migration.operations
        if not isinstance(one, ADDING) and type(one).__name__ not in ALSO_ALLOWED
    ]

    assert taking == []


def rows(path):
    """Return every row of every table of ours as {table: (columns, rows)}."""
    with closing(sqlite3.connect(path)) as opened:
        names = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ours = [name for name in names if not name.startswith(("django_", "auth_", "sqlite_"))]
        found = {}
        for name in ours:
            columns = [row[1] for row in opened.execute(f'PRAGMA table_info("{name}")') if row[1] != "last_login"]
            named = ", ".join(f'"{column}"' for column in columns)
            found[name] = columns, opened.execute(f'SELECT {named} FROM "{name}" ORDER BY 1').fetchall()
        return found


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.name)
def test_a_demo_clinic_of_an_earlier_version_keeps_every_row_and_opens(kept, tmp_path):
    database = tmp_path / "clinic.sqlite3"
    with closing(sqlite3.connect(database)) as opened:
        opened.executescript(lzma.decompress(kept.read_bytes()).decode())
    before = rows(database)

    settings = {**os.environ, "OPENKETAMINE_HOME": str(tmp_path), "PYTHONPATH": "src"}
    done = subprocess.run(
        [sys.executable, "-c", OPEN], env=settings, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said, after = json.loads(done.stdout), rows(database)

    for table, (columns, old_rows) in before.items():
        now = [dict(zip(after[table][0], row, strict=True)) for row in after[table][1]]
        assert [tuple(row[column] for column in columns) for row in now][: len(old_rows)] == old_rows, table
    assert {page: code for page, code in said["answers"].items() if code != 200} == {}
    assert len(said["answers"]) > 50
    assert said["broken"] is None


def test_an_upgraded_clinic_still_refuses_to_change_a_row(tmp_path):
    database = tmp_path / "clinic.sqlite3"
    with closing(sqlite3.connect(database)) as opened:
        opened.executescript(lzma.decompress(KEPT[-1].read_bytes()).decode())
    settings = {**os.environ, "OPENKETAMINE_HOME": str(tmp_path), "PYTHONPATH": "src"}
    subprocess.run(
        [sys.executable, "-m", "openketamine", "migrate"], env=settings, cwd=ROOT, capture_output=True, check=True
    )

    with closing(sqlite3.connect(database)) as opened:
        tables = [
            name for (name,) in opened.execute("SELECT tbl_name FROM sqlite_master WHERE name LIKE '%_no_update'")
        ]
        assert len(tables) > 15
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            opened.execute("UPDATE audit_entry SET action = 'nothing'")
