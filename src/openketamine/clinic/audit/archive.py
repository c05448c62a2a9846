r"""A patient's rows as a zip of CSV files with a manifest; the same database gives the same bytes, and what is written reads back.

No value is `\N`; a text that begins with a backslash has one more. Instants are UTC. Bytes are base64.
"""

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Field, Model

from openketamine.clinic.audit.rows import SECRET, columns, label

FORMAT, VERSION = "openketamine-csv", 1
NOTHING = r"\N"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can name; the files carry no other, so that the same rows give the same bytes."""


class ArchiveError(ValueError):
    """An archive is not whole; the message names the file."""


def write(rows: Iterable[Model], *, patient: str, software: str) -> bytes:
    """Return the zip: one CSV file for each table, and `manifest.json` with columns, row counts and SHA-256."""
    tables: dict[str, list[Model]] = {}
    for row in rows:
        tables.setdefault(label(type(row)), []).append(row)
    files = {f"{name}.csv": _table(found) for name, found in sorted(tables.items())}
    about = {
        "format": FORMAT, "version": VERSION, "software": software, "patient": patient, "nothing": NOTHING,
        "left_out": sorted(f"{name}.{column}" for name, found in tables.items() for column in _secrets(found[0])),
        "files": [
            {"name": f"{name}.csv", "table": name, "rows": len(found), "sha256": _sha256(files[f"{name}.csv"]),
             "columns": {field.attname: field.get_internal_type() for field in columns(type(found[0]))}}
            for name, found in sorted(tables.items())
        ],
    }  # fmt: skip
    return _zip({"manifest.json": (json.dumps(about, indent=1, sort_keys=True) + "\n").encode(), **files})


def read(content: bytes) -> dict[str, list[dict[str, str | None]]]:
    """Return the rows of an archive by table; raises ArchiveError when a file is missing or was changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        about = json.loads(archive.read("manifest.json"))
        found = {}
        for file in about["files"]:
            text = archive.read(file["name"])
            if _sha256(text) != file["sha256"]:
                raise ArchiveError(f"{file['name']}: is not what the manifest says")
            lines = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
            if len(lines) != file["rows"]:
                raise ArchiveError(f"{file['name']}: holds {len(lines)} rows, the manifest says {file['rows']}")
            found[file["table"]] = [{name: _read(value) for name, value in line.items()} for line in lines]
    return found


def text_of(row: Model, field: "Field[Any, Any]") -> str | None:
    """Return a column of a row as the text that an export holds; None for no value."""
    value = getattr(row, field.attname)
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, bool) or field.get_internal_type() == "JSONField":
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _table(rows: list[Model]) -> bytes:
    fields, out = columns(type(rows[0])), io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.attname for field in fields])
    writer.writerows([_written(text_of(row, field)) for field in fields] for row in rows)
    return out.getvalue().encode()


def _written(text: str | None) -> str:
    return NOTHING if text is None else f"\\{text}" if text.startswith("\\") else text


def _read(text: str) -> str | None:
    return None if text == NOTHING else text.removeprefix("\\")


def _secrets(row: Model) -> list[str]:
    return [field.attname for field in row._meta.concrete_fields if field.name in SECRET]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, content)
    return out.getvalue()
