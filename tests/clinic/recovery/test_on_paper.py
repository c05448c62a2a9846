"""The record on paper: one page whatever happened, and an appendix that holds every row of the database."""

import io
import re

import pytest
from pypdf import PdfReader
from tests.clinic.journey.steps import checked, go_to, planned, seated, started

from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.monitoring.models import AlarmEvent, StoredReading
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.recovery import chart, paper
from openketamine.clinic.recovery.record import record

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
    for number in range(8):
        remedy = {"says": f"remedy {number}", "dose": "1 mg i.v.", "sedates": "no"}
        nurse.post("infusion:record", infused.reference, kind="drug_given", **remedy)
    for number in range(50):
        nurse.post("infusion:record", infused.reference, kind="observation", says=f"look {number} " + "at length " * 25)

    pages, text = read(nurse.get("recovery:pdf", infused.reference))

    assert len(pages) == 1
    assert f"of {InfusionEvent.objects.count()} events; all of them in the appendix" in text
    assert "209/80" in text
    assert "and 2 more drugs: in the appendix" in text
    assert "the first, the highest and the last of 61" in text


@pytest.mark.parametrize("pasted", ["\x0b", "\x1b", "\ufffe"])
def test_what_was_pasted_with_a_character_that_the_drawing_cannot_hold_is_printed_without_it(nurse, sat, now, pasted):
    nurse.post(
        "infusion:record", sat.reference, kind="drug_given", says="ondansetron", dose=f"4{pasted} mg i.v.", sedates="no"
    )
    assert sat.events.get(kind="drug_given").dose == f"4{pasted} mg i.v."

    pages, text = read(nurse.get("recovery:pdf", sat.reference))

    assert len(pages) == 1
    assert "4 mg i.v." in text
    assert paper.everything(sat).startswith(b"%PDF")


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


def a_chart(**changes):
    return {
        "begin": -5, "end": 100, "delivered": [(0, 150.0), (40, 0.0)], "planned": [(0, 150.0), (40, 0.0)], "events": [],
        "cuff": [{"at": 0, "systolic": 128.0, "diastolic": None}, {"at": 10, "systolic": 140.0, "diastolic": 85.0}],
        "vitals": {"heart_rate": [(1.1, 70, "a"), (1.9, 90, "a"), (2.5, 80, "a")], "spo2": [], "respiratory_rate": []}, "prediction": None,
        "doubtful": None, "oxygen": [], "drugs": [{"name": "ketamine", "doses": [], "total": "35 mg"}], "dues": [],
        **changes,
    }  # fmt: skip


def test_the_chart_draws_what_was_recorded_and_no_level_without_prediction():
    svg = chart.drawn(a_chart())

    assert svg.count("<circle") == 2
    assert svg.count("<polyline") == 2 + 3
    assert "<polygon" not in svg
    assert "individual prediction is switched off" in svg


def x_of(minute):
    """The plot is 462 points wide, from 54 on, for the 105 minutes from -5 to 100."""
    return f"{54 + (minute + 5) / 105 * 462:.1f}"


def test_everything_that_happened_at_one_minute_lies_on_one_line():
    happened = {
        "events": [{"at": 22, "number": 9}], "doubtful": 22, "dues": [{"at": 22, "done": True, "overdue": False}],
        "oxygen": [{"from": 22, "to": 100, "says": "mask 6 L/min"}],
        "drugs": [
            {"name": "ketamine", "doses": [], "total": "24.5 mg"},
            {"name": "labetalol", "doses": [{"at": 22, "dose": "10 mg i.v."}], "total": "10 mg i.v."},
        ],
    }  # fmt: skip
    svg = chart.drawn(a_chart(**happened))

    for mark in (
        f'<circle cx="{x_of(22)}"', f'<text x="{x_of(22)}" y="', f'<line x1="{x_of(22)}" y1="0.0" x2="{x_of(22)}"',
        f'<rect x="{x_of(22)}" y="0" width="343.2" height="6.5" fill="#ccc"', f'<rect x="{x_of(22)}" y="38" width="343.2" height="42" fill="#777"',
    ):  # fmt: skip
        assert mark in svg


def test_a_check_that_was_done_one_to_come_and_one_overdue_look_different_without_colour():
    dues = [
        {"at": 10, "done": True, "overdue": False},
        {"at": 20, "done": False, "overdue": True},
        {"at": 30, "done": False, "overdue": False},
    ]
    plain, svg = chart.drawn(a_chart()), chart.drawn(a_chart(dues=dues))

    assert svg.count("<circle") == plain.count("<circle") + 2
    assert svg.count('fill="#fff" stroke="#000"') == 1
    assert svg.count("<polygon") == 1


def test_room_air_is_a_white_bar_and_where_nobody_said_anything_there_is_none():
    said = [{"from": 10, "to": 30, "says": "air"}, {"from": 30, "to": 32, "says": "mask 6 L/min"}]
    svg = chart.drawn(a_chart(oxygen=said))

    assert svg.count('height="6.5" fill="#fff"') == 1
    assert ">air<" in svg
    assert ">mask 6 L/min<" not in svg
    assert 'height="6.5"' not in chart.drawn(a_chart())


