"""Database triggers that refuse UPDATE and DELETE on every append-only table, also against raw SQL."""

from typing import Any

from django.apps import apps
from django.db import connections

from openketamine.clinic.audit.models import AppendOnly

SQLITE = """CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} rows are append-only'); END"""
POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% rows are append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"""
POSTGRES = """CREATE OR REPLACE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
FOR EACH ROW EXECUTE FUNCTION append_only()"""


def append_only_tables() -> list[str]:
    """Return the tables of all append-only rows."""
    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly))


def install(using: str = "default", **_signal: Any) -> None:
    """Create the triggers for every append-only table that exists; running it again changes nothing."""
    connection = connections[using]
    postgres = connection.vendor == "postgresql"
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if postgres:
            cursor.execute(POSTGRES_FUNCTION)
        for table in append_only_tables():
            for verb in ("update", "delete"):
                if table in present:
                    cursor.execute((POSTGRES if postgres else SQLITE).format(table=table, verb=verb, VERB=verb.upper()))
