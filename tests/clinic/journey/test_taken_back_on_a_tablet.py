"""What is taken back while the network is away: before it was sent, or within its ten seconds; and what goes under nobody else's name."""

from datetime import timedelta

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import checked, go_to, planned, record, seated, started

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.monitoring.models import AlarmAnswer, AlarmEvent, Reading, ReadingTakenBack, StoredReading

pytestmark = pytest.mark.django_db
SECOND = 1 / 60


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    return infusion


SAID = {"kind": "observation", "says": "blanket", "key": "a" * 32, "waited_s": "120"}


def taken_back(nurse, infusion, **more):
    return nurse.post("infusion:record", infusion.reference, **SAID, taken_back="10:14:02 blanket", **more)


def blankets():
    return InfusionEvent.objects.filter(says="blanket").count()


def test_what_is_taken_back_before_it_was_sent_never_counts_and_the_audit_says_what_it_was(nurse, infusion, now):
    go_to(now, 5)
    answer = taken_back(nurse, infusion)
    late = nurse.post("infusion:record", infusion.reference, **SAID)

    assert (answer.status_code, late.status_code, blankets()) == (200, 200, 0)
    row = Entry.objects.get(action="taken back on the tablet before it was sent")
    assert (row.by, row.detail["said"]) == ("nils", "10:14:02 blanket")


def test_what_had_arrived_before_it_was_taken_back_stands_and_the_tablet_is_told_where_to_take_it_out(
    nurse, infusion, now
):
    go_to(now, 5)
    nurse.post("infusion:record", infusion.reference, **SAID)
    refused = taken_back(nurse, infusion)

    assert (refused.status_code, blankets()) == (409, 1)
    assert "had reached the server before it was taken back" in refused.text


def test_taking_it_back_counts_once_also_when_its_answer_was_lost(nurse, infusion, now):
    go_to(now, 5)
    answers = [taken_back(nurse, infusion).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert Entry.objects.filter(action__startswith="taken back on the tablet").count() == 1


def test_nothing_is_recorded_or_taken_back_under_another_name_than_that_of_who_tapped(nurse, prescriber, infusion, now):
    go_to(now, 5)
    before = Entry.objects.count()
    theirs = [
        prescriber.post("infusion:record", infusion.reference, **SAID, by="nils"),
        taken_back(prescriber, infusion, by="nils"),
    ]

    assert [one.status_code for one in theirs] == [403, 403]
    assert (blankets(), Entry.objects.count()) == (0, before)
    nurse.post("infusion:record", infusion.reference, **SAID, by="nils")
    assert InfusionEvent.objects.get(says="blanket").by == "nils"


def test_an_undo_that_was_pressed_within_ten_seconds_counts_when_it_arrives_minutes_later(nurse, infusion, now):
    record(nurse, infusion, "emergency", says="emergency")
    number = InfusionEvent.objects.get(kind="emergency").number
    go_to(now, 3)
    nurse.post("infusion:undo", infusion.reference, number, waited_s=str(180 - 8), key="u1")

    row = InfusionEvent.objects.get(kind="undone")
    assert (row.voids.number, row.recorded_at) == (number, AT + timedelta(minutes=3))


def test_an_undo_that_was_pressed_after_ten_seconds_is_refused_however_it_arrives(nurse, infusion, now):
    record(nurse, infusion, "emergency", says="emergency")
    number = InfusionEvent.objects.get(kind="emergency").number
    go_to(now, 3)
    refused = nurse.post("infusion:undo", infusion.reference, number, waited_s=str(180 - 12), key="u1")

    assert (refused.status_code, "for ten seconds" in refused.text) == (409, True)
    assert not InfusionEvent.objects.filter(kind="undone").exists()


def test_a_value_of_a_scale_is_taken_back_from_a_tablet_too(nurse, infusion, now):
    nurse.post("infusion:observe", infusion.reference, signal="distress", value="7")
    row = StoredReading.objects.get(signal="distress")
    go_to(now, 2)
    for _ in range(2):
        nurse.post("infusion:undo-value", infusion.reference, row.pk, waited_s=str(120 - 5), key="u2")

    assert ReadingTakenBack.objects.count() == 1
    assert not Reading.objects.filter(signal="distress").exclude(value=None).exists()


def test_a_tap_is_never_older_than_what_its_page_had_last_heard(nurse, infusion, now):
    go_to(now, 10)
    heard = (AT + timedelta(minutes=8)).isoformat()
    record(nurse, infusion, "observation", says="calm", waited_s="300", heard=heard)
    record(nurse, infusion, "observation", says="awake", waited_s="60", heard=heard)

    found = {row.says: row.at - AT for row in InfusionEvent.objects.filter(kind="observation")}
    assert found == {"calm": timedelta(minutes=8), "awake": timedelta(minutes=9)}


@pytest.mark.parametrize(("heard_at", "quieted"), [(10.5, 0), (11.99, 1)])
def test_a_page_that_had_lost_the_server_does_not_quiet_what_got_worse_though_it_sends_at_once(
    nurse, infusion, now, heard_at, quieted
):
    go_to(now, 10)
    checked(nurse, infusion, 172, 96)
    event = AlarmEvent.objects.filter(rule="bp_systolic_warn", state="raised").latest("pk")
    go_to(now, 11)
    checked(nurse, infusion, 178, 98)
    go_to(now, 12)
    heard = (AT + timedelta(minutes=heard_at)).isoformat()
    nurse.post(
        "infusion:answer", infusion.reference, event.pk, act="acknowledge", heard=heard,
        shown=(AT + timedelta(minutes=10)).isoformat(),
    )  # fmt: skip

    assert AlarmAnswer.objects.count() == quieted


def test_what_the_page_had_still_heard_after_it_showed_the_alarm_is_no_worsening(nurse, infusion, now):
    go_to(now, 10)
    checked(nurse, infusion, 172, 96)
    event = AlarmEvent.objects.filter(rule="bp_systolic_warn", state="raised").latest("pk")
    go_to(now, 11)
    checked(nurse, infusion, 178, 98)
    go_to(now, 13)
    moments = {"shown": AT + timedelta(minutes=10), "heard": AT + timedelta(minutes=11.5)}
    nurse.post(
        "infusion:answer", infusion.reference, event.pk, act="acknowledge", waited_s="60",
        **{name: at.isoformat() for name, at in moments.items()},
    )  # fmt: skip

    assert AlarmAnswer.objects.get().at == AT + timedelta(minutes=12)


@pytest.mark.parametrize("heard", ["", "soon", "2026-03-02T09:08:00", "2026-99-02T09:08:00+00:00"])
def test_what_is_no_instant_says_nothing_of_when_a_page_last_heard(nurse, infusion, now, heard):
    go_to(now, 10)
    record(nurse, infusion, "observation", says="calm", waited_s="300", heard=heard)

    assert InfusionEvent.objects.get(says="calm").at == AT + timedelta(minutes=5)
