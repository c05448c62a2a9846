"""Many rows in one statement, for the rooms that write thousands a second. One row at a time costs thirty times as much."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import AutoField, Model

AT_ONCE = 1000


def insert(rows: Sequence[Model]) -> None:
    """Insert new rows of one table; keys that the database gives are not read back. Constraints and triggers hold as for any other row."""
    if not rows:
        return
    meta: Any = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not isinstance(field, AutoField)]
    columns = ", ".join(_quoted(field.column) for field in fields)
    write = _Writer()
    values = [[write(field, getattr(row, field.attname)) for field in fields] for row in rows]
    head = f"INSERT INTO {_quoted(meta.db_table)} ({columns}) VALUES "  # noqa: S608 - our own names
    marks = f"({', '.join(['%s'] * len(fields))})"
    if connection.vendor == "sqlite":
        _many(head + marks, values)
    else:
        _at_once(head + "{rows}", marks, values)


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write the named fields of rows of one table, each row by its key."""
    if not rows:
        return
    meta: Any = rows[0]._meta
    fields = [meta.get_field(name) for name in names]
    table, key, write = _quoted(meta.db_table), _quoted(meta.pk.column), _Writer()
    values = [[*(write(field, getattr(row, field.attname)) for field in fields), row.pk] for row in rows]
    columns = [_quoted(field.column) for field in fields]
    if connection.vendor == "sqlite":
        setting = ", ".join(f"{column} = %s" for column in columns)
        _many(f"UPDATE {table} SET {setting} WHERE {key} = %s", values)  # noqa: S608 - our own names
        return
    types = [*(field.db_type(connection) for field in fields), meta.pk.rel_db_type(connection)]
    marks = f"({', '.join(f'CAST(%s AS {kind})' for kind in types)})"
    setting = ", ".join(f"{column} = given.{column}" for column in columns)
    given = f"(VALUES {{rows}}) AS given ({', '.join([*columns, key])})"
    _at_once(f"UPDATE {table} SET {setting} FROM {given} WHERE {table}.{key} = given.{key}", marks, values)  # noqa: S608 - our own names


class _Writer:
    """Turns values into what the database takes; instants repeat and are turned once."""

    def __init__(self) -> None:
        self._instants: dict[datetime, Any] = {}

    def __call__(self, field: Any, value: Any) -> Any:
        if value is None or isinstance(value, float | int):
            return value
        if isinstance(value, datetime):
            if value not in self._instants:
                self._instants[value] = field.get_db_prep_save(value, connection)
            return self._instants[value]
        return field.get_db_prep_save(value, connection)


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _many(sql: str, rows: list[list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def _at_once(sql: str, marks: str, rows: list[list[Any]]) -> None:
    """Send so many rows in one statement: a server is asked once, not once for each row."""
    with connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            cursor.execute(sql.format(rows=", ".join([marks] * len(part))), [value for row in part for value in row])
