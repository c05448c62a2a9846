"""How long raw messages are kept: the clinic's days, what is charted, and what keeps its bytes whatever its age."""

import asyncio
from datetime import timedelta

import pytest
from tests.builders import AT, make_clinic, make_infusing, make_watch

from openketamine.clinic.infusion.models import Incident
from openketamine.clinic.monitoring.models import (
    Device,
    DeviceAlarm,
    DeviceNotice,
    NotCharted,
    Pulse,
    PumpStatement,
    StoredReading,
    StreamReading,
    Watch,
)
from openketamine.doors.hl7v2 import keeping
from openketamine.doors.hl7v2.inbox import Arrived, Inbox, Policy
from openketamine.doors.hl7v2.listener import LET_GO_AT_ONCE, Limits, Listener

pytestmark = pytest.mark.django_db
NUMBERS = list(range(1, 30))


@pytest.mark.parametrize(
    ("days", "charted", "found"),
    [(None, 7, None), (30, 7, Policy(30, 7)), (30, 0, None)],
)
def test_a_clinic_that_has_set_no_days_or_charted_nothing_keeps_everything(days, charted, found):
    make_clinic(raw_message_days=days)
    Pulse.objects.create(pk=1, inbox_seq=charted)

    assert keeping.policy() == found


def test_before_there_is_a_clinic_everything_is_kept():
    assert keeping.policy() is None


def say(watch, device, first):
    """Chart four messages of a watch, numbered from `first`, one for each thing that a message becomes."""
    common = {"watch": watch, "device": device}
    seen = {"observed_at": AT, "received_at": AT}
    StreamReading(seq=first, places=0, heart_rate=70.0, **common, **seen).save()
    StoredReading(seq=first + 1, obx=1, signal="nibp_systolic", value=120.0, source="device", **common, **seen).save()
    PumpStatement.objects.bulk_create([PumpStatement(seq=first + 2, at=AT, **common)])
    DeviceAlarm.objects.bulk_create([DeviceAlarm(seq=first + 3, at=AT, **common)])


def test_messages_of_a_frozen_session_keep_their_bytes_and_those_of_others_do_not():
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    make_clinic()
    frozen, other = (
        make_infusing(),
        make_watch(patient=make_infusing(chair="Chair 2", at=AT + timedelta(hours=1)).patient, ended_at=AT),
    )
    say(frozen.watch, device, 1)
    say(other, device, 11)
    assert keeping.held(NUMBERS) == set()

    Incident(infusion=frozen, reason="fell", digest="0" * 64, at=AT, by="ada").save()

    assert keeping.held(NUMBERS) == {1, 2, 3, 4}
    assert keeping.held([2, 3, 12]) == {2, 3}


def test_a_frozen_session_that_was_moved_here_keeps_the_messages_of_the_one_it_was_moved_from():
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    make_clinic()
    moved = make_infusing()
    old = make_watch(Watch.objects.get().chair, at=moved.watch.started_at, ended_at=moved.watch.started_at)
    say(old, device, 1)
    Incident(infusion=moved, reason="fell", digest="0" * 64, at=AT, by="ada").save()

    assert keeping.held(NUMBERS) == {1, 2, 3, 4}


def test_a_message_that_a_notice_names_or_that_could_not_be_charted_keeps_its_bytes():
    DeviceNotice(device="MON", code="error", says="a message was not taken", at=AT, seq=5).save()
    DeviceNotice(device="MON", code="unknown", says="", at=AT).save()
    NotCharted(seq=6).save()

    assert keeping.held(NUMBERS) == {5, 6}


@pytest.fixture
def inbox(tmp_path):
    inbox = Inbox(tmp_path / "inbox.sqlite3")
    inbox.store(
        [Arrived(AT, "127.0.0.1", f"C{n}", "MON", "accept", "AA", "", b"MSH|%d" % n) for n in range(LET_GO_AT_ONCE + 5)]
    )
    yield inbox
    inbox.close()


def let_go(inbox, policy, held=frozenset, days=31):
    listener = Listener(inbox, Limits(), lambda: AT + timedelta(days=days))
    return asyncio.run(listener.let_go(lambda: policy, lambda _numbers: set(held())))


def gone(inbox):
    return [row.seq for row in inbox.since(0) if row.arrived.raw is None]


def test_the_listener_lets_go_in_small_batches_and_says_when_there_is_more(inbox):
    everything = Policy(30, LET_GO_AT_ONCE + 5)

    assert let_go(inbox, everything, lambda: {3}) is True
    assert gone(inbox) == [n for n in range(1, LET_GO_AT_ONCE + 1) if n != 3]
    assert let_go(inbox, everything) is False
    assert gone(inbox) == [n for n in range(1, LET_GO_AT_ONCE + 6) if n != 3]
    assert let_go(inbox, everything) is False


@pytest.mark.parametrize(("policy", "days"), [(None, 31), (Policy(30, 0), 31), (Policy(30, 9), 30)])
def test_without_a_policy_before_they_are_charted_or_too_early_nothing_goes(inbox, policy, days):
    assert let_go(inbox, policy, days=days) is False
    assert gone(inbox) == []


def test_whoever_waits_for_an_answer_comes_first(inbox):
    """Messages that come while bytes are let go are written down, and a batch waits for a quiet moment, but not for ever."""

    async def both():
        listener = Listener(inbox, Limits(), lambda: AT + timedelta(days=31))
        writing = asyncio.create_task(listener.write_down())
        raw = Arrived(AT, "127.0.0.1", "now", "MON", "accept", "AA", "", b"MSH|now")
        going = asyncio.create_task(listener.let_go(lambda: Policy(30, 50), lambda _numbers: set()))
        numbers = [await listener._stored(raw) for _ in range(30)]
        await going
        writing.cancel()
        return numbers

    first = LET_GO_AT_ONCE + 6
    assert asyncio.run(both()) == list(range(first, first + 30))
    assert gone(inbox) == list(range(1, 51))
