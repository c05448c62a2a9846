"""A start, an end, a time that was recorded wrongly is put right; what happened earlier is written down with its time."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import checked, go_to, phase, planned, record, seated, started

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.people.models import Finding

pytestmark = pytest.mark.django_db


def last(kind):
    return InfusionEvent.objects.filter(kind=kind).order_by("number").last()


def corrected(nurse, infusion, kind, **fields):
    event = last(kind)
    return nurse.post(
        "infusion:correct", infusion.reference, event.number, **{"kind": kind, "says": "misread", **fields}
    )


@pytest.mark.parametrize("kind", ["stopped", "completed"])
def test_an_end_that_was_pressed_by_mistake_is_taken_out_and_the_infusion_runs(nurse, running, now, kind):
    go_to(now, 10)
    record(nurse, running, kind)
    assert ledger.balance(running.reference).given_mg > 0

    go_to(now, 12)
    corrected(nurse, running, kind, in_error="yes", says="wrong button")

    assert phase(nurse, running) == "infusing"
    assert queries.course_of(running).delivered_ml(now["at"]) == pytest.approx(30.0)
    assert ledger.balance(running.reference).given_mg == 0

    go_to(now, 20)
    record(nurse, running, "stopped")
    assert ledger.balance(running.reference).given_mg == Decimal("17.5")


def test_an_end_on_which_something_later_rests_stays(nurse, running, now):
    record(nurse, running, "line_primed", volume_ml="10", fluid="saline")
    go_to(now, 10)
    record(nurse, running, "stopped")
    go_to(now, 11)
    record(nurse, running, "flushed", volume_ml="10")

    answer = corrected(nurse, running, "stopped", in_error="yes", says="wrong button")

    assert answer.status_code == 422
    assert "This does not fit the rest of the record: flushed cannot be recorded while" in answer.text
    assert queries.course_of(running).stopped_at is not None


def test_the_time_of_a_start_is_corrected_and_the_page_shows_both(nurse, running, now):
    go_to(now, 10)
    record(nurse, running, "rate_set", rate_ml_per_h="100", happened="09:08")
    corrected(nurse, running, "started", happened="09:06")

    assert last("started").at == AT + timedelta(minutes=6)
    assert queries.course_of(running).started_at == AT + timedelta(minutes=6)
    assert queries.course_of(running).delivered_ml(AT + timedelta(minutes=8)) == pytest.approx(5.0)
    assert "09:00:00 → 09:06:00" in nurse.get("infusion:chair", running.reference).text


def test_the_time_of_an_end_is_corrected_and_the_drug_book_follows(nurse, running, now):
    go_to(now, 30)
    record(nurse, running, "stopped")
    corrected(nurse, running, "stopped", happened="09:20")

    assert ledger.balance(running.reference).given_mg == Decimal("17.5")


@pytest.mark.parametrize(
    ("happened", "why"),
    [("08:10", "this session was opened only at"), ("09:15", "does not fit the rest of the record")],
)
def test_a_time_that_cannot_be_is_refused(nurse, running, now, happened, why):
    go_to(now, 12)
    record(nurse, running, "rate_set", rate_ml_per_h="100")
    go_to(now, 20)

    answer = corrected(nurse, running, "started", happened=happened)

    assert answer.status_code == 422
    assert why in answer.text
    assert queries.course_of(running).started_at == AT


def test_a_step_that_has_nothing_to_put_right_is_recorded_again_instead(nurse, running, now):
    answer = corrected(nurse, running, "ready", happened="08:59")

    assert answer.status_code == 422
    assert "record it again from the time on at which it was so" in answer.text


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("stopped", {}), ("completed", {}), ("pump_seen", {"rate_ml_per_h": "150"}), ("line_primed", {"volume_ml": "10", "fluid": "saline"}),
        ("site", {"says": "left arm", "gauge": "22 G", "patency": "free"}), ("infiltrated", {"says": "swelling"}), ("left", {"says": "wished to go"}),
    ],
)  # fmt: skip
def test_what_is_written_late_keeps_its_own_time_and_says_when_it_was_written(nurse, running, now, kind, fields):
    go_to(now, 25)
    record(nurse, running, kind, happened="09:20", **fields)

    row = last(kind)
    assert (row.at, row.entered) == (AT + timedelta(minutes=20), AT + timedelta(minutes=25))


def test_every_form_that_records_a_step_asks_when_it_happened(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    assert asked(nurse, infusion) >= {"line_primed", "site"}
    started(nurse, infusion)
    go_to(now, 20)
    kinds = asked(nurse, infusion)
    record(nurse, infusion, "paused")
    kinds |= asked(nurse, infusion)
    record(nurse, infusion, "line_primed", volume_ml="10", fluid="saline")
    record(nurse, infusion, "stopped")
    kinds |= asked(nurse, infusion)

    assert kinds >= {
        "rate_set", "paused", "resumed", "completed", "stopped", "flushed", "pump_seen", "site", "infiltrated", "drug_given", "observation",
        "cancelled", "transferred", "left", "escort_absent",
    }  # fmt: skip


def asked(nurse, infusion):
    text = nurse.get("infusion:chair", infusion.reference).text
    forms = [form for form in re.findall(r"<form.*?</form>", text, re.DOTALL) if 'name="happened" type="time"' in form]
    return {kind for form in forms for kind in re.findall(r'name="kind" value="(\w+)"', form)}


def test_a_check_that_was_read_earlier_is_typed_with_its_time(nurse, running, now):
    go_to(now, 25)
    checked(nurse, running, systolic=141, diastolic=81, happened="09:20")

    row = Reading.objects.get(signal="nibp_systolic", value=141.0)
    assert (row.observed_at, row.received_at) == (AT + timedelta(minutes=20), AT + timedelta(minutes=25))


def test_a_check_of_before_the_session_is_refused_with_what_was_typed(nurse, running, now):
    answer = checked(nurse, running, systolic=141, happened="07:10")

    assert answer.status_code == 422
    assert "this session was opened only at" in answer.text
    assert not Reading.objects.filter(value=141.0).exists()


def test_a_time_alone_is_no_check(nurse, running, now):
    answer = nurse.post("infusion:check", running.reference, happened="09:00")

    assert "Nothing was filled in" in answer.text


def differs():
    return [row.says for row in Finding.objects.filter(code="pump_differs")]


def test_a_corrected_total_that_differs_from_the_rates_opens_a_finding(nurse, running, now):
    go_to(now, 20)
    record(nurse, running, "stopped", delivered_ml="50")
    assert differs() == []

    corrected(nurse, running, "stopped", delivered_ml="20")

    assert differs() == ["Pump says 20 mL delivered, recorded rates give 50.0 mL: look for a rate nobody recorded"]


def test_a_pause_entered_after_the_end_that_makes_the_rates_differ_opens_a_finding(nurse, running, now):
    go_to(now, 40)
    record(nurse, running, "completed", delivered_ml="100")
    go_to(now, 41)
    record(nurse, running, "paused", happened="09:10")
    record(nurse, running, "resumed", happened="09:30", rate_ml_per_h="150")

    assert differs() == ["Pump says 100 mL delivered, recorded rates give 25.0 mL: look for a rate nobody recorded"]


def test_without_a_total_a_pause_entered_after_the_end_changes_the_drug_book(nurse, running, now):
    go_to(now, 40)
    record(nurse, running, "stopped")
    go_to(now, 41)
    record(nurse, running, "paused", happened="09:10")
    record(nurse, running, "resumed", happened="09:30", rate_ml_per_h="150")

    assert ledger.balance(running.reference).given_mg == Decimal("17.5")


def test_a_drug_is_charted_with_its_dose(nurse, running, now):
    answer = nurse.post("infusion:record", running.reference, kind="drug_given", says="labetalol", dose=" ")

    assert answer.status_code == 422
    assert "is empty: type amount, unit and route, for example 4 mg i.v." in answer.text
    assert not InfusionEvent.objects.filter(kind="drug_given").exists()
