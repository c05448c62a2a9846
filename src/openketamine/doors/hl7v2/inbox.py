"""The device inbox: raw messages written down before they are answered, in a file of their own.

SQLite in WAL mode with synchronous=FULL: a message whose `store` has returned survives a power cut. Only `listen` writes.
What we decided (`outcome`, `ack`) and whether the answer left us (`ack_state`) are two fields.

The bytes lie packed in `kept`, a table of their own, so that those let go leave whole pages to the messages that come after.
`message.raw` holds those of a file from before that, as they came, and `digest` is hexadecimal there. `let_go` says under which
policy, in days, messages up to a number lost their bytes; their rows stay.
"""

import hashlib
import sqlite3
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Any

from openketamine.doors.hl7v2.packing import Codec, pack, unpack

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, received_at TEXT NOT NULL, peer TEXT NOT NULL, control_id TEXT NOT NULL,
  device TEXT NOT NULL, outcome TEXT NOT NULL, ack TEXT, reason TEXT NOT NULL, ack_state TEXT NOT NULL,
  digest TEXT NOT NULL, raw BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS message_digest ON message (digest);
CREATE TABLE IF NOT EXISTS kept (seq INTEGER PRIMARY KEY, codec TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS let_go (upto INTEGER PRIMARY KEY, days INTEGER NOT NULL);
"""
COLUMNS = "message.seq, received_at, peer, control_id, device, outcome, ack, reason, ack_state, digest, size, raw, codec, bytes"
MESSAGES = f"SELECT {COLUMNS} FROM message LEFT JOIN kept ON kept.seq = message.seq"  # noqa: S608 - our own column names


class AckState(StrEnum):
    """Whether the sender has been answered."""

    OWED = "owed"
    SENT = "sent"
    FAILED = "failed"
    NOT_OWED = "not owed"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it came, and what we decided about it. `raw` is None once its bytes are no longer kept."""

    received_at: datetime
    peer: str
    control_id: str
    device: str
    outcome: str
    ack: str | None
    reason: str
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored message: its bytes as they came had this size and this SHA-256. `days` is the policy that let them go."""

    seq: int
    arrived: Arrived
    ack_state: AckState
    size: int
    digest: str
    days: int | None = None

    @property
    def bytes_say(self) -> str:
        """Say whether the bytes are there."""
        return "kept" if self.arrived.raw is not None else f"bytes no longer kept (clinic's policy, {self.days} days)"


@dataclass(frozen=True, slots=True)
class Policy:
    """Bytes are kept for so many days, and until the message numbered `charted` and all before it are charted."""

    days: int
    charted: int


class Inbox:
    """One connection to the inbox file. Not shared between threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)
        self._upgrade()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def store(self, arrived: Sequence[Arrived]) -> list[int]:
        """Write messages in one commit and return their numbers; they are on disk when this returns."""
        with self._writing() as cursor:
            return [_insert(cursor, one) for one in arrived]

    def answered(self, states: Iterable[tuple[int, AckState]]) -> None:
        """Note whether answers have left."""
        rows = [(state.value, seq) for seq, state in states]
        with self._writing() as cursor:
            cursor.executemany("UPDATE message SET ack_state = ? WHERE seq = ?", rows)

    def since(self, seq: int, most: int = -1) -> Iterator[Stored]:
        """Return messages after `seq` in order, at most `most` of them (-1: all)."""
        for row in self._db.execute(f"{MESSAGES} WHERE message.seq > ? ORDER BY message.seq LIMIT ?", (seq, most)):
            stored = _stored(row)
            yield stored if stored.arrived.raw is not None else replace(stored, days=self._days(stored.seq))

    def first_like(self, stored: Stored) -> int | None:
        """Return the number of an earlier message with the very same bytes, or None."""
        query = "SELECT seq FROM message WHERE digest = ? AND seq < ? ORDER BY seq LIMIT 1"
        for digest in (stored.digest, bytes.fromhex(stored.digest)):
            if row := self._db.execute(query, (digest, stored.seq)).fetchone():
                return int(row[0])
        return None

    def aged(self, policy: Policy, wall: datetime, most: int) -> list[int]:
        """Return the next messages about whose bytes nothing is decided and that are old enough and charted, in order."""
        query = "SELECT seq, received_at FROM message WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
        rows, before = self._db.execute(query, (self._decided(), policy.charted, most)), wall - timedelta(policy.days)
        return [seq for seq, _at in takewhile(lambda row: datetime.fromisoformat(row[1]) < before, rows)]

    def let_go(self, numbers: Sequence[int], held: Container[int], days: int) -> None:
        """Let go of the bytes of messages, but not of those held; their rows stay. What is decided here is not asked again."""
        gone = [(seq,) for seq in numbers if seq not in held]
        with self._writing() as cursor:
            cursor.executemany("UPDATE message SET size = length(raw), raw = x'' WHERE seq = ? AND size IS NULL", gone)
            cursor.executemany("DELETE FROM kept WHERE seq = ?", gone)
            cursor.execute("DELETE FROM let_go WHERE upto = ? AND days = ?", (self._decided(), days))
            cursor.execute("INSERT INTO let_go (upto, days) VALUES (?, ?)", (numbers[-1], days))

    def _decided(self) -> int:
        return int(self._db.execute("SELECT COALESCE(MAX(upto), 0) FROM let_go").fetchone()[0])

    def _days(self, seq: int) -> int:
        query = "SELECT days FROM let_go WHERE upto >= ? ORDER BY upto LIMIT 1"
        return int(self._db.execute(query, (seq,)).fetchone()[0])

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        """One transaction: everything in it is on disk at its end, or nothing is."""
        with closing(self._db.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise

    def _upgrade(self) -> None:
        """Bring a file of an earlier version up to date in its place: its rows are read as they lie."""
        if not self._has_size():
            with self._writing() as cursor:
                if not self._has_size():  # another process may have been first
                    cursor.execute("ALTER TABLE message ADD COLUMN size INTEGER")

    def _has_size(self) -> bool:
        return any(column[1] == "size" for column in self._db.execute("PRAGMA table_info(message)"))


def _insert(cursor: sqlite3.Cursor, one: Arrived) -> int:
    if one.raw is None:
        raise ValueError("a message is stored with its bytes")
    state = AckState.OWED if one.ack else AckState.NOT_OWED
    row = (one.received_at.isoformat(), one.peer, one.control_id, one.device, one.outcome, one.ack, one.reason)
    cursor.execute(
        "INSERT INTO message (received_at, peer, control_id, device, outcome, ack, reason, ack_state, digest, size, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'')",
        (*row, state.value, hashlib.sha256(one.raw).digest(), len(one.raw)),
    )
    seq = int(cursor.lastrowid or 0)
    cursor.execute("INSERT INTO kept (seq, codec, bytes) VALUES (?, ?, ?)", (seq, *pack(one.raw)))
    return seq


def _stored(row: tuple[Any, ...]) -> Stored:
    seq, received, peer, control, device, outcome, ack, reason, state, digest, size, raw, codec, packed = row
    if size is not None:
        raw = None if codec is None else unpack(Codec(codec), packed)
    arrived = Arrived(datetime.fromisoformat(received), peer, control, device, outcome, ack, reason, raw)
    size = len(raw) if size is None else size
    return Stored(seq, arrived, AckState(state), size, digest if isinstance(digest, str) else digest.hex())
