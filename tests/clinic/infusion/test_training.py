"""A recorded session played again: what stood at each instant, nothing that came later, and never a write."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.urls import reverse
from tests.builders import AT, make_infusing

from openketamine.clinic.audit.models import Entry, ImmutableError
from openketamine.clinic.audit.reading_only import WriteRefusedError, only_reads, reading_only
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion import corrections, panels, past, queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.series import series
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import AlarmEvent, Device, StoredReading
from openketamine.clinic.people.models import Clinic
from openketamine.core.infusion.events import Kind
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db
PARTS = ("infusion:training", "infusion:training-live", "infusion:training-chart", "infusion:training-grid")


@pytest.fixture
def then():
    """Minute: what the chart drew when that minute was now."""
    return {}


@pytest.fixture
def played(clinic, patient, then):
    """Started at minute 0 and the pump seen at 5; 184/112 at 10, 182/111 at 15; a pause of minute 18 written down at 20; left at 30."""
    Clinic.objects.update(individual_prediction=True)
    infusion = make_infusing(patient)
    step(infusion, Kind.PUMP_SEEN, 5, rate_ml_per_h=150.0)
    for minute, systolic, diastolic in ((10, 184, 112), (15, 182, 111)):
        demo_lives.checked(infusion, systolic, diastolic, at=minutes(minute), spo2=97.0, heart_rate=90.0)
        alarms.evaluate(infusion.watch_id, at=minutes(minute))
        then[f"waiting {minute}"] = waiting_now(minute)
    then[16] = series(infusion, at=minutes(16))
    step(infusion, Kind.PAUSED, 18, written_at=20)
    step(infusion, Kind.STOPPED, 28, delivered_ml=45.0)
    step(infusion, Kind.LEFT, 30, says="went home early")
    return Infusion.objects.get()


def waiting_now(minute):
    """The countdown of the chair page while that minute is now: of the memory of the alarms."""
    return panels.recheck(Infusion.objects.select_related("watch").get(), at=minutes(minute))


def minutes(number):
    return AT + timedelta(minutes=number)


def step(infusion, kind, minute, written_at=None, **fields):
    infusions.record(
        infusion=infusion, kind=kind, by="nils", at=minutes(minute), now=minutes(written_at or minute), **fields
    )


def seen(infusion, minute):
    return past.as_of(infusion, minutes(minute))


def shown(infusion, minute):
    return series(seen(infusion, minute), at=minutes(minute))


def asked(desk, name, infusion, minute):
    since_opened = minutes(minute) - infusion.opened_at
    return desk.client.get(reverse(name, args=[infusion.reference]), {"s": int(since_opened.total_seconds())})


def rows_of_every_table():
    return {model: model._base_manager.count() for model in apps.get_models() if model._meta.managed}


STOOD = {
    9: (1, "infusing", 0),
    10: (2, "infusing", 1),
    16: (3, "infusing", 2),
    29: (3, "recovering", 2),
    30: (3, "left", 2),
}
"""Minute: how many pressures, which phase, how many alarms."""


def test_each_instant_shows_what_stood_then_and_nothing_later(nurse, played):
    found = {}
    for minute in STOOD:
        drawn = asked(nurse, "infusion:training-chart", played, minute).json()
        page = asked(nurse, "infusion:training-live", played, minute).text
        phase = re.search(r'data-phase-now="(\w+)"', page)[1]
        found[minute] = (len(drawn["cuff"]), phase, len(re.findall(r'id="alarm-\d+"', page)))
        assert drawn["now"] == minute

    assert found == STOOD


def test_a_late_entry_is_there_from_when_it_was_written_down(played):
    kinds = {minute: [event["kind"] for event in shown(played, minute)["events"]] for minute in (19, 20)}

    assert "paused" not in kinds[19]
    assert "paused" in kinds[20]
    assert shown(played, 20)["delivered"][1][0] == 18


def test_a_corrected_step_stands_until_it_was_corrected(played):
    start = next(row for row in queries.standing_events(played) if row.kind == "started")
    corrections.correct(event=start, by="nils", now=minutes(60), reason="the wrong pump", rate_ml_per_h=75.0)

    assert shown(played, 29)["delivered"][0][1] == 150.0
    assert series(played, at=minutes(30))["delivered"][0][1] == 75.0


def test_a_reading_that_came_late_is_there_from_when_it_came(played):
    observed, received = minutes(12), minutes(14)
    StoredReading(
        watch=played.watch, device=Device.objects.create(identity="MON", first_seen_at=AT), signal="spo2", value=91.0, unit="%",
        observed_at=observed, received_at=received, source="device",
    ).save()  # fmt: skip

    values = {minute: [dot[1] for dot in shown(played, minute)["vitals"]["spo2"]] for minute in (13, 14)}
    assert 91.0 not in values[13]
    assert 91.0 in values[14]


def test_the_level_learns_from_nothing_that_lay_ahead(played):
    learned = [shown(played, minute)["prediction"]["learned_from"] for minute in (9, 10, 16)]

    assert learned[0] == 0
    assert learned == sorted(set(learned))


def test_a_moment_is_drawn_as_it_was_drawn_when_it_was_now(played, then):
    assert shown(played, 16) == then[16]


def test_the_last_moment_is_what_the_chair_page_shows_of_a_closed_session(played):
    assert shown(played, 30) == series(played, at=played.closed_at)


COUNTED = {
    9: None, 10: "recheck due in 5:00", 13: "recheck due in 2:00", 14.5: "recheck due in 0:30", 15: "recheck due in 5:00", 19: "recheck due in 1:00",
    21: "recheck overdue 1:00",
}  # fmt: skip
"""184/112 at minute 10, 182/111 at 15: each asks for a reading five minutes later."""


def countdown(page):
    found = re.search(r'class="due recheck.*?</span>', page, re.DOTALL)
    return found and " ".join(re.sub(r"<[^>]+>", "", found[0].partition(">")[2]).split())


def test_the_countdown_to_a_second_reading_is_the_one_that_stood_then(nurse, played, then):
    found = {minute: countdown(asked(nurse, "infusion:training-live", played, minute).text) for minute in COUNTED}

    assert found == COUNTED
    for minute in (10, 15):
        assert panels.recheck(seen(played, minute), at=minutes(minute)) == then[f"waiting {minute}"]
        assert then[f"waiting {minute}"]["clock"] == "5:00"


def test_a_lower_pressure_ends_the_countdown_from_when_it_was_received(nurse, played):
    for signal, value in (("nibp_systolic", 150.0), ("nibp_diastolic", 85.0)):
        StoredReading(
            watch=played.watch, signal=signal, value=value, unit="mm[Hg]", observed_at=minutes(17), received_at=minutes(18), source="typed", by="nils",
        ).save()  # fmt: skip

    found = [countdown(asked(nurse, "infusion:training-live", played, minute).text) for minute in (17, 18)]
    assert found == ["recheck due in 3:00", None]


def test_every_part_of_it_opens_while_the_database_refuses_writes_and_no_row_is_added(nurse, played):
    before = rows_of_every_table()

    with reading_only():
        opened = [asked(nurse, name, played, minute).status_code for name in PARTS for minute in (0, 9, 16, 30, 9999)]

    assert opened == [200] * len(opened)
    assert rows_of_every_table() == before
    assert before[Entry] > 0
    assert before[AlarmEvent] > 0


def test_a_page_that_only_looks_cannot_write_even_when_it_tries():
    @only_reads
    def careless(_request):
        Entry(at=AT, by="nils", action="written by mistake").save()

    count = Entry.objects.count()
    with pytest.raises(WriteRefusedError, match="INSERT INTO"), transaction.atomic():
        careless(None)
    assert Entry.objects.count() == count


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE people_clinic SET name = 'x'",
        "DELETE FROM people_clinic",
        "  with one as (select 1) delete from people_clinic",
        "",
    ],
)
def test_only_a_select_comes_through(clinic, statement):
    with reading_only(), connection.cursor() as cursor:
        with pytest.raises(WriteRefusedError):
            cursor.execute(statement)
        cursor.execute("SELECT name FROM people_clinic")
        assert cursor.fetchall() == [("Test clinic",)]


def test_a_session_of_the_past_cannot_be_saved(played):
    with pytest.raises(ImmutableError):
        seen(played, 9).save()
    assert played.closed_at == minutes(30)


def test_it_says_training_and_offers_nothing_to_record(nurse, played):
    page = asked(nurse, "infusion:training", played, 16).text
    main = page.partition("<main")[2].partition("</main")[0]

    assert "TRAINING" in main
    assert 'method="post"' not in main
    assert "Acknowledge" not in main
    assert str(played.patient) not in main
    assert 'data-stream=""' in page
    assert "alarm.js" not in page


def test_the_signed_record_leads_to_it(nurse, played):
    assert reverse("infusion:training", args=[played.reference]) in nurse.get("recovery:panel", played.reference).text


def test_nonsense_for_a_moment_is_the_beginning(nurse, played):
    answer = nurse.client.get(reverse("infusion:training-chart", args=[played.reference]), {"s": "-3 or so"})

    assert answer.json() == asked(nurse, "infusion:training-chart", played, -2).json()


def test_a_second_look_at_the_pump_is_known_from_when_it_was_taken(nurse, played):
    said = {minute: asked(nurse, "infusion:training-live", played, minute).text for minute in (4, 5)}

    assert "recorded, not confirmed by pump" in said[4]
    assert "recorded, not confirmed by pump" not in said[5]
