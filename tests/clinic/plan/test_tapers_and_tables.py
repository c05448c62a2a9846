"""A taper is a list of days that the clinician writes; a table of people in mid-course is looked at before it is taken in."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff
from tests.clinic.plan.test_mid_course import GOOD, HEAD

from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.plan import actions, taper
from openketamine.clinic.plan.models import EndingKind, TaperPlan
from openketamine.clinic.ui import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def prescriber(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(clock, "wall", lambda: AT)
    make_clinic()
    client.force_login(make_staff(Role.PRESCRIBER))
    return client


@pytest.fixture
def patient(prescriber):
    from decimal import Decimal

    found = make_patient()
    shape = actions.Shape("depression_iv_racemic", 6, 2, Decimal("0.5"), Decimal(40), AT.date())
    course = actions.plan_course(patient=found, shape=shape, by="ada", at=AT)
    told = {"reason": "better", "plan": "longer intervals", "next_clinician": "Dr Example", "next_on": date(2026, 4, 1)}
    actions.end_course(course=course, by="ada", at=AT, kind=EndingKind.TAPER, **told)
    return found


def typed(*days, initial=0, **more):
    rows = {
        f"form-{n}-{key}": value for n, pair in enumerate(days) for key, value in zip(("on", "note"), pair, strict=True)
    }
    return {"form-TOTAL_FORMS": len(days), "form-INITIAL_FORMS": initial, **rows, **more}


def test_the_days_of_a_taper_are_written_changed_with_a_reason_and_kept(prescriber, patient):
    plan, address = reverse("plan:plan", args=[patient.reference]), reverse("plan:taper", args=[patient.reference])
    assert "No day of the taper is written yet" in prescriber.get(plan).text
    assert address in prescriber.get(plan).text

    prescriber.post(address, typed(("2026-03-16", "two weeks"), ("", ""), ("2026-03-09", "first")))
    days = taper.days_of(TaperPlan.objects.first())
    assert [(one.on.isoformat(), one.after_days) for one in days] == [("2026-03-09", None), ("2026-03-16", 7)]

    changed = typed(("2026-03-09", "first"), ("2026-03-23", "later"), initial=2)
    refused = prescriber.post(address, changed)
    assert (refused.status_code, "Reason: is empty" in refused.text, 'value="later"' in refused.text) == (
        422,
        True,
        True,
    )
    prescriber.post(address, {**changed, "reason": "mood holds"})
    page = prescriber.get(address).text
    assert all(words in page for words in ("14 days after the one before", "mood holds", "2026-03-16"))
    assert "2026-03-23" in prescriber.get(plan).text


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([("", "")], "none is written"),
        ([("2026-03-09", "a"), ("2026-03-09", "b")], "2026-03-09 stands there twice"),
        ([("", "a note")], "its note is a note"),
        ([("yesterday", "a")], "Enter a valid date"),
    ],
)
def test_a_taper_that_cannot_be_says_why_and_keeps_nothing(prescriber, patient, days, words):
    response = prescriber.post(reverse("plan:taper", args=[patient.reference]), typed(*days))

    assert (response.status_code, words in response.text) == (422, True)
    assert not TaperPlan.objects.exists()


def test_without_a_taper_there_is_no_such_page(prescriber):
    assert prescriber.get(reverse("plan:taper", args=[make_patient().reference])).status_code == 404


def test_a_table_is_looked_at_first_then_taken_in_whole(prescriber):
    address = reverse("plan:import")
    assert address in prescriber.get(reverse("plan:regimens")).text
    file = SimpleUploadedFile("people.csv", f"{HEAD}\n{GOOD}\n".encode("utf-8-sig"))

    looked = prescriber.post(address, {"file": file, "act": "look"})
    assert (looked.status_code, "Sign the courses of all rows" in looked.text, Patient.objects.count()) == (
        200,
        True,
        0,
    )
    prescriber.post(address, {"table": f"{HEAD}\n{GOOD}\n", "act": "take"})
    assert str(actions.next_planned(Patient.objects.get())) == "4 of 6"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (f"{HEAD}\n{GOOD}\n{GOOD.replace('Testa', 'Other').replace(',0.5,', ',5,')}", "dose_mg_per_kg: 5: 5 mg/kg: must be above 0"),
        ("given_name\nTesta", "are missing"),
        ("", "are missing"),
    ],
)  # fmt: skip
def test_a_table_with_a_fault_names_row_field_and_value_and_writes_nothing(prescriber, table, words):
    response = prescriber.post(reverse("plan:import"), {"table": table, "act": "take"})

    assert (response.status_code, words in response.text) == (422, True)
    assert "given_name" in response.text
    assert not Patient.objects.exists()


@pytest.mark.parametrize(("raw", "words"), [(b"\xff\xfe\x00", "is not text in UTF-8"), (b"a" * 1_000_001, "split it")])
def test_a_file_that_is_no_table_is_named(prescriber, raw, words):
    response = prescriber.post(reverse("plan:import"), {"file": SimpleUploadedFile("x.csv", raw), "act": "look"})
    assert (response.status_code, words in response.text) == (422, True)
