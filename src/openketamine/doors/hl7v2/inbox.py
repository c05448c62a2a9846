"""The device inbox: raw messages written down before they are answered, in a file of their own.

SQLite in WAL mode with synchronous=FULL: a message whose `store` has returned survives a power cut. Only `listen` writes.
What we decided (`outcome`, `ack`) and whether the answer left us (`ack_state`) are two fields.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, received_at TEXT NOT NULL, peer TEXT NOT NULL, control_id TEXT NOT NULL,
  device TEXT NOT NULL, outcome TEXT NOT NULL, ack TEXT, reason TEXT NOT NULL, ack_state TEXT NOT NULL,
  digest TEXT NOT NULL, raw BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS message_digest ON message (digest);
"""
COLUMNS = "seq, received_at, peer, control_id, device, outcome, ack, reason, ack_state, raw"


class AckState(StrEnum):
    """Whether the sender has been answered."""

    OWED = "owed"
    SENT = "sent"
    FAILED = "failed"
    NOT_OWED = "not owed"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it came, and what we decided about it."""

    received_at: datetime
    peer: str
    control_id: str
    device: str
    outcome: str
    ack: str | None
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored message."""

    seq: int
    arrived: Arrived
    ack_state: AckState


class Inbox:
    """One connection to the inbox file. Not shared between threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def store(self, arrived: Sequence[Arrived]) -> list[int]:
        """Write messages in one commit and return their numbers; they are on disk when this returns."""
        with closing(self._db.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                numbers = [_insert(cursor, one) for one in arrived]
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
        return numbers

    def answered(self, states: Iterable[tuple[int, AckState]]) -> None:
        """Note whether answers have left."""
        rows = [(state.value, seq) for seq, state in states]
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("UPDATE message SET ack_state = ? WHERE seq = ?", rows)
        self._db.execute("COMMIT")

    def since(self, seq: int, most: int = -1) -> Iterator[Stored]:
        """Return messages after `seq` in order, at most `most` of them (-1: all)."""
        query = f"SELECT {COLUMNS} FROM message WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - our own column names
        for row in self._db.execute(query, (seq, most)):
            yield _stored(row)

    def first_like(self, stored: Stored) -> int | None:
        """Return the number of an earlier message with the very same bytes, or None."""
        query = "SELECT seq FROM message WHERE digest = ? AND seq < ? ORDER BY seq LIMIT 1"
        row = self._db.execute(query, (_digest(stored.arrived.raw), stored.seq)).fetchone()
        return int(row[0]) if row else None


def _insert(cursor: sqlite3.Cursor, one: Arrived) -> int:
    state = AckState.OWED if one.ack else AckState.NOT_OWED
    row = (one.received_at.isoformat(), one.peer, one.control_id, one.device, one.outcome, one.ack, one.reason)
    cursor.execute(
        "INSERT INTO message (received_at, peer, control_id, device, outcome, ack, reason, ack_state, digest, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, state.value, _digest(one.raw), one.raw),
    )
    return int(cursor.lastrowid or 0)


def _stored(row: tuple[int, str, str, str, str, str, str | None, str, str, bytes]) -> Stored:
    seq, received, peer, control, device, outcome, ack, reason, state, raw = row
    arrived = Arrived(datetime.fromisoformat(received), peer, control, device, outcome, ack, reason, raw)
    return Stored(seq, arrived, AckState(state))


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
