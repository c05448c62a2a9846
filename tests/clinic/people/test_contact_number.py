"""The clinic's contact number: set by the owner, on the handover for an ambulance and where patients are asked to phone."""

import pytest
from django.template.loader import render_to_string
from tests.builders import make_staff
from tests.clinic.journey.steps import Desk

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.people.models import Clinic, Role

pytestmark = pytest.mark.django_db
UNSET = "no contact number set by your clinic"
LINK = '<a href="tel:+15550100">+1 (555) 0100</a>'


@pytest.fixture
def owner(client, clinic):
    return Desk(client, make_staff(Role.OWNER))


def test_the_owner_sets_it_with_one_audit_row(owner):
    assert UNSET in owner.get("people:members").text

    page = owner.post("people:phone", phone=" +1 (555) 0100 ")

    assert Clinic.objects.get().phone == "+1 (555) 0100"
    assert UNSET not in page.text
    assert [entry.by for entry in Entry.objects.filter(action="contact number set")] == ["otto"]


def test_it_can_be_taken_away_again(owner):
    owner.post("people:phone", phone="555-0100")
    owner.post("people:phone", phone="")

    assert Clinic.objects.get().phone == ""


@pytest.mark.parametrize("wrong", ["ask at the desk", "555x", "+", "javascript:1"])
def test_what_nobody_could_dial_is_refused_and_nothing_changes(owner, wrong):
    answer = owner.post("people:phone", phone=wrong)

    assert answer.status_code == 422
    assert "as it is dialled" in answer.text
    assert Clinic.objects.get().phone == ""


def test_an_address_that_does_not_exist_says_whom_to_phone(clinic, client):
    clinic.phone = "+1 (555) 0100"
    clinic.save()
    client.force_login(make_staff())

    assert LINK in client.get("/nowhere/").text


@pytest.mark.parametrize(("phone", "says"), [("", f"<b>{UNSET}</b>"), ("+1 (555) 0100", f"<b>{LINK}</b>")])
def test_the_handover_for_an_ambulance_names_it_or_says_that_none_is_set(nurse, sat, phone, says):
    Clinic.objects.update(phone=phone)

    assert says in nurse.get("infusion:handover", sat.reference).text


def test_a_patient_s_page_gives_it_and_says_nothing_when_there_is_none(clinic):
    assert "tel:" not in render_to_string("portal/thanks.html", {"clinic": clinic})
    clinic.phone = "+1 (555) 0100"

    assert LINK in render_to_string("portal/thanks.html", {"clinic": clinic})
