"""The record on paper: one page whatever happened, and an appendix that holds every row of the database."""

import io

import pytest
from pypdf import PdfReader
from tests.clinic.journey.steps import checked, go_to

from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.monitoring.models import AlarmEvent, StoredReading
from openketamine.clinic.recovery import chart

pytestmark = pytest.mark.django_db


def read(answer):
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages]
    return pages, " ".join(pages)


def test_one_page_names_who_when_which_program_and_switches_and_both_amounts(nurse, signed):
    pages, text = read(nurse.get("recovery:pdf", signed.reference))

    assert len(pages) == 1
    for words in (
        "Testa Synthetic", "1980-01-01", "OpenKetamine", "device stream off", "session alarms off", "individual prediction off",
        "Pump delivered 24.5 mg", "reached the patient not known: no line recorded", "24.5 mg given", "Signed and locked by nils",
    ):  # fmt: skip
        assert words in text
    for row in InfusionEvent.objects.exclude(kind="signed"):
        assert f"{row.number}. {row.at:%H:%M:%S} {row.kind}" in text


def test_a_long_session_stays_on_one_page_and_says_what_it_left_out(nurse, infused, now):
    for minute in range(30, 90):
        go_to(now, minute)
        checked(nurse, infused, 120 + minute, 80)
    for number in range(50):
        nurse.post("infusion:record", infused.reference, kind="observation", says=f"look {number} " + "at length " * 25)

    pages, text = read(nurse.get("recovery:pdf", infused.reference))

    assert len(pages) == 1
    assert f"of {InfusionEvent.objects.count()} events; all of them in the appendix" in text
    assert "209/80" in text
    assert "the first, the highest and the last of 61" in text


def test_the_appendix_holds_every_row_and_every_page_says_whose_it_is(nurse, infused, now):
    for minute in range(30, 60):
        go_to(now, minute)
        checked(nurse, infused, 150 + minute, 95, spo2="97")
    nurse.post("infusion:correct", infused.reference, 3, kind="started", rate_ml_per_h="75", says="the wrong pump")

    pages, text = read(nurse.get("recovery:appendix", infused.reference))

    assert all("Synthetic, Testa · born 1980-01-01" in page for page in pages)
    events, readings = InfusionEvent.objects.all(), StoredReading.objects.all()
    assert [row.number for row in events if f"{row.number}. {row.at:%Y-%m-%d %H:%M:%S} {row.kind}" not in text] == []
    wanted = [
        f"{row.observed_at:%Y-%m-%d %H:%M:%S} · {row.signal} · {row.value:g}"
        for row in readings
        if row.value is not None
    ]
    assert len(wanted) > 60
    assert [words for words in wanted if words not in text] == []
    assert AlarmEvent.objects.exists()
    assert [
        row.pk
        for row in AlarmEvent.objects.all()
        if f"{row.at:%Y-%m-%d %H:%M:%S} · {row.rule} · {row.number}" not in text
    ] == []
    assert "the wrong pump" in text
    assert "corrected later" in text


def test_an_addendum_is_on_both_papers_and_the_signed_digest_stays(nurse, signed):
    digest = signed.signature.digest
    nurse.post("recovery:addendum", signed.reference, text="She felt cold at minute 20", reason="remembered")

    for name in ("recovery:pdf", "recovery:appendix"):
        text = read(nurse.get(name, signed.reference))[1]
        assert "She felt cold at minute 20" in text
        assert digest in text


def test_the_chart_draws_what_was_recorded_and_no_level_without_prediction():
    values = {
        "begin": -5, "end": 100, "delivered": [(0, 150.0), (40, 0.0)], "planned": [(0, 150.0), (40, 0.0)], "events": [],
        "cuff": [{"at": 0, "systolic": 128.0, "diastolic": None}, {"at": 10, "systolic": 140.0, "diastolic": 85.0}],
        "vitals": {"heart_rate": [(1.1, 70, "a"), (1.9, 90, "a"), (2.5, 80, "a")], "spo2": []}, "prediction": None,
    }  # fmt: skip

    svg = chart.drawn(values)

    assert svg.count("<circle") == 2
    assert svg.count("<polyline") == 2 + 3
    assert "<polygon" not in svg
    assert "individual prediction is switched off" in svg


def test_the_chart_of_an_open_session_reaches_to_the_last_reading(nurse, infused, now):
    go_to(now, 140)
    checked(nurse, infused, 126, 76)

    _pages, text = read(nurse.get("recovery:pdf", infused.reference))

    assert "120 135" in text
    assert "last 11:20:00 126/76" in text
