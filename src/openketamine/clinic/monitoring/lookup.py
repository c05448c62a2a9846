"""Single readings out of thousands, many at once: each of the two tables is asked by its index, once for all of them.

Asked of the view of every reading, a database walks through the whole session for one value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from openketamine.clinic.monitoring import every_reading
from openketamine.clinic.monitoring.every_reading import STREAMED
from openketamine.clinic.monitoring.models import Reading, Source, StoredReading, StreamReading
from openketamine.core.monitoring.signal import Signal

MOST = 200  # questions in one statement; SQLite takes 500
BOUNDS = (("until", "observed_at <="), ("since", "observed_at >="), ("received", "received_at <="))


@dataclass(frozen=True, slots=True)
class Ask:
    """Which reading of a signal is asked for: the last, or the `first`, observed in a span of time, and received until `received`.

    Without `valued` a word of a device that there is no value is an answer too.
    """

    signal: str
    until: datetime | None = None
    since: datetime | None = None
    received: datetime | None = None
    valued: bool = True
    first: bool = False

    def bounds(self) -> list[tuple[str, datetime]]:
        """Return the conditions on time, each with its instant."""
        found = [(condition, getattr(self, name)) for name, condition in BOUNDS]
        return [(condition, at) for condition, at in found if at is not None]


def answers(watch: int, asked: Sequence[Ask]) -> list[Reading | None]:
    """Return the reading that each question asks for, in the order of the questions; None where there is none."""
    found: list[list[Reading]] = [[] for _ in asked]
    for number, row in _stored(watch, list(enumerate(asked))):
        found[number].append(row)
    for number, row in _streamed(watch, [(number, one) for number, one in enumerate(asked) if one.signal in STREAMED]):
        found[number].append(row)
    return [_chosen(one, rows) for one, rows in zip(asked, found, strict=True)]


def _chosen(asked: Ask, rows: list[Reading]) -> Reading | None:
    return (min if asked.first else max)(rows, key=lambda row: (row.observed_at, row.pk), default=None)


def _stored(watch: int, asked: list[tuple[int, Ask]]) -> Iterable[tuple[int, Reading]]:
    for row in _rows(StoredReading, watch, asked):
        pk = row.pk if row.seq is None else every_reading.key(row.seq, row.obx or 0)
        yield row.asked, Reading(pk=pk, **row.columns())


def _streamed(watch: int, asked: list[tuple[int, Ask]]) -> Iterable[tuple[int, Reading]]:
    signals = {number: one.signal for number, one in asked}
    for row in _rows(StreamReading, watch, asked):
        signal = signals[row.asked]
        obx = every_reading.obx_of(row.places, signal)
        yield row.asked, Reading(
            pk=every_reading.key(row.seq, obx), watch_id=row.watch_id, device_id=row.device_id, signal=signal, value=getattr(row, signal),
            unit=Signal(signal).unit, observed_at=row.observed_at, received_at=row.received_at, source=Source.DEVICE, seq=row.seq, obx=obx,
        )  # fmt: skip


def _rows(table: Any, watch: int, asked: list[tuple[int, Ask]]) -> Iterable[Any]:
    """Yield the rows found in one table, each with the number of its question as `asked`."""
    for start in range(0, len(asked), MOST):
        part = asked[start : start + MOST]
        arms = [_arm(table, number, one) for number, one in part]
        values = [value for _number, one in part for value in _values(table, watch, one)]
        yield from table.objects.raw(" UNION ALL ".join(arms), values)


def _arm(table: Any, number: int, one: Ask) -> str:
    conditions = tuple(condition for condition, _at in one.bounds())
    signal = one.signal if table is StreamReading else ""
    return f"SELECT {number} AS asked, one{number}.* FROM ({_single(table, signal, conditions, one.valued, one.first)}) AS one{number}"  # noqa: S608 - our own names


@cache
def _single(table: Any, column: str, conditions: tuple[str, ...], valued: bool, first: bool) -> str:  # noqa: FBT001 - keys of a cache
    """Return the statement that finds one row; a column that streams holds nothing but values."""
    meta, quoted = options(table), connection.ops.quote_name
    columns = ", ".join(quoted(field.column) for field in meta.concrete_fields)
    what = f"{column} IS NOT NULL" if column else "signal = %s" + (" AND value IS NOT NULL" if valued else "")
    where = "".join(f" AND {condition} %s" for condition in conditions)
    where += f" AND {every_reading.STANDING}" if table is StoredReading else ""
    way = "ASC" if first else "DESC"
    return f"SELECT {columns} FROM {meta.db_table} WHERE watch_id = %s AND {what}{where} ORDER BY observed_at {way}, {meta.pk.column} {way} LIMIT 1"  # noqa: S608 - our own names


def options(table: Any) -> Any:
    """Return what Django knows of a table."""
    return table._meta  # noqa: SLF001 - its documented place


def _values(table: Any, watch: int, one: Ask) -> list[Any]:
    field = options(table).get_field("observed_at")
    times = [field.get_db_prep_value(at, connection) for _condition, at in one.bounds()]
    return [watch, *([one.signal] if table is StoredReading else []), *times]
