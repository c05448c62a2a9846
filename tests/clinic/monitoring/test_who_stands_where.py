"""A worker remembers which device stands where until anybody has done anything; then it asks again."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_watch

from openketamine.clinic.monitoring import actions, charting
from openketamine.clinic.monitoring.charting import Memory, Said, Seen
from openketamine.clinic.monitoring.models import Chair, Device, StreamReading
from openketamine.clinic.people.models import Role
from openketamine.clinic.tasks import actions as tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def watch():
    watch = make_watch()
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    actions.accept_device(device=device, chair=watch.chair, by="nils", at=AT)
    return watch


def said(seq, identity="MON", after_s=1.0):
    at = AT + timedelta(seconds=after_s + seq)
    return [Said(identity, seq, at, [Seen(1, "spo2", 97.0, "%", "", at)])]


def written(messages, memory):
    places, fresh = charting.places_of(messages, memory)
    charting.chart(messages, places, memory)
    return fresh


def test_while_nobody_does_anything_the_database_is_not_asked_again(watch, django_assert_num_queries):
    memory = Memory()
    charting.places_of(said(1), memory)

    with django_assert_num_queries(1):  # the newest audit row
        charting.places_of(said(2), memory)


def test_a_person_who_is_called_moves_no_device(watch, django_assert_num_queries):
    memory = Memory()
    charting.places_of(said(1), memory)
    tasks.open_task(key="second called 1", says="Chair 1: somebody is called", owner=Role.NURSE, due_at=AT, at=AT)

    with django_assert_num_queries(2):  # the newest audit row, and whether any since is more than a call
        charting.places_of(said(2), memory)
    with django_assert_num_queries(1):
        charting.places_of(said(3), memory)


def test_a_device_that_is_moved_is_followed_from_that_instant_on(watch):
    memory = Memory()
    written(said(1), memory)
    other = make_watch(Chair.objects.create(name="Chair 2"))
    device = Device.objects.get(identity="MON")
    actions.accept_device(device=device, chair=other.chair, by="nils", at=AT + timedelta(seconds=3))
    written(said(2, after_s=1.5), memory)

    assert list(StreamReading.objects.order_by("seq").values_list("watch", flat=True)) == [watch.pk, other.pk]


def test_a_device_that_nobody_has_seen_is_told_once_and_then_known(watch):
    memory = Memory()
    written(said(1), memory)

    assert [device.identity for device in written(said(2, "NEW"), memory)] == ["NEW"]
    assert written(said(3, "NEW"), memory) == []
    assert StreamReading.objects.get(seq=3).watch is None


def test_a_message_from_before_what_is_remembered_is_asked_after(watch):
    memory = Memory()
    written(said(9), memory)
    written(said(3), memory)

    assert memory.places.since == AT + timedelta(seconds=4)
    assert StreamReading.objects.get(seq=3).watch == watch
