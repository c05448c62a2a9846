"""What is stored stays stored."""

from datetime import UTC, datetime

import pytest

from openketamine.doors.hl7v2.inbox import AckState, Arrived, Inbox

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
