"""Whoever takes a chair over says so with one tap; board, handover page, record and export name them from then on, with the time."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.builders import AT, make_infusing, make_staff
from tests.clinic.journey.steps import Desk, go_to, record

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.past import as_of
from openketamine.clinic.people.models import Role
from openketamine.clinic.recovery.record import record as signed_values
from openketamine.doors.fhir import treatment

pytestmark = pytest.mark.django_db
OFFERED = "Record: I take this chair (now: {})"


@pytest.fixture
def infusion(nurse, patient):
    """Nils opened the session."""
    found = make_infusing(patient)
    Infusion.objects.update(nurse="nils")
    return found


@pytest.fixture
def nora(infusion, now):
    """Nora came at minute 10 and took the chair over."""
    desk = Desk(Client(), make_staff(Role.NURSE, username="nora", display_name="Nora Example"))
    go_to(now, 10)
    record(desk, infusion, "taken_over")
    return desk


def test_the_board_and_the_handover_page_name_who_took_the_chair_over(nurse, infusion, nora):
    assert "nurse nora" in " ".join(nurse.get("chart:board").text.split())
    assert "nurse nora" in " ".join(nurse.get("infusion:handover", infusion.reference).text.split())


def test_it_is_offered_to_everybody_but_who_looks_after_the_chair(nurse, infusion, nora):
    assert OFFERED.format("nora") in nurse.get("infusion:chair", infusion.reference).text
    assert "I take this chair" not in nora.get("infusion:chair", infusion.reference).text


def test_record_and_export_name_both_and_since_when(infusion, nora):
    found = Infusion.objects.get()
    encounter = treatment.infusion_to_fhir(found, subject="Patient/x")[0]

    assert signed_values(found)["session"]["nurse"] == "nils; nora since 2026-03-02T09:10:00Z"
    assert [one["individual"]["display"] for one in encounter["participant"]] == ["nils", "nora"]
    assert encounter["participant"][0]["period"]["end"] == encounter["participant"][1]["period"]["start"]


def test_a_chair_that_was_taken_by_mistake_is_given_back_by_undoing_it(infusion, nora):
    row = infusion.events.get(kind="taken_over")
    nora.post("infusion:undo", infusion.reference, row.number)

    assert queries.nurse_of(Infusion.objects.get()) == "nils"


def test_a_session_that_is_looked_at_as_it_stood_earlier_names_who_looked_after_it_then(infusion, nora):
    assert queries.nurse_of(as_of(Infusion.objects.get(), AT + timedelta(minutes=9))) == "nils"
