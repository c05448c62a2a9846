"""What is stored stays stored."""

import hashlib
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from openketamine.doors.hl7v2.inbox import AckState, Arrived, Inbox, Policy

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def arrived(raw=b"MSH|a", ack="AA"):
    return Arrived(AT, "127.0.0.1", "C1", "mon", "accept", ack, "", raw)


@pytest.fixture
def inbox(tmp_path):
    inbox = Inbox(tmp_path / "inbox.sqlite3")
    yield inbox
    inbox.close()


def test_messages_get_rising_numbers_and_come_back_as_they_were(inbox):
    assert inbox.store([arrived(b"MSH|a"), arrived(b"MSH|b")]) == [1, 2]

    assert [stored.arrived.raw for stored in inbox.since(0)] == [b"MSH|a", b"MSH|b"]
    assert [stored.seq for stored in inbox.since(1)] == [2]


def test_deciding_and_answering_are_two_fields(inbox):
    inbox.store([arrived(), arrived(ack=None)])
    inbox.answered([(1, AckState.FAILED)])

    assert [(stored.arrived.outcome, stored.ack_state) for stored in inbox.since(0)] == [
        ("accept", AckState.FAILED),
        ("accept", AckState.NOT_OWED),
    ]


def test_the_same_bytes_again_are_found_and_kept(inbox):
    inbox.store([arrived(), arrived(), arrived(b"MSH|other")])

    assert [inbox.first_like(stored) for stored in inbox.since(0)] == [None, 1, None]


def test_a_batch_that_fails_leaves_nothing_behind(inbox):
    with pytest.raises(AttributeError):
        inbox.store([arrived(), None])
    inbox.store([arrived()])

    assert len(list(inbox.since(0))) == 1


def test_another_process_sees_what_was_stored(inbox, tmp_path):
    inbox.store([arrived()])

    other = Inbox(tmp_path / "inbox.sqlite3")
    assert len(list(other.since(0))) == 1
    other.close()


OF_AN_EARLIER_VERSION = """
CREATE TABLE message (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, received_at TEXT NOT NULL, peer TEXT NOT NULL, control_id TEXT NOT NULL,
  device TEXT NOT NULL, outcome TEXT NOT NULL, ack TEXT, reason TEXT NOT NULL, ack_state TEXT NOT NULL,
  digest TEXT NOT NULL, raw BLOB NOT NULL);
CREATE INDEX message_digest ON message (digest);
"""
INSERTED_BY_IT = (
    "INSERT INTO message (received_at, peer, control_id, device, outcome, ack, reason, ack_state, digest, raw)"
    " VALUES (?, '127.0.0.1', 'C1', 'mon', 'accept', 'AA', '', 'sent', ?, ?)"
)


def store_as_earlier(path, raw):
    with closing(sqlite3.connect(path)) as database:
        database.execute(INSERTED_BY_IT, (AT.isoformat(), hashlib.sha256(raw).hexdigest(), raw))
        database.commit()


@pytest.fixture
def old_file(tmp_path):
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(OF_AN_EARLIER_VERSION)
    store_as_earlier(path, b"MSH|old")
    return path


def test_a_file_of_an_earlier_version_is_read_and_written_on_in_its_place(old_file):
    inbox = Inbox(old_file)
    inbox.store([arrived(b"MSH|new"), arrived(b"MSH|old")])
    store_as_earlier(old_file, b"MSH|by a listener that still runs")

    rows = list(inbox.since(0))
    inbox.close()
    assert [(row.seq, row.arrived.raw, row.size) for row in rows] == [
        (1, b"MSH|old", 7), (2, b"MSH|new", 7), (3, b"MSH|old", 7), (4, b"MSH|by a listener that still runs", 33),
    ]  # fmt: skip


def test_the_same_bytes_are_found_across_versions_and_after_they_are_let_go(old_file):
    inbox = Inbox(old_file)
    inbox.store([arrived(b"MSH|old"), arrived(b"MSH|old")])
    inbox.let_go([1, 2], held=set(), days=30)

    found = [inbox.first_like(stored) for stored in inbox.since(0)]
    inbox.close()
    assert found == [None, 1, 1]


def test_what_is_let_go_keeps_its_row_and_says_so(inbox):
    inbox.store([arrived(b"MSH|a"), arrived(b"MSH|long"), arrived(b"MSH|c")])
    inbox.let_go([1, 2], held=set(), days=30)

    first, second, third = inbox.since(0)
    assert (first.arrived.raw, second.arrived.raw, third.arrived.raw) == (None, None, b"MSH|c")
    assert (second.seq, second.size, second.arrived.device, second.arrived.received_at) == (2, 8, "mon", AT)
    assert second.digest == hashlib.sha256(b"MSH|long").hexdigest()
    assert (second.bytes_say, third.bytes_say) == ("bytes no longer kept (clinic's policy, 30 days)", "kept")


def test_what_an_earlier_version_stored_is_let_go_too(old_file):
    inbox = Inbox(old_file)
    inbox.let_go([1], held=set(), days=30)

    (row,) = inbox.since(0)
    inbox.close()
    assert (row.arrived.raw, row.size) == (None, 7)


def test_each_message_names_the_policy_that_let_it_go(inbox):
    inbox.store([arrived(f"MSH|{n}".encode()) for n in range(5)])
    for numbers, days in (([1], 90), ([2], 90), ([3, 4], 30), ([5], 60)):
        inbox.let_go(numbers, held={4}, days=days)

    assert [row.days for row in inbox.since(0)] == [90, 90, 30, None, 60]


def test_only_what_is_old_and_charted_is_asked_about_and_only_once(inbox):
    def at(hours):
        return replace(arrived(f"MSH|{hours}".encode()), received_at=AT + timedelta(hours=hours))

    inbox.store([at(0), at(1), at(2), at(30)])
    wall = AT + timedelta(days=1, hours=1, minutes=30)

    assert inbox.aged(Policy(1, charted=4), wall, 10) == [1, 2]
    assert inbox.aged(Policy(1, charted=1), wall, 10) == [1]
    assert inbox.aged(Policy(1, charted=4), wall, 1) == [1]
    inbox.let_go([1], held={1}, days=1)
    assert inbox.aged(Policy(1, charted=4), wall, 10) == [2]


def test_bytes_that_are_let_go_leave_their_place_to_those_that_come(tmp_path):
    inbox, path = Inbox(tmp_path / "inbox.sqlite3"), tmp_path / "inbox.sqlite3"
    chance = random.Random(1)
    for _ in range(4):
        numbers = inbox.store([arrived(chance.randbytes(1000)) for _ in range(500)])
        inbox.let_go(numbers, held=set(), days=1)
    inbox.close()

    assert path.stat().st_size < 3 * 500 * 1000


def test_a_message_is_never_stored_without_its_bytes(inbox):
    with pytest.raises(ValueError, match="with its bytes"):
        inbox.store([arrived(None)])
