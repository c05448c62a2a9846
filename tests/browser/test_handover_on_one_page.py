"""The handover for an ambulance is one sheet of paper: however long the session and the names were, nothing it must say is left out."""

import io
from datetime import date, timedelta
from types import SimpleNamespace as Plain

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from pypdf import PdfReader
from tests.browser.conftest import SHOTS
from tests.builders import AT

from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.infusion.panels import HANDED_OVER
from openketamine.clinic.people.models import Patient

STYLES = ("openketamine", "board", "chair", "rooms")
LONG = "restless, asks again and again where she is, calms down when spoken to by name " * 3
NAME = "Testa-Wilhelmine Maximiliana"
FAMILY = "Synthetic-Featherstonehaugh zu Langenfeld-Untermühlbach"
ALLERGIES = "latex, penicillin, iodine contrast, nickel, bee venom, plasters"


def at(minute):
    return AT + timedelta(minutes=minute)


def event(number, kind, minute, says, dose=""):
    return InfusionEvent(number=number, kind=kind, at=at(minute), says=says, dose=dose, by="nils")


def value(label, number, unit, second=""):
    tile = Plain(value=number, unit=unit, source="device", struck=False, why="")
    return {"label": label, "tile": tile, "second": second, "age": "12 s", "unconfirmed": False}


def context():
    who = Patient(
        given_name=NAME, family_name=FAMILY, born_on=date(1950, 1, 1), sex="female", allergies=ALLERGIES,
        referred_for="treatment-resistant depression with a long history of other treatments",
    )  # fmt: skip
    given = [event(number, "drug_given", 20 + number, f"drug number {number}", "1 mg i.v.") for number in range(1, 11)]
    noted = [
        event(number, "observation", number, f"note {number}: {LONG}"[:300]) for number in range(1, HANDED_OVER + 1)
    ]
    order = Plain(weight_kg="70", concentration_mg_per_ml="0.35")
    infusion = Plain(
        patient=who, order=order, watch=Plain(chair="Chair 1"), nurse="nils", reference="abc", closed_at=None
    )
    return {
        "infusion": infusion, "who": who, "really": None, "at": at(125), "given": given, "events": noted, "left_out": 12,
        "course": Plain(started_at=at(0), stopped_at=at(40), rate_ml_per_h=0.0, doubtful_from=at(30)),
        "amounts": Plain(pump_delivered_mg="31.5", reached_mg=None),
        "tiles": [
            value("Pressure", 184.0, "mm[Hg]", "96"), value("SpO2", 91.0, "%"), value("Heart rate", 121.0, "/min"), value("Breaths", 9.0, "/min"),
        ],
        "sedation": {**value("Awake (MOAA/S)", 3.0, "{score}"), "value": "3", "by": "nils", "why": ""}, "nurse": "nils",
        "user": Plain(is_authenticated=True, username="nils", role="nurse", get_role_display="Nurse"), "messages": [], "csrf_token": "", "clinic_time": "", "time_zone": "Europe/Berlin",
        "clinic": Plain(
            is_demo=True, clock_rate=10.0, demo_rate=10.0, name="A clinic with a rather long name in a town", phone="+49 30 1234567",
            phone_address="tel:+49301234567",
        ),
    }  # fmt: skip


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_long_session_of_a_person_with_a_long_name_prints_on_one_page(chromium, paper):
    page = chromium.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content(render_to_string("infusion/handover.html", context()))
    for name in STYLES:
        page.add_style_tag(path=finders.find(f"ui/{name}.css"))

    printed = page.pdf(format=paper)
    if SHOTS:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 794, "height": 1123})
        page.screenshot(path=f"{SHOTS}/handover {paper}.png", full_page=True)
    page.close()

    (only,) = PdfReader(io.BytesIO(printed)).pages
    told = " ".join(only.extract_text().split())
    for words in (NAME, FAMILY, "1950-01-01", ALLERGIES, "+49 30 1234567", "Pump delivered 31.5 mg", "uncertain since 09:30", "184/96", "91"):  # fmt: skip
        assert words in told
    for number in range(1, 11):
        assert f"drug number {number} 1 mg i.v." in told
    for number in range(1, HANDED_OVER + 1):
        assert f"note {number}:" in told
    assert "12 earlier events stand in the record" in told
