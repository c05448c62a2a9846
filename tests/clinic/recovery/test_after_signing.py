"""Once a record is signed nothing of it changes: not the check before the start, a wish, a unit, an alarm's answer, the printed chart. The drug book goes on below it."""

import io

import pytest
from pypdf import PdfReader
from tests.clinic.journey.steps import GATE, checked, go_to

from openketamine.clinic.infusion.models import GateAnswer, Wishes
from openketamine.clinic.monitoring.actions import chart_typed
from openketamine.clinic.monitoring.models import AlarmAnswer, AlarmEvent, Reading
from openketamine.clinic.recovery import paper
from openketamine.clinic.recovery.models import Signature
from openketamine.clinic.recovery.record import record

pytestmark = pytest.mark.django_db
LOCKED = "signed and locked"


@pytest.fixture
def kpa(nurse, infused, now):
    """A pressure that was typed in kPa, and one that raised an alarm."""
    go_to(now, 30)
    values = {"nibp_systolic": 17.0, "nibp_diastolic": 10.0}
    chart_typed(watch=infused.watch, values=values, reasons={}, by="nils", observed_at=now["at"], at=now["at"])
    go_to(now, 31)
    checked(nurse, infused, 172, 96)
    return Reading.objects.get(watch=infused.watch, signal="nibp_systolic", value=17.0)


def words_of(made):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())


def test_nothing_of_a_signed_record_is_written_any_more(nurse, kpa, signed, now):
    rows = [table.objects.count() for table in (GateAnswer, Wishes, Reading, AlarmAnswer)]
    alarm = AlarmEvent.objects.filter(state="raised").last()
    go_to(now, 200)
    refused = [
        nurse.post("infusion:gate", signed.reference, **{**GATE, "consent": "no", "note_consent": "never asked"}),
        nurse.post("infusion:wishes", signed.reference, preferences="changed afterwards"),
        nurse.post("infusion:wrong-unit", signed.reference, reading=f"{kpa.pk} kPa", reason="it was kPa"),
        nurse.post("infusion:check", signed.reference, nibp_systolic=120, nibp_diastolic=80),
        nurse.post("recovery:tick", signed.reference, criterion="oriented", met="yes"),
        nurse.post("infusion:answer", signed.reference, alarm.pk, act="acknowledge"),
    ]

    assert [LOCKED in one.text for one in refused] == [True] * 6
    assert {one.status_code for one in refused} <= {409, 422}
    assert [table.objects.count() for table in (GateAnswer, Wishes, Reading, AlarmAnswer)] == rows
    signed.refresh_from_db()
    assert record(signed) == Signature.objects.get(infusion=signed).record


def test_the_printed_chart_is_that_of_the_signing(signed, monkeypatch, now):
    drawn = []
    monkeypatch.setattr(paper.chart, "drawn", lambda values: drawn.append(values["cuff"]) or "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>")  # fmt: skip
    paper.pdf(signed)
    go_to(now, 200)
    seen = signed.opened_at
    chart_typed(watch=signed.watch, values={"nibp_systolic": 99.0}, reasons={}, by="nils", observed_at=seen, at=now["at"])  # fmt: skip
    paper.pdf(signed)

    assert drawn[0] == drawn[1]
    assert drawn[0]


def test_what_is_wasted_after_signing_stands_below_the_record_and_not_in_it(nurse, signed, now):
    before = Signature.objects.get(infusion=signed).digest
    go_to(now, 200)
    nurse.post(
        "ledger:session", signed.reference,
        **{"act": "waste", "waste-mg": "2.5", "waste-second": "ada", "waste-password": "a long enough phrase"},
    )  # fmt: skip

    line = "wasted 2.5 mg, second person ada"
    assert f"Drug book, after signing: {line} (nils, " in nurse.get("recovery:panel", signed.reference).text
    assert line in words_of(paper.pdf(signed))
    assert "wasted" not in str(Signature.objects.get(infusion=signed).record["drug"]["rows"])
    assert Signature.objects.get(infusion=signed).digest == before