def test_doses_that_would_run_into_each_other_stand_on_lines_of_their_own_and_then_as_marks():
    doses = [{"at": minute, "dose": "0.5 mg i.v."} for minute in (10, 11, 12, 13)]
    drugs = [{"name": "ketamine", "doses": [], "total": "35 mg"}, {"name": "midazolam", "doses": doses, "total": ""}]
    svg = chart.drawn(a_chart(drugs=drugs))

    lines = [float(y) for y in re.findall(r' y="([\d.]+)" text-anchor="start" font-size="6">0.5 mg i.v.<', svg)]
    assert lines == [5.0, 11.5, 18.0]
    assert f'<line x1="{x_of(13)}"' in svg


def test_the_chart_takes_nine_tenths_of_the_width_of_the_page_or_more():
    svg = chart.drawn(a_chart())

    page = float(re.search(r'viewBox="0 0 ([\d.]+) ', svg)[1])
    plot = {float(width) for width in re.findall(r'<rect x="54.0" y="[\d.]+" width="([\d.]+)"', svg)}
    assert len(plot) == 1
    assert (54 + plot.pop()) / page > 0.9


def test_a_total_ends_at_the_right_edge_and_a_dose_that_would_run_into_it_stands_on_the_next_line():
    doses = [{"at": minute, "dose": "4 mg i.v."} for minute in (10, 95)]
    drugs = [
        {"name": "ketamine", "doses": [], "total": "35 mg"},
        {"name": "ondansetron", "doses": doses, "total": "8 mg i.v."},
    ]
    svg = chart.drawn(a_chart(drugs=drugs))

    assert '<text x="514.5" y="5.0" text-anchor="end" font-size="6">total 8 mg i.v.</text>' in svg
    assert '<text x="514.5" y="5.0" text-anchor="end" font-size="6">total 35 mg</text>' in svg
    lines = [float(y) for y in re.findall(r' y="([\d.]+)" text-anchor="start" font-size="6">4 mg i.v.<', svg)]
    assert lines == [5.0, 11.5]


@pytest.fixture
def a_full_hour(nurse, prescriber, patient, now):
    """Checks with breaths and oxygen, two drugs, and at minute 22 the drug runs beside the vein; stopped at 38."""
    Clinic.objects.update(individual_prediction=True)
    planned(prescriber, patient)
    infusion = seated(nurse, patient)

    def record(minute, kind, **fields):
        go_to(now, minute)
        nurse.post("infusion:record", infusion.reference, kind=kind, **fields)

    def check(minute, systolic, breaths, **more):
        go_to(now, minute)
        checked(nurse, infusion, systolic, 80, heart_rate=80, spo2=96, respiratory_rate=breaths, **more)

    record(0, "line_primed", volume_ml="15", fluid="saline")
    started(nurse, infusion)
    check(5, 140, 16, oxygen="air")
    check(10, 150, 14)
    record(12, "drug_given", says="ondansetron", dose="4 mg i.v.")
    check(15, 160, 12, oxygen="cannula", o2_flow="2")
    record(16, "paused")
    record(18, "drug_given", says="midazolam", dose="1 mg i.v.")
    record(20, "resumed", rate_ml_per_h="100")
    record(22, "infiltrated", says="swollen")
    record(23, "drug_given", says="midazolam", dose="1 mg i.v.")
    record(38, "stopped")
    check(45, 130, 15)
    return infusion


def test_one_axis_has_oxygen_drugs_with_totals_breaths_checks_and_greys_the_level_after_the_vein(nurse, a_full_hour):
    pages, text = read(nurse.get("recovery:pdf", a_full_hour.reference))

    assert len(pages) == 1
    for words in (
        "oxygen air cannula 2 L/min", "ketamine, mL/h 150 0 100 0", "(what reached the patient is uncertain)",
        "ondansetron 4 mg i.v. total 4 mg i.v.", "midazolam 1 mg i.v. 1 mg i.v. total 1 mg i.v. + 1 mg i.v.", "breaths/min", "checks due",
        "uncertain from here: drug ran beside the vein",
    ):  # fmt: skip
        assert words in text


def test_the_chart_of_an_open_session_reaches_to_the_last_reading(nurse, infused, now):
    go_to(now, 140)
    checked(nurse, infused, 126, 76)

    _pages, text = read(nurse.get("recovery:pdf", infused.reference))

    assert "120 135" in text
    assert "last 11:20:00 126/76" in text


def test_the_page_stays_one_page_when_every_answer_before_the_start_is_long(nurse, infused, monkeypatch):
    long = [[f"question {number} " + "at length " * 6, "yes", "said " * 20] for number in range(24)]
    monkeypatch.setattr(paper, "record", lambda infusion: {**record(infusion), "before": long})

    pages, text = read(nurse.get("recovery:pdf", infused.reference))

    assert len(pages) == 1
    assert "question 23" in text
    assert "Pump delivered 24.5 mg" in text
