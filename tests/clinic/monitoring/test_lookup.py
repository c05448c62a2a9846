"""Single readings are found by index in two tables; the view of every reading says which ones they must be."""

import random
from datetime import timedelta

import pytest
from tests.builders import AT, make_watch

from openketamine.clinic.monitoring import lookup
from openketamine.clinic.monitoring.lookup import Ask, answers
from openketamine.clinic.monitoring.models import Device, Reading, StoredReading, StreamReading

pytestmark = pytest.mark.django_db
SIGNALS = ("spo2", "heart_rate", "nibp_systolic")


def when(second):
    return AT + timedelta(seconds=second)


@pytest.fixture
def watch():
    """A watch with sixty messages: some late, some of the same second, some without a value; and what people typed between them."""
    watch, chance = make_watch(), random.Random(7)
    device = Device.objects.create(identity="MON", first_seen_at=AT)
    for seq in range(1, 61):
        said = {
            "watch": watch,
            "device": device,
            "observed_at": when(chance.randrange(20)),
            "received_at": when(chance.randrange(20, 30)),
        }
        streamed = {signal: chance.choice([None, float(seq)]) for signal in ("spo2", "heart_rate")}
        StreamReading.objects.create(seq=seq, places=1 | 2 << 12, **said, **streamed)
        signal, value = chance.choice(SIGNALS), chance.choice([None, 100.0 + seq])
        row = {**said, "signal": signal, "value": value, "reason": "" if value else "probe off", "source": "device"}
        StoredReading.objects.create(**row, seq=seq, obx=9)
        StoredReading.objects.create(**{**row, "source": "typed", "value": 200.0 + seq, "device": None})
    return watch  # fmt: skip


def expected(watch, one):
    """Ask the view, which walks through everything."""
    rows = Reading.objects.filter(watch=watch, signal=one.signal)
    rows = rows.exclude(value=None) if one.valued else rows
    for name, at in (
        ("observed_at__lte", one.until),
        ("observed_at__gte", one.since),
        ("received_at__lte", one.received),
    ):
        rows = rows.filter(**{name: at}) if at else rows
    way = "" if one.first else "-"
    found = rows.order_by(f"{way}observed_at").first()
    return found and found.observed_at


def test_every_question_is_answered_as_the_view_of_every_reading_answers_it(watch):
    spans = [None, *(when(second) for second in (-1, 7, 19))]
    asked = [
        Ask(signal, until, since, received, valued, first)
        for signal in SIGNALS
        for until in spans
        for since in (None, when(3), when(11))
        for received in (None, when(24))
        for valued in (True, False)
        for first in (True, False)
    ]

    found = answers(watch.pk, asked)

    assert [row and row.observed_at for row in found] == [expected(watch, one) for one in asked]
    assert {row.signal for row in found if row} == set(SIGNALS)
    assert len(asked) > lookup.MOST / 2


def test_of_one_instant_the_message_that_came_last_counts(watch):
    device = Device.objects.get()
    for seq, value in ((70, 97.0), (71, 90.0)):
        row = {"watch": watch, "device": device, "observed_at": when(50), "received_at": when(50 + seq)}
        StreamReading.objects.create(seq=seq, places=1, spo2=value, **row)

    last, first = answers(watch.pk, [Ask("spo2"), Ask("spo2", since=when(50), first=True)])

    assert (last.value, last.seq, first.value, first.seq) == (90.0, 71, 97.0, 70)
    assert (last.unit, last.source) == ("%", "device")


def test_hundreds_of_questions_are_two_statements_for_each_hundred(watch, django_assert_num_queries):
    with django_assert_num_queries(2):
        answers(watch.pk, [Ask("spo2", when(second)) for second in range(lookup.MOST)])


def test_where_nothing_is_asked_no_database_is(watch, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert answers(watch.pk, []) == []
