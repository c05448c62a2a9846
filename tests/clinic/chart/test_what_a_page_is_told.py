"""The stream tells a chair's page of its own chair and of what people do; the board hears of everything."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from tests.builders import AT, make_patient, make_watch

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.chart import stream
from openketamine.clinic.chart.stream import Eyes
from openketamine.clinic.monitoring.models import AlarmEvent, Chair, Device, StoredReading, StreamReading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch):
    monkeypatch.setattr(stream, "close_old_connections", lambda: None)


@pytest.fixture
def here():
    return make_watch()


@pytest.fixture
def there():
    return make_watch(Chair.objects.create(name="Chair 2"), patient=make_patient(family_name="Other"))


def say(watch, seq):
    device, _ = Device.objects.get_or_create(identity="MON", defaults={"first_seen_at": AT})
    at = AT + timedelta(seconds=seq)
    StreamReading(seq=seq, watch=watch, device=device, observed_at=at, received_at=at, places=1, heart_rate=70).save()


def told(eyes, before, *watches):
    """Say for each watch, and for the board, whether something has changed; and what is seen now."""
    beat = eyes.look()
    return [beat.version_of(watch) != before.version_of(watch) for watch in (*[one.pk for one in watches], None)], beat


def test_a_reading_changes_the_page_of_its_own_chair_and_the_board(here, there):
    eyes = Eyes()
    beat = eyes.look()
    say(here, 1)

    changed, beat = told(eyes, beat, here, there)
    assert changed == [True, False, True]
    assert told(eyes, beat, here, there)[0] == [False, False, False]


def test_an_alarm_changes_the_page_of_its_own_chair_and_the_board(here, there):
    eyes = Eyes()
    beat = eyes.look()
    AlarmEvent(
        watch=there,
        rule="spo2_low",
        number=1,
        kind="physiological",
        priority="warning",
        state="raised",
        reason="",
        at=AT,
    ).save()

    assert told(eyes, beat, here, there)[0] == [False, True, True]


def test_what_is_done_with_one_person_changes_the_page_of_that_person_and_the_board(here, there):
    eyes = Eyes()
    beat = eyes.look()
    audit.record(by="nils", at=AT, action="alarm acknowledged", patient=there.patient.reference)

    changed, beat = told(eyes, beat, here, there)
    assert changed == [False, True, True]
    assert told(eyes, beat, here, there)[0] == [False, False, False]


def test_what_somebody_does_with_no_one_person_changes_every_page(here, there):
    eyes = Eyes()
    beat = eyes.look()
    audit.record(by="nils", at=AT, action="alarm acknowledged", about="alarm 1")

    assert told(eyes, beat, here, there)[0] == [True, True, True]


def test_a_chairs_page_is_told_apart_that_nothing_but_the_stream_goes_on(here):
    eyes = Eyes()
    beats = [eyes.look()]
    say(here, 1)
    beats.append(replace(eyes.look(), headlines={(here.pk, "en"): "<p>70</p>\n<p>98</p>"}))
    said = {
        "watch": here,
        "signal": "nibp_systolic",
        "value": 120,
        "observed_at": AT,
        "received_at": AT,
        "source": "device",
    }
    StoredReading(**said).save()
    say(here, 2)
    beats.append(eyes.look())

    assert [kind for kind, _data in heard(beats, here.pk, "en")] == ["changed", "streamed", "changed"]
    assert heard(beats, here.pk, "en")[1] == ("streamed", ["<p>70</p>", "<p>98</p>"])
    assert [kind for kind, _data in heard(beats, here.pk, "")] == ["changed", "changed"]
    assert [kind for kind, _data in heard(beats, None, "en")] == ["changed", "changed"]


def test_what_a_monitor_says_comes_at_once_also_when_more_has_happened_there(here):
    eyes = Eyes()
    beats = [eyes.look()]
    say(here, 1)
    audit.record(by="nils", at=AT, action="alarm acknowledged", patient=here.patient.reference)
    beats.append(replace(eyes.look(), headlines={(here.pk, "en"): "<p>70</p>"}))

    assert heard(beats, here.pk, "en")[1] == ("streamed", ["<p>70</p>"])
    assert [kind for kind, _data in heard(beats, here.pk, "en")] == ["changed", "streamed", "changed"]


def test_headlines_of_before_are_not_told_again_when_only_a_person_has_done_something(here):
    eyes, headlines = Eyes(), {(here.pk, "en"): "<p>70</p>"}
    say(here, 1)
    beats = [replace(eyes.look(), headlines=headlines)]
    audit.record(by="nils", at=AT, action="alarm acknowledged", patient=here.patient.reference)
    beats.append(replace(eyes.look(), headlines=headlines))

    assert [kind for kind, _data in heard(beats, here.pk, "en")] == ["changed", "changed"]


def test_a_page_whose_headlines_are_not_at_hand_asks_for_all_that_changes(here):
    eyes = Eyes()
    beats = [eyes.look()]
    say(here, 1)
    beats.append(eyes.look([(here.pk, "en")]))  # nobody is infused on this chair

    assert [kind for kind, _data in heard(beats, here.pk, "en")] == ["changed", "changed"]


def heard(beats, watch, language):
    """Return the events that a page hears, each with its lines, without the beats themselves."""

    class Told:
        async def beats(self, _onlooker):
            for beat in beats:
                yield beat

    async def every():
        return [one async for one in stream.events(Told(), watch, language)]

    words = b"".join(async_to_sync(every)()).decode()
    events = [one.splitlines() for one in words.split("\n\n") if "event: " in one and "event: beat" not in one]
    return [(one[1].removeprefix("event: "), [line.removeprefix("data: ") for line in one[2:]]) for one in events]
