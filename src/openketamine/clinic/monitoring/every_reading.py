"""The view of every reading: rows of their own, and the columns of what monitors stream, each value as a row.

A reading of a stored message has the key `OF_MESSAGES + seq * APART + obx`, so that keys stand in the order of the messages whichever
table holds the value; any other has the key of its row. A migration that changes one of the two tables drops the view before and
creates it after.
"""

from collections.abc import Mapping
from typing import Any

from openketamine.core.monitoring.signal import Signal

STREAMED = (
    "heart_rate", "pulse_rate", "spo2", "respiratory_rate", "etco2", "temperature", "abp_systolic", "abp_diastolic", "abp_mean",
)  # fmt: skip
"""The signals that have a column, in the order of their six bits in `places`. Never reordered; a new one comes last."""
BITS, MASK = 6, 63
OF_MESSAGES, APART = 1_000_000_000_000, 4096
VIEW = "monitoring_every_reading"
NOT_UNDONE = (
    "NOT EXISTS (SELECT 1 FROM monitoring_readingtakenback AS undone WHERE undone.reading_id = monitoring_reading.id)"
)
NOT_ELSEWHERE = "NOT EXISTS (SELECT 1 FROM monitoring_rebound AS moved WHERE moved.reading_id = monitoring_reading.id)"
STANDING = f"{NOT_UNDONE} AND {NOT_ELSEWHERE}"
"""The condition on a row of its own that nobody has taken it back, and that it does not belong elsewhere."""
STREAM_STANDING = (
    "NOT EXISTS (SELECT 1 FROM monitoring_rebound AS moved WHERE moved.stream_id = monitoring_streamreading.seq)"
)
"""The condition on a row of a stream that it does not belong elsewhere."""
COLUMNS = 'id, watch_id, device_id, signal, value, unit, text, reason, observed_at, received_at, source, "by", seq, obx'


def places(obx: Mapping[str, int]) -> int:
    """Return where each signal of a message came from, as one number; an OBX number is at most 63."""
    return sum(number << BITS * STREAMED.index(signal) for signal, number in obx.items())


def obx_of(places: int, signal: str) -> int:
    """Return the OBX number that a signal came from."""
    return places >> BITS * STREAMED.index(signal) & MASK


def key(seq: int, obx: int) -> int:
    """Return the key of a reading of a stored message."""
    return OF_MESSAGES + seq * APART + obx


def sql(own_rows: str = STANDING, streams: str = STREAM_STANDING, more: str = ", said_at") -> str:
    """Return the statement that creates the view; which rows count, and their columns, are others in the migrations of earlier versions."""
    own = f"CASE WHEN seq IS NULL THEN id ELSE {OF_MESSAGES} + seq * {APART} + COALESCE(obx, 0) END AS {COLUMNS}{more}"
    standing = f" WHERE {own_rows}" if own_rows else ""
    arms = [f"SELECT {own} FROM monitoring_reading{standing}", *(_arm(signal, streams, more) for signal in STREAMED)]  # noqa: S608 - our own names
    return f"CREATE VIEW {VIEW} AS {' UNION ALL '.join(arms)}"


def _arm(signal: str, streams: str, more: str) -> str:
    obx = f"(places >> {BITS * STREAMED.index(signal)}) & {MASK}"
    values = f"'{signal}', {signal}, '{Signal(signal).unit}', '', '', observed_at, received_at, 'device', '', seq, {obx}{more}"
    here = f"{OF_MESSAGES} + seq * {APART} + ({obx})"
    counts = f"{signal} IS NOT NULL" + (f" AND {streams}" if streams else "")
    return f"SELECT {here}, watch_id, device_id, {values} FROM monitoring_streamreading WHERE {counts}"  # noqa: S608 - our own names


def create(_apps: Any, schema_editor: Any) -> None:
    """Create the view as it was while no value could be taken back; for migrations."""
    drop(_apps, schema_editor)
    schema_editor.execute(sql("", "", ""), params=None)


def create_with_undo(_apps: Any, schema_editor: Any) -> None:
    """Create the view without what was taken back; for migrations."""
    drop(_apps, schema_editor)
    schema_editor.execute(sql(NOT_UNDONE, "", ""), params=None)


def create_with_moves(_apps: Any, schema_editor: Any) -> None:
    """Create the view also without what belongs elsewhere; for migrations."""
    drop(_apps, schema_editor)
    schema_editor.execute(sql(more=""), params=None)


def create_as_said(_apps: Any, schema_editor: Any) -> None:
    """Create the view also with the times of devices' own clocks; for migrations."""
    drop(_apps, schema_editor)
    schema_editor.execute(sql(), params=None)


def drop(_apps: Any, schema_editor: Any) -> None:
    """Drop the view; for migrations."""
    schema_editor.execute(f"DROP VIEW IF EXISTS {VIEW}", params=None)
