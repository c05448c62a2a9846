"""Single readings out of thousands, many at once: each of the two tables is asked by its index, once for all of them.

Asked of the view of every reading, a database walks through the whole session for one value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
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

    Without `valued` a word of a device that there is no value is an answer too. `of_device` leaves out what was typed; `several`
    may be asked for so many, in their order.
    """

    signal: str
    until: datetime | None = None
    since: datetime | None = None
    received: datetime | None = None
    valued: bool = True
    first: bool = False
    of_device: bool = False
    most: int = 1

    def shape(self) -> "Ask":
        """Return this question without its instants, and of any signal: its statement depends on nothing more."""
        return Ask("", valued=self.valued, first=self.first, of_device=self.of_device, most=self.most)

    def conditions(self) -> tuple[str, ...]:
        """Return the conditions on time."""
        return tuple(condition for name, condition in BOUNDS if getattr(self, name) is not None)

    def instants(self) -> list[datetime]:
        """Return the instants of the conditions, in their order."""
        return [at for name, _condition in BOUNDS if (at := getattr(self, name)) is not None]


def answers(watch: int, asked: Sequence[Ask]) -> list[Reading | None]:
    """Return the reading that each question asks for, in the order of the questions; None where there is none."""
    return [next(iter(found), None) for found in several(watch, asked)]


def several(watch: int, asked: Sequence[Ask]) -> list[list[Reading]]:
    """Return the readings that each question asks for, the first of them first."""
    found: list[list[Reading]] = [[] for _ in asked]
    for number, row in _stored(watch, list(enumerate(asked))):
        found[number].append(row)
    for number, row in _streamed(watch, [(number, one) for number, one in enumerate(asked) if one.signal in STREAMED]):
        found[number].append(row)
    return [_chosen(one, rows) for one, rows in zip(asked, found, strict=True)]


def _chosen(asked: Ask, rows: list[Reading]) -> list[Reading]:
    return sorted(rows, key=lambda row: (row.observed_at, row.pk), reverse=not asked.first)[: asked.most]


def _stored(watch: int, asked: list[tuple[int, Ask]]) -> Iterable[tuple[int, Reading]]:
    for row in _rows(StoredReading, watch, asked):
        pk = row.pk if row.seq is None else every_reading.key(row.seq, row.obx or 0)
        yield row.asked, Reading(pk=pk, **row.columns())


def _streamed(watch: int, asked: list[tuple[int, Ask]]) -> Iterable[tuple[int, Reading]]:
    """A stream holds nothing but values of devices: what differs only in that, or in how many are asked for, is asked once."""
    alike: dict[Ask, list[tuple[int, Ask]]] = {}
    for number, one in asked:
        alike.setdefault(replace(one, valued=True, of_device=False, most=1), []).append((number, one))
    different = [replace(same, most=max(one.most for _, one in those)) for same, those in alike.items()]
    wanted = [[number for number, _one in those] for those in alike.values()]
    for row in _rows(StreamReading, watch, list(enumerate(different))):
        one = different[row.asked]
        obx = every_reading.obx_of(row.places, one.signal)
        found = Reading(
            pk=every_reading.key(row.seq, obx), watch_id=row.watch_id, device_id=row.device_id, signal=one.signal, value=getattr(row, one.signal),
            unit=Signal(one.signal).unit, observed_at=row.observed_at, received_at=row.received_at, source=Source.DEVICE, seq=row.seq, obx=obx,
        )  # fmt: skip
        yield from ((number, found) for number in wanted[row.asked])


def _rows(table: Any, watch: int, asked: list[tuple[int, Ask]]) -> Iterable[Any]:
    """Yield the rows found in one table, each with the number of its question as `asked`."""
    stored, written = table is StoredReading, _Instants(options(table).get_field("observed_at"))
    for start in range(0, len(asked), MOST):
        part = asked[start : start + MOST]
        shapes = tuple(("" if stored else one.signal, one.conditions(), one.shape()) for _, one in part)
        values = [value for _, one in part for value in (watch, *([one.signal] if stored else []), *one.instants())]
        for row in table.objects.raw(_statement(table, shapes), [written(value) for value in values]):
            row.asked = part[row.asked][0]
            yield row


class _Instants:
    """Turns instants into what the database takes; the same few are asked about again and again."""

    def __init__(self, field: Any) -> None:
        self._field = field
        self._known: dict[datetime, Any] = {}

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        if value not in self._known:
            self._known[value] = self._field.get_db_prep_value(value, connection)
        return self._known[value]


@lru_cache(maxsize=512)
def _statement(table: Any, shapes: tuple[tuple[str, tuple[str, ...], Ask], ...]) -> str:
    """Return the statement that asks questions of these shapes, numbered from 0."""
    arms = (
        f"SELECT {number} AS asked, one{number}.* FROM ({_single(table, *shape)}) AS one{number}"  # noqa: S608 - our own names
        for number, shape in enumerate(shapes)
    )
    return " UNION ALL ".join(arms)


@cache
def _single(table: Any, column: str, conditions: tuple[str, ...], one: Ask) -> str:
    """Return the statement that finds the rows; a column that streams holds nothing but values, and no typed ones."""
    meta, quoted = options(table), connection.ops.quote_name
    columns = ", ".join(quoted(field.column) for field in meta.concrete_fields)
    what = f"{column} IS NOT NULL" if column else "signal = %s" + (" AND value IS NOT NULL" if one.valued else "")
    where = "".join(f" AND {condition} %s" for condition in conditions)
    where += f" AND {every_reading.STANDING if table is StoredReading else every_reading.STREAM_STANDING}"
    where += f" AND source = '{Source.DEVICE.value}'" if one.of_device and table is StoredReading else ""
    way = "ASC" if one.first else "DESC"
    return f"SELECT {columns} FROM {meta.db_table} WHERE watch_id = %s AND {what}{where} ORDER BY observed_at {way}, {meta.pk.column} {way} LIMIT {one.most}"  # noqa: S608 - our own names


def options(table: Any) -> Any:
    """Return what Django knows of a table."""
    return table._meta  # noqa: SLF001 - its documented place
