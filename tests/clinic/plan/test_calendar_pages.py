"""Booking a course, moving an appointment, the feed without names, and planned exposure off with its switch."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.urls import reverse
from icalendar import Calendar
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.candidacy import actions as candidacy
from openketamine.clinic.candidacy import validity
from openketamine.clinic.candidacy.models import Examined, Listed, Source
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.models import Clinic, Patient, Role
from openketamine.clinic.plan import actions, calendar
from openketamine.clinic.plan.models import Appointment
from openketamine.clinic.ui import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(clock, "wall", lambda: AT)
    make_clinic(time_zone="Europe/Vienna")
    Chair.objects.create(name="Chair 1", position=1)
    for day in range(5):
        calendar.set_hours(weekday=day, opens=time(9), closes=time(17), nurses=1, by="otto", at=AT)
    patient = make_patient()
    shape = actions.Shape("depression_iv_racemic", 6, 2, Decimal("0.5"), Decimal(40), AT.date())
    actions.plan_course(patient=patient, shape=shape, by="ada", at=AT)
    return patient


@pytest.fixture
def desk(client, patient):
    client.force_login(make_staff(Role.FRONT_DESK))
    return client


def move(client, row, **changes):
    fields = {"on": "2026-03-06", "at": "10:30", "chair": row.chair_id, "escort": "Escort Example", **changes}
    return client.post(reverse("plan:move", args=[row.planned_id]), fields, follow=True)


def test_a_course_is_booked_in_the_clinic_s_own_time(desk, patient):
    page = desk.post(reverse("plan:book", args=[patient.reference]), follow=True)

    assert "Booked: 6 appointments" in page.text
    rows = list(Appointment.objects.all())
    assert rows[0].starts_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert {(row.ends_at - row.starts_at).total_seconds() / 60 for row in rows} == {120}


def test_without_opening_hours_nothing_is_booked_and_the_page_says_what_to_look_at(desk, patient):
    for day in range(5):
        calendar.set_hours(weekday=day, opens=None, closes=None, nurses=0, by="otto", at=AT)

    assert "look at opening hours" in desk.post(reverse("plan:book", args=[patient.reference]), follow=True).text
    assert Appointment.objects.count() == 0


def test_a_move_is_a_new_row_and_what_is_wrong_is_on_the_page(desk, patient):
    desk.post(reverse("plan:book", args=[patient.reference]))
    second = Appointment.objects.get(planned__number=2)

    page = move(desk, second, on="2026-03-03")

    assert Appointment.objects.filter(planned__number=2).count() == 2
    assert "1 days after the infusion before: the protocol says at least 2" in page.text
    assert "no escort is named yet" in page.text
    assert "no consent is signed" in page.text


def test_a_move_that_makes_no_sense_changes_nothing(desk, patient):
    desk.post(reverse("plan:book", args=[patient.reference]))

    assert "Not moved: at" in move(desk, Appointment.objects.first(), at="noon").text
    assert Appointment.objects.count() == 6


def test_the_feed_names_nobody_and_ends_with_a_new_address(desk, patient, client):
    desk.post(reverse("plan:book", args=[patient.reference]))
    move(desk, Appointment.objects.first())
    old = calendar.new_feed(by="dora", at=AT)
    where = reverse("plan:feed", args=[old.token])
    client.logout()

    answer = client.get(where)
    events = list(Calendar.from_ical(answer.content).walk("VEVENT"))

    assert len(events) == 6
    assert {str(one["summary"]) for one in events} == {f"Infusion {n} of 6, Chair 1" for n in range(1, 7)}
    assert max(int(one["sequence"]) for one in events) == 1
    assert patient.family_name not in answer.text
    calendar.new_feed(by="dora", at=AT)
    assert client.get(where).status_code == 404


def test_planned_exposure_is_off_with_its_switch_and_a_model_estimate_when_on(client, patient):
    client.force_login(make_staff(Role.PRESCRIBER))
    where = reverse("plan:exposure", args=[patient.reference])
    asked = {
        "weight_kg": "70",
        "first_mg_per_kg": "0.5",
        "first_min": "40",
        "second_mg_per_kg": "0.5",
        "second_min": "60",
    }
    assert "switched off" in client.get(where, asked).text

    clinic = Clinic.objects.get()
    clinic.individual_prediction = True
    clinic.save()
    page = client.get(where, asked).text

    assert "Model estimate (derived, not validated in patients)" in page
    assert page.count("<polygon") == 6
    assert "not in the model." in page
    assert client.get(where, {**asked, "second_min": ""}).status_code == 422


def test_a_slower_infusion_of_the_same_dose_has_a_lower_peak():
    from openketamine.clinic.plan.exposure import Asked, picture

    for drawn in picture(70.0, (Asked(0.5, 40), Asked(0.5, 80))):
        fast, slow = (one["peak"] for one in drawn["regimens"])
        assert all(there < here for here, there in zip(fast, slow, strict=True))
        assert fast[0] < fast[1] < fast[2]


def test_what_expires_before_an_appointment_is_on_the_calendar_and_the_plan(client, desk, patient):
    candidacy.record_facts(patient=patient, facts={"qtc": 420.0}, known=candidacy.Known(Source.MEASURED, AT.date()), by="nils", at=AT)  # fmt: skip
    desk.post(reverse("plan:book", args=[patient.reference]))
    expired = "electrocardiogram of 2026-03-02 is valid until 2026-03-07 at your clinic"
    assert expired not in desk.get(reverse("plan:calendar") + "?week=2026-03-09").text

    validity.set_validity(kind=Examined.ELECTROCARDIOGRAM, days=5, reason="house rule", by="ada", at=AT)
    assert expired not in desk.get(reverse("plan:calendar") + "?week=2026-03-02").text
    assert expired in desk.get(reverse("plan:calendar") + "?week=2026-03-09").text
    client.force_login(make_staff(Role.NURSE))
    plan = client.get(reverse("plan:plan", args=[patient.reference])).text
    assert "valid until 2026-03-07" in plan
    assert plan.count("no validity set by your clinic") == 4


def test_the_exposure_says_beside_the_curves_what_they_do_not_know(client, patient):
    Clinic.objects.update(individual_prediction=True)
    Patient.objects.update(born_on=date(1950, 1, 1))
    for name in ("tranylcypromine 20 mg", "unheardofine"):
        candidacy.list_item(patient=patient, kind=Listed.MEDICINE, known=candidacy.Known(Source.PERSON, AT.date()), by="nils", at=AT, name=name)  # fmt: skip
    client.force_login(make_staff(Role.NURSE))

    page = client.get(reverse("plan:exposure", args=[patient.reference])).text
    for words in (
        "Age 76",
        "yale_pressure2024",
        "blood pressure may rise further",
        "spravato_label_2019",
        "that is not a no",
    ):
        assert words in page
