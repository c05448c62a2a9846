"""Nobody is let go with a pressure far below the one before, in an emergency or under an urgent alarm, but in a prescriber's own words; those are kept whole."""

import io
import json

import pytest
from pypdf import PdfReader
from tests.clinic.journey.steps import checked, go_to, record

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.recovery import paper, queries
from openketamine.clinic.recovery.record import record as whole_record

pytestmark = pytest.mark.django_db
LONG = "asked to go, has capacity, " + "heard the risks twice; " * 19 + "and signed it"


@pytest.fixture
def urgent(nurse, infused, now):
    """An emergency is running, and a pressure of 210/125 was measured in it."""
    go_to(now, 100)
    record(nurse, infused, "emergency", says="emergency")
    go_to(now, 101)
    checked(nurse, infused, 210, 125)
    return infused


def leaves(who, infusion, **said):
    return who.post("recovery:discharge", infusion.reference, escort="Escort Example", **said)


def discharged():
    return InfusionEvent.objects.filter(kind="discharged").first()


def test_a_pressure_that_has_fallen_far_below_the_one_before_is_not_met(nurse, infused, now):
    go_to(now, 120)
    checked(nurse, infused, 64, 32)
    row = next(one for one in queries.criteria(infused, at=now["at"]) if one.id == "blood_pressure")

    assert row.standing.value == "not met"
    assert row.how == "64/32 (11:00)"
    assert "within 20 % of 128/78 (before)" in row.threshold


def test_an_emergency_and_an_urgent_alarm_are_shown_and_need_words_of_their_own(nurse, prescriber, urgent, now):
    page = prescriber.get("recovery:panel", urgent.reference).text
    assert "an emergency since 10:40" in page
    assert "urgent alarm since 10:41" in page
    assert 'name="despite_urgent"' in page

    refused = leaves(prescriber, urgent, override="wants to go home")
    assert "an emergency since 10:40" in refused.text
    leaves(nurse, urgent, override="she says so", despite_urgent="she says so")
    assert discharged() is None

    leaves(prescriber, urgent, override="wants to go home", despite_urgent="handed over to the ward next door")
    assert [one["reason"] for one in discharged().although] == ["handed over to the ward next door", "wants to go home"]
    assert discharged().although[0]["open"][0] == "an emergency since 10:40"


def test_a_reason_for_letting_somebody_leave_is_kept_whole_wherever_it_stands(nurse, prescriber, infused, now):
    go_to(now, 100)
    leaves(prescriber, infused, override=LONG)
    event = discharged()

    assert event.although[0]["reason"] == LONG
    assert "Observed long enough" in event.although[0]["open"]
    assert event.although_said.startswith(LONG)
    assert whole_record(infused)["events"][-1]["although"] == event.although
    assert LONG in json.dumps(Entry.objects.get(action="recorded: discharged").detail)
    assert LONG in nurse.get("infusion:chair", infused.reference).text


def test_a_reason_for_letting_somebody_leave_is_on_paper_too(prescriber, infused, now):
    go_to(now, 100)
    leaves(prescriber, infused, override=LONG)

    for made in (paper.pdf(infused), paper.everything(infused)):
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]
        assert LONG in " ".join(" ".join(pages).split())
