"""A clinic types and reads its own time; what is stored is UTC. What is written down late says so, on every page and paper."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pypdf import PdfReader
from tests.builders import AT, make_infusing
from tests.clinic.journey.steps import go_to

from openketamine.clinic.followup import letters
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.recovery.record import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(clinic, patient, now):
    """A clinic in New York: minute 0 is 04:00 there, 09:00 UTC."""
    Clinic.objects.update(time_zone="America/New_York")
    return make_infusing(patient)


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def paper(nurse, name, infusion):
    pages = PdfReader(io.BytesIO(nurse.get(name, infusion.reference).content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_typed_time_is_the_clinic_s_and_is_kept_in_utc(nurse, infusion, now):
    go_to(now, 20)
    nurse.post("infusion:record", infusion.reference, kind="rate_set", rate_ml_per_h="120", happened="04:15")

    row = InfusionEvent.objects.get(kind="rate_set")
    assert (row.at, row.recorded_at) == (AT + timedelta(minutes=15), AT + timedelta(minutes=20))


def test_the_page_shows_the_clinic_s_time_and_names_its_zone_once(nurse, infusion, now):
    go_to(now, 20)
    page = words(nurse.get("infusion:chair", infusion.reference))

    assert "04:00:00 started 150 mL/h" in page
    assert "09:00" not in page
    assert page.count("America/New_York") == 1
    assert "UTC" not in page


@pytest.mark.parametrize("kind", ["observation", "drug_given", "emergency"])
def test_nothing_happened_before_the_session_was_opened(nurse, infusion, now, kind):
    go_to(now, 20)
    answer = nurse.post(
        "infusion:record", infusion.reference, kind=kind, says="ondansetron", dose="1 mg", happened="03:50"
    )

    assert answer.status_code == 409
    assert "2026-03-02 03:50:00: this session was opened only at 2026-03-02 03:58:00" in answer.text
    assert not InfusionEvent.objects.filter(kind=kind).exists()


def test_what_is_written_down_late_says_when_on_the_page_in_the_record_and_on_both_papers(nurse, infusion, now):
    go_to(now, 20)
    nurse.post("infusion:record", infusion.reference, kind="observation", says="warm", happened="04:10")
    nurse.post("infusion:record", infusion.reference, kind="observation", says="calm now")

    page = words(nurse.get("infusion:live", infusion.reference))
    assert re.search(r"04:10:00 \S+ warm nils, entered 04:20", page)
    assert page.count("entered") == 1
    kept = next(row for row in record(infusion)["events"] if row["says"] == "warm")
    assert (kept["at"], kept["recorded_at"]) == ("2026-03-02T09:10:00Z", "2026-03-02T09:20:00Z")
    assert re.search(r"04:10:00 observation warm \(nils, entered 04:20\)", paper(nurse, "recovery:pdf", infusion))
    assert re.search(
        r"2026-03-02 04:10:00 observation warm \(nils, entered 04:20\)", paper(nurse, "recovery:appendix", infusion)
    )


def test_a_correction_shows_old_and_new(nurse, infusion, now):
    go_to(now, 5)
    number = InfusionEvent.objects.get(kind="started").number
    nurse.post("infusion:correct", infusion.reference, number, kind="started", rate_ml_per_h="75", says="read wrongly")

    assert f"entered 04:05, corrects {number} (150 → 75 mL/h)" in words(nurse.get("infusion:live", infusion.reference))
    assert f"corrects {number} (150 → 75 mL/h)" in paper(nurse, "recovery:pdf", infusion)
    assert f"corrects {number} (150 → 75 mL/h)" in paper(nurse, "recovery:appendix", infusion)


def test_papers_name_the_zone_and_the_day_of_the_session_in_it(nurse, now, clinic, patient):
    Clinic.objects.update(time_zone="America/New_York")
    evening = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # 21:00 of 2 March in New York
    infusion = make_infusing(patient, at=evening)
    now["at"] = evening + timedelta(minutes=5)

    for name in ("recovery:pdf", "recovery:appendix"):
        text = paper(nurse, name, infusion)
        assert f"session {infusion.reference} of 2026-03-02 · times: America/New_York" in text
        assert "UTC" not in text


def test_a_letter_gives_the_day_of_the_clinic_and_names_its_zone(now, clinic, patient):
    Clinic.objects.update(time_zone="America/New_York")
    infusion = make_infusing(patient, at=datetime(2026, 3, 3, 2, 0, tzinfo=UTC))
    with timezone.override("America/New_York"):
        values = letters.record(infusion.order.planned.course, at=now["at"])

    assert [one["on"] for one in values["infusions"]] == ["2026-03-02"]
    assert values["clinic"]["time_zone"] == "America/New_York"
