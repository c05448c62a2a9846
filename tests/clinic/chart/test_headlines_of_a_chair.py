"""The stream brings a chair's headlines: those of now, in the language of the page, and after what people did there."""

from datetime import timedelta

import pytest
from tests.clinic.journey.steps import planned, seated, started

from openketamine.clinic.audit import bulk
from openketamine.clinic.chart import stream
from openketamine.clinic.chart.stream import Eyes
from openketamine.clinic.monitoring.models import Device, StreamReading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch):
    monkeypatch.setattr(stream, "close_old_connections", lambda: None)


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    return infusion


def say(infusion, seq, heart_rate, at):
    device, _ = Device.objects.get_or_create(identity="MON", defaults={"first_seen_at": at})
    bulk.insert([StreamReading(
        seq=seq, watch=infusion.watch, device=device, observed_at=at, received_at=at, places=1, heart_rate=heart_rate,
    )])  # fmt: skip


def looked(eyes, infusion, language="en"):
    onlooker = infusion.watch_id, language
    return eyes.look([onlooker]).headlines.get(onlooker, "")


def test_headlines_are_those_of_the_last_message_and_stay_until_the_next(infusion, now):
    eyes = Eyes()
    assert looked(eyes, infusion) == ""

    say(infusion, 1, 61.0, now["at"])
    assert '<span class="value">61</span>' in looked(eyes, infusion)
    say(infusion, 2, 62.0, now["at"] + timedelta(milliseconds=500))
    now["at"] += timedelta(seconds=1)
    shown = looked(eyes, infusion)

    assert '<span class="value">62</span>' in shown
    assert looked(eyes, infusion) == shown


def test_what_people_do_is_in_the_next_headlines(infusion, nurse, now):
    eyes = Eyes()
    looked(eyes, infusion)
    say(infusion, 1, 61.0, now["at"])
    assert "143/87" not in looked(eyes, infusion)

    nurse.post("infusion:check", infusion.reference, nibp_systolic="143", nibp_diastolic="87")
    say(infusion, 2, 62.0, now["at"])

    assert "143/87" in looked(eyes, infusion)


def test_each_page_reads_its_own_language(infusion, now):
    eyes = Eyes()
    looked(eyes, infusion)
    say(infusion, 1, 61.0, now["at"])
    beat = eyes.look([(infusion.watch_id, "en"), (infusion.watch_id, "de")])

    assert {language for _watch, language in beat.headlines} == {"en", "de"}


def test_nothing_is_rendered_for_a_page_that_has_gone(infusion, now):
    eyes = Eyes()
    eyes.look()
    say(infusion, 1, 61.0, now["at"])

    assert dict(eyes.look().headlines) == {}
