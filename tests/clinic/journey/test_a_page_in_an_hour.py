"""A chair's page after most of an hour of monitoring: it asks the database little, and the chart is told what is new."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.clinic.journey.steps import go_to, planned, seated, started

from openketamine.clinic.audit import bulk
from openketamine.clinic.chart.headlines import Headlines
from openketamine.clinic.monitoring.models import Device, StoredReading, StreamReading

pytestmark = pytest.mark.django_db
HEADLINES, LIVE, CHART = 5, 36, 33
SECONDS = 2400


@pytest.fixture
def infusion(nurse, prescriber, patient, clinic, now):
    clinic.individual_prediction = True
    clinic.save()
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    streamed(infusion, now["at"], 1, SECONDS)
    go_to(now, SECONDS / 60)
    return infusion


def streamed(infusion, start, seq, seconds):
    """A monitor has sent its signals once a second, and a cuff every five minutes."""
    device, _ = Device.objects.get_or_create(identity="MON", defaults={"first_seen_at": start})
    said = {"watch": infusion.watch, "device": device}
    at = [start + timedelta(seconds=second) for second in range(seconds)]
    bulk.insert([
        StreamReading(seq=seq + n, places=1, observed_at=one, received_at=one, heart_rate=60.0 + n % 30, spo2=97.0, respiratory_rate=14.0, **said)
        for n, one in enumerate(at)
    ])  # fmt: skip
    bulk.insert([
        StoredReading(seq=seq + n, obx=60, signal="nibp_systolic", value=130.0, unit="mm[Hg]", observed_at=at[n], received_at=at[n], source="device", **said)
        for n in range(0, seconds, 300)
    ])  # fmt: skip


def chart(nurse, infusion, **asked):
    return nurse.client.get(reverse("infusion:chart", args=[infusion.reference]), asked).json()


def test_each_part_asks_the_database_a_bounded_number_of_questions(nurse, infusion, django_assert_max_num_queries):
    for name, most in (("infusion:live", LIVE), ("infusion:chart", CHART)):
        with django_assert_max_num_queries(most):
            assert nurse.get(name, infusion.reference).status_code == 200


def test_the_headlines_alone_are_those_of_the_whole_part(nurse, infusion, now, django_assert_max_num_queries):
    headlines, whole = Headlines(), nurse.get("infusion:live", infusion.reference).text
    alone = headlines.html(infusion.watch_id, "1", "en", at=now["at"])

    assert 'data-signal="heart_rate"' in alone
    assert alone.strip() in whole
    with django_assert_max_num_queries(HEADLINES):
        headlines.html(infusion.watch_id, "1", "en", at=now["at"])


def test_a_chart_is_told_only_what_is_new_of_a_stream(nurse, infusion, now):
    before = chart(nurse, infusion)
    streamed(infusion, now["at"], SECONDS + 1, 20)
    go_to(now, SECONDS / 60 + 1)

    news, whole = chart(nurse, infusion, after=before["upto"]), chart(nurse, infusion)

    assert (before["upto"], news["upto"], news["after"]) == (SECONDS, SECONDS + 20, SECONDS)
    assert len(before["vitals"]["spo2"]) == SECONDS // 10
    device = [[dot for dot in told["vitals"]["spo2"] if dot[2] == "MON"] for told in (news, whole)]
    assert device[0] == device[1][-len(device[0]) :]
    assert len(device[0]) in {2, 3}
    assert [dot[2] for dot in news["vitals"]["spo2"]].count(
        "typed by nils"
    ) == 1  # people do not write in the order of messages
    assert news["cuff"] == whole["cuff"]


def test_a_number_that_is_none_tells_everything(nurse, infusion):
    assert chart(nurse, infusion, after="-1; DROP")["after"] == 0
