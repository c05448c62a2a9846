"""What is recorded after a session was frozen stands apart: on the screen, on paper and in the bundle; what was frozen stays as it was."""

import io
import json
import re
import zipfile
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from pypdf import PdfReader
from tests.builders import AT
from tests.clinic.journey.steps import checked, go_to

from openketamine.clinic.infusion import actions
from openketamine.clinic.infusion.models import Incident
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.models import Device, StoredReading
from openketamine.clinic.recovery.actions import digest_of
from openketamine.clinic.recovery.since_frozen import since_frozen
from openketamine.core.infusion.events import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen(prescriber, left, now):
    """Left at minute 30 with 10.5 mg not accounted for, frozen at minute 40."""
    go_to(now, 40)
    prescriber.post("recovery:incident", left.reference, reason="she fell at the door")
    return left


@pytest.fixture
def wasted(frozen, now):
    """Five minutes after the freeze the rest is wasted before a witness."""
    go_to(now, 45)
    waste(frozen, now)
    return frozen


def waste(infusion, now, mg="10.5"):
    ledger.waste(
        session=infusion.reference, mg=Decimal(mg), by="nils", second="ada", at=now["at"], patient=infusion.patient.reference
    )  # fmt: skip


def text(answer):
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def paper(desk, name, infusion):
    pages = PdfReader(io.BytesIO(desk.get(name, infusion.reference).content)).pages
    return len(pages), " ".join(" ".join(page.extract_text() for page in pages).split())


def bundle(desk, infusion):
    content = desk.client.post(reverse("incident-bundle", args=[infusion.reference])).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_right_after_the_freeze_the_screen_says_that_it_shows_what_was_frozen(nurse, frozen):
    assert since_frozen(frozen) == []
    assert "Nothing was recorded after the freeze: what is shown is what was frozen." in text(
        nurse.get("recovery:panel", frozen.reference)
    )


@pytest.mark.parametrize("page", ["recovery:panel", "recovery:incident"])
def test_waste_after_the_freeze_is_named_as_such_with_its_time_and_people(prescriber, wasted, page):
    said = text(prescriber.get(page, wasted.reference))

    assert "Frozen at 2026-03-02 09:40:00 by ada" in said
    assert (
        "Recorded after the freeze. What this page and the drug book show now includes it; what was frozen does not."
        in said
    )
    assert "2026-03-02 09:45:00 drug book: wasted 10.5 mg, second person ada nils" in said


def test_the_chair_says_where_to_read_what_was_recorded_since(nurse, wasted):
    assert reverse("recovery:panel", args=[wasted.reference]) in nurse.get("infusion:chair", wasted.reference).text


@pytest.mark.parametrize("page", ["recovery:pdf", "recovery:appendix"])
def test_paper_says_what_was_recorded_after_the_freeze(prescriber, wasted, page):
    length, said = paper(prescriber, page, wasted)

    assert "Frozen after an incident, 2026-03-02 09:40:00, ada: she fell at the door." in said
    assert "Recorded after the freeze, and in what stands here: 1" in said
    assert "09:45:00 drug book: wasted 10.5 mg, second person ada (nils)" in said
    assert length == 1 or page == "recovery:appendix"


def test_paper_of_a_frozen_session_to_which_nothing_was_added_says_so(prescriber, frozen):
    assert "Nothing was recorded after the freeze." in paper(prescriber, "recovery:pdf", frozen)[1]


def test_the_one_page_stays_one_however_much_is_recorded_after_the_freeze(prescriber, frozen, now):
    for number in range(40):
        go_to(now, 45 + number)
        seen = {"by": "nils", "at": now["at"], "now": now["at"], "says": f"seen at the door, {number}"}
        actions.record(infusion=frozen, kind=Kind.OBSERVATION, **seen)

    length, said = paper(prescriber, "recovery:pdf", frozen)
    assert length == 1
    assert "Recorded after the freeze, and in what stands here: 40" in said
    assert paper(prescriber, "recovery:appendix", frozen)[1].count("seen at the door, 39") == 2


def test_the_bundle_holds_the_record_as_it_was_frozen_whatever_was_recorded_since(prescriber, wasted):
    files = bundle(prescriber, wasted)
    then, now = (json.loads(files[name]) for name in ("record_as_frozen.json", "record.json"))

    assert digest_of(then) == Incident.objects.get().digest
    assert json.loads(files["incident.json"])["digest_of_record_then"] == digest_of(then)
    assert [Decimal(one["drug"]["unaccounted_mg"]) for one in (then, now)] == [Decimal("10.5"), Decimal(0)]


def test_the_bundle_lists_what_was_recorded_after_the_freeze(prescriber, wasted):
    assert json.loads(bundle(prescriber, wasted)["after_the_freeze.json"]) == [
        {"at": "2026-03-02T09:45:00Z", "says": "drug book: wasted 10.5 mg, second person ada", "by": "nils"}
    ]


def test_what_was_frozen_stays_the_same_when_the_bundle_is_taken_again_later(prescriber, frozen, now):
    first = bundle(prescriber, frozen)["record_as_frozen.json"]
    go_to(now, 50)
    waste(frozen, now)
    prescriber.post("recovery:addendum", frozen.reference, text="She stumbled", reason="seen from the door")

    assert bundle(prescriber, frozen)["record_as_frozen.json"] == first


def test_care_that_goes_on_after_the_freeze_is_listed_each_thing_with_when_it_was_written(prescriber, nurse, sat, now):
    go_to(now, 30)
    prescriber.post("recovery:incident", sat.reference, reason="she fell")
    go_to(now, 32)
    nurse.post("infusion:record", sat.reference, kind="drug_given", says="ondansetron", dose="4 mg")
    go_to(now, 33)
    checked(nurse, sat, 126, 76)
    nurse.post("recovery:tick", sat.reference, criterion="oriented", met="yes", note="knows the day")
    go_to(now, 34)
    heard = AT + timedelta(minutes=34)
    device = Device.objects.create(identity="MON-1", first_seen_at=AT)
    StoredReading(
        watch=sat.watch, device=device, signal="spo2", value=97.0, unit="%", observed_at=heard, received_at=heard, source="device"
    ).save()  # fmt: skip

    said = [one.says for one in since_frozen(sat)]
    assert [one.split(",", 1)[1] for one in said[:1]] == [" drug given, for 09:32: 4 mg ondansetron"]
    assert {
        "systolic pressure 126, for 09:33",
        "diastolic pressure 76, for 09:33",
        "criterion oriented: met knows the day",
    } <= {*said}
    assert said[-1] == "readings of devices: 1"


def test_a_session_that_is_not_frozen_says_nothing_of_it(nurse, left):
    assert since_frozen(left) == []
    assert "after the freeze" not in text(nurse.get("recovery:panel", left.reference))
    assert "Frozen" not in paper(nurse, "recovery:pdf", left)[1]
