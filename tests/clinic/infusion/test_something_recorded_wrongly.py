"""Another person, another chair, another unit: new rows, both records show it, drug book and level follow."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion import actions, before, corrections, curves, queries
from openketamine.clinic.infusion.models import GateAnswer, Infusion, InfusionEvent
from openketamine.clinic.infusion.moving import move
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import AlarmEvent, Chair, Device, DeviceOnChair, Reading, Source
from openketamine.clinic.monitoring.queries import belonging
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Role
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.ui import clock
from openketamine.core.infusion.events import Kind
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db
START = AT + timedelta(minutes=15)
NOW = START + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    make_clinic(individual_prediction=True)


@pytest.fixture
def recorded():
    """The person under whom the infusion was recorded: 80 kg, it runs for ten minutes."""
    return person("Recorded")


@pytest.fixture
def really():
    """The person who sat there: 60 kg, with an order of their own."""
    patient = person("Really")
    ordered(patient, Decimal(60))
    return patient


@pytest.fixture
def running(recorded):
    infusion = ordered(recorded, Decimal(80), chair("Chair 1"))
    demo_lives.started(infusion, at=START)
    return infusion


def person(name):
    return make_patient(given_name=name)


def chair(name):
    return Chair.objects.get_or_create(name=name)[0]


def ordered(patient, weight, at_chair=None):
    """A course and a signed order; with a chair, an open session."""
    days = demo_lives.course(patient, first_on=AT, at=AT)
    infusion = demo_lives.seated(patient, days[0], at_chair or chair("elsewhere"), weight_kg=weight, at=AT)
    if at_chair is None:
        actions.record(infusion=infusion, kind=Kind.CANCELLED, by="nils", at=AT, now=AT)
    return infusion


def moved(infusion, patient=None, to=None, reason="the wrong chart was open"):
    patient = patient or infusion.patient
    order = infusion.order if patient == infusion.patient else plan.order_in_force(plan.next_planned(patient))
    return move(
        infusion=infusion,
        patient=patient,
        order=order,
        chair=to or infusion.watch.chair,
        reason=reason,
        by="nora",
        at=NOW,
    )


def kinds(infusion):
    return [row.kind for row in queries.standing_events(infusion)]


def test_the_steps_stand_in_the_right_record_and_are_struck_in_the_wrong_one(running, really):
    new = moved(running, really)

    assert new.patient == really
    assert queries.course_of(new).started_at == START
    assert queries.course_of(Infusion.objects.get(pk=running.pk)).started_at is None
    assert kinds(running)[-1] == "cancelled"
    assert InfusionEvent.objects.filter(infusion=running, kind="started").exists()


def test_both_records_name_the_other_session_the_reason_and_who(running, really):
    new = moved(running, really)

    for one, other in ((running, new), (new, running)):
        said = [
            row
            for row in InfusionEvent.objects.filter(infusion=one, by="nora")
            if "the wrong chart was open" in row.says
        ]
        assert any(other.reference in row.says for row in said)
        assert Entry.objects.filter(action="session moved", patient=one.patient.reference, by="nora").count() == 1


def test_an_alarm_goes_on_in_the_right_record_where_it_stood_and_is_raised_there_once(running, really):
    at = START + timedelta(minutes=2)
    monitoring.chart_typed(watch=running.watch, values={"spo2": 80.0}, reasons={}, by="nils", observed_at=at, at=at)
    alarms.evaluate(running.watch_id, at=at + timedelta(minutes=1))
    heard = list(AlarmEvent.objects.values_list("rule", "number", "state"))
    new = moved(running, really)
    alarms.tick_all(at=NOW)

    assert [row for row in heard if row[2] == "raised"]
    assert set(heard) <= set(AlarmEvent.objects.filter(watch=new.watch).values_list("rule", "number", "state"))
    raised = AlarmEvent.objects.filter(watch=new.watch, rule="spo2_very_low", state="raised")
    assert raised.count() == 1


def test_the_drug_book_follows_and_balances(running, really):
    drawn = ledger.balance(running.reference).drawn_mg
    new = moved(running, really)
    actions.record(infusion=new, kind=Kind.STOPPED, by="nils", at=NOW, now=NOW)

    assert drawn > 0
    assert ledger.balance(new.reference).drawn_mg == drawn
    assert ledger.balance(new.reference).given_mg > 0
    old = ledger.balance(running.reference)
    assert (old.drawn_mg, old.given_mg, old.wasted_mg) == (0, 0, 0)


def test_the_level_is_that_of_the_person_who_was_given_it(running, really):
    before = curves.level_now(running, at=NOW)
    new = moved(running, really)

    assert curves.level_now(Infusion.objects.get(pk=running.pk), at=NOW) is None
    after = curves.level_now(new, at=NOW)
    assert after is not None
    assert after != before


def test_the_infusion_counts_in_the_right_course(running, recorded, really):
    assert str(plan.next_planned(recorded)) == "2 of 6"
    moved(running, really)

    assert str(plan.next_planned(recorded)) == "1 of 6"
    assert str(plan.next_planned(really)) == "2 of 6"


def test_the_course_goes_on_where_it_stood_when_that_infusion_is_given_later(running, recorded, really):
    moved(running, really)
    order = plan.order_in_force(plan.next_planned(recorded))
    again = actions.open_session(patient=recorded, order=order, chair=chair("Chair 3"), by="nils", at=NOW, required=())
    demo_lives.started(again, at=NOW + timedelta(minutes=15))

    assert str(plan.next_planned(recorded)) == "2 of 6"


def test_a_finding_stands_on_both_records_and_holds_the_person_who_was_given_it(running, recorded, really):
    moved(running, really)

    assert [one.holds_infusion for one in people.open_findings(recorded)] == [False]
    assert [one.holds_infusion for one in people.open_findings(really)] == [True]
    assert plan.holds(plan.next_planned(really))


def test_nobody_asked_the_other_person_so_the_checks_are_not_asked(running, really):
    new = moved(running, really)

    assert {item.answer for item in before.gate(new) if not item.measured} == {"not asked"}
    assert GateAnswer.objects.filter(infusion=running).exists()


def test_readings_are_in_the_right_record_and_late_ones_come_there(running, really):
    device = Device.objects.create(identity="monitor", first_seen_at=AT)
    DeviceOnChair(device=device, chair=running.watch.chair, at=AT, by="nils").save()
    count = Reading.objects.filter(watch=running.watch).count()
    new = moved(running, really)

    assert Reading.objects.filter(watch=new.watch).count() == count > 0
    assert belonging([device.pk], since=START)(device.pk, START + timedelta(minutes=5)) == new.watch


def test_another_chair_brings_its_own_devices_and_keeps_the_checks(running):
    other, there = chair("Chair 2"), Device.objects.create(identity="there", first_seen_at=AT)
    DeviceOnChair(device=there, chair=other, at=AT, by="nils").save()
    here = Device.objects.create(identity="here", first_seen_at=AT)
    for device, watch, value in ((here, running.watch, 55.0), (there, None, 77.0)):
        Reading(
            watch=watch, device=device, signal="heart_rate", value=value, unit="/min", observed_at=START, received_at=START,
            source=Source.DEVICE, seq=device.pk, obx=1,
        ).save()  # fmt: skip
    asked = {item.id: item.answer for item in before.gate(running)}
    new = moved(running, to=other)

    assert list(
        Reading.objects.filter(watch=new.watch, signal="heart_rate", source=Source.DEVICE).values_list(
            "value", flat=True
        )
    ) == [77.0]
    assert Reading.objects.filter(watch=new.watch, signal="nibp_systolic", source=Source.TYPED).exists()
    assert {item.id: item.answer for item in before.gate(new)} == asked
    assert "yes" in asked.values()
    assert not people.open_findings(new.patient).exists()
    assert str(plan.next_planned(new.patient)) == "2 of 6"


def test_a_correction_made_before_is_carried_over(running, really):
    event = InfusionEvent.objects.get(infusion=running, kind="started")
    corrections.correct(event=event, by="nils", now=NOW, reason="misread", rate_ml_per_h=100.0)
    new = moved(running, really)

    assert queries.course_of(new).rate_ml_per_h == 100.0
    assert InfusionEvent.objects.filter(infusion=new).exclude(voids=None).count() == 1


def test_before_the_start_nothing_holds_and_nothing_counts(recorded, really):
    opened = ordered(recorded, Decimal(80), chair("Chair 1"))
    new = moved(opened, really)

    assert not people.open_findings(really).exists()
    assert (str(plan.next_planned(recorded)), str(plan.next_planned(really))) == ("1 of 6", "1 of 6")
    assert (new.closed_at, opened.watch.chair) == (None, new.watch.chair)


def test_what_cannot_be_moved_is_said_and_nothing_changes(running, really):
    before = list(InfusionEvent.objects.filter(infusion=running).values_list("pk", flat=True))
    busy = chair("Chair 2")
    ordered(person("Busy"), Decimal(70), busy)
    for call in (
        lambda: moved(running),
        lambda: moved(running, really, reason=" "),
        lambda: moved(running, really, to=busy),
        lambda: move(
            infusion=running,
            patient=really,
            order=running.order,
            chair=running.watch.chair,
            reason="x",
            by="nora",
            at=NOW,
        ),
    ):
        with pytest.raises(actions.NotNowError):
            call()
    assert Infusion.objects.get(pk=running.pk).closed_at is None
    assert list(InfusionEvent.objects.filter(infusion=running).values_list("pk", flat=True)) == before


def test_a_session_is_moved_once(running, really):
    moved(running, really)

    with pytest.raises(actions.NotNowError, match="moved already"):
        moved(running, to=chair("Chair 2"))


@pytest.fixture
def nurse(client):
    client.force_login(make_staff(Role.NURSE))
    return client


def test_the_chair_page_leads_to_the_correction_and_it_asks_who_it_was(nurse, running, really):
    address = reverse("infusion:wrong", args=[running.reference])
    assert address in nurse.get(reverse("infusion:chair", args=[running.reference])).text
    page = nurse.get(address)
    assert "Really" in page.text

    page = nurse.post(address, {"patient": really.reference, "reason": "the wrong chart was open"}, follow=True)
    assert "Moved. Both records show it" in page.text
    assert Infusion.objects.get(patient=really, closed_at=None).watch.chair == running.watch.chair


def test_a_correction_without_a_reason_keeps_what_was_chosen(nurse, running, really):
    page = nurse.post(reverse("infusion:wrong", args=[running.reference]), {"patient": really.reference, "reason": ""})

    assert page.status_code == 422
    assert f'value="{really.reference}" selected' in page.text


def test_a_temperature_typed_in_fahrenheit_counts_in_celsius_and_the_typed_one_stays(nurse, running):
    [row] = monitoring.chart_typed(
        watch=running.watch, values={"temperature": 98.6}, reasons={}, by="nils", observed_at=NOW, at=NOW
    )
    address = reverse("infusion:wrong-unit", args=[running.reference])
    assert "temperature 98.6" in nurse.get(address).text
    nurse.post(address, {"reading": f"{row.pk} [degF]", "reason": "American thermometer"})

    rows = Reading.objects.filter(watch=running.watch, signal="temperature").order_by("observed_at", "pk")
    assert [(one.value, one.unit, one.by) for one in rows] == [(98.6, "Cel", "nils"), (37.0, "Cel", "nils")]
    assert rows.last().text == "corrects 98.6, typed in [degF]"


def test_a_pressure_typed_in_kilopascal_is_written_in_millimetres_of_mercury(running):
    [row] = monitoring.chart_typed(
        watch=running.watch, values={"nibp_systolic": 16.0}, reasons={}, by="nils", observed_at=NOW, at=NOW
    )

    assert monitoring.correct_unit(reading=row, unit="kPa", reason="kPa display", by="nora", at=NOW).value == 120.0


def test_a_device_s_reading_is_not_corrected_by_hand(running):
    row = Reading(
        watch=running.watch, signal="temperature", value=98.6, unit="Cel", observed_at=NOW, received_at=NOW,
        source=Source.DEVICE,
    )  # fmt: skip
    row.save()

    with pytest.raises(ValueError, match="typed"):
        monitoring.correct_unit(reading=row, unit="[degF]", reason="x", by="nora", at=NOW)
