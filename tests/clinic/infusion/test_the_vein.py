"""The vein: where, how wide, how it flushes, sited anew; and drug that ran beside it makes the milligrams uncertain and the curve grey."""

import json

import pytest
from tests.clinic.journey.steps import go_to, planned, record, seated, started

from openketamine.clinic.audit import archive
from openketamine.clinic.audit.rows import rows
from openketamine.clinic.infusion import before, curves, queries
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.ledger.models import Row
from openketamine.clinic.recovery.record import record as whole_record
from openketamine.core.infusion.gate import Stand
from openketamine.doors.fhir import export
from openketamine.evidence.chairs import chair_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(nurse, prescriber, patient, clinic, now):
    clinic.individual_prediction = True
    clinic.save()
    planned(prescriber, patient)
    return seated(nurse, patient)


@pytest.fixture
def beside(nurse, infusion, now):
    """A primed line, 150 mL/h, and at minute 10 somebody sees that the drug runs beside the vein."""
    record(nurse, infusion, "line_primed", volume_ml="15", fluid="saline")
    started(nurse, infusion)
    go_to(now, 10)
    record(nurse, infusion, "infiltrated", says="arm swollen, cold")
    return infusion


def veins():
    return list(InfusionEvent.objects.filter(kind="site").values_list("says", flat=True))


@pytest.mark.parametrize("gauge", chair_rules().gauges)
def test_a_vein_is_recorded_with_place_size_and_how_it_flushes(nurse, infusion, gauge):
    record(nurse, infusion, "site", says="left hand", gauge=gauge, patency="free")

    assert veins() == [f"left hand, {gauge}, flushes freely"]
    assert f"left hand, {gauge}, flushes freely" in nurse.get("infusion:live", infusion.reference).text


@pytest.mark.parametrize(
    ("left_out", "says"),
    [
        ({"says": ""}, "is empty: say why, or what"),
        ({"gauge": ""}, "—: choose a size from the list"),
        ({"gauge": "21 G"}, "21 G: choose a size from the list"),
        ({"patency": ""}, "is empty: say how it flushes"),
        ({"patency": "well"}, "Select a valid choice"),
    ],
)
def test_no_part_of_a_vein_is_left_out_or_invented(nurse, infusion, left_out, says):
    answer = record(nurse, infusion, "site", **{"says": "left hand", "gauge": "22 G", "patency": "free", **left_out})

    assert (answer.status_code, veins()) == (422, [])
    assert says in answer.text


def test_a_vein_sited_anew_and_one_with_resistance_stand_in_the_record_beside_the_first(nurse, infusion, now):
    record(nurse, infusion, "site", says="left hand", gauge="22 G", patency="free")
    started(nurse, infusion)
    go_to(now, 12)
    record(nurse, infusion, "site", says="left hand", gauge="22 G", patency="resistance")
    record(nurse, infusion, "site", says="right forearm", gauge="20 G", patency="re_sited")

    assert veins() == [
        "left hand, 22 G, flushes freely", "left hand, 22 G, flushes with resistance",
        "right forearm, 20 G, re-sited here, flushes freely",
    ]  # fmt: skip


def test_the_check_before_the_start_shows_the_vein_and_does_not_wait_for_it(nurse, infusion):
    def vein():
        return next(one for one in before.gate(infusion) if one.id == "vein")

    assert (vein().stand, vein().holds, vein().said) == (Stand.INFORMS, False, "")

    record(nurse, infusion, "site", says="left hand", gauge="22 G", patency="free")

    assert (vein().stand, vein().said) == (Stand.DONE, "left hand, 22 G, flushes freely")
    assert (
        "left hand, 22 G, flushes freely"
        in nurse.get("infusion:chair", infusion.reference).text.split('id="gate-vein"')[1][:900]
    )


def test_before_the_start_nothing_can_have_run_beside_the_vein(nurse, infusion):
    assert record(nurse, infusion, "infiltrated", says="swollen").status_code == 409


def test_drug_beside_the_vein_makes_the_milligrams_uncertain_everywhere_from_then_on(nurse, beside, now):
    go_to(now, 12)

    page = " ".join(nurse.get("infusion:live", beside.reference).text.split())
    assert "reached the patient <b>uncertain since 09:10</b>" in page
    chart = nurse.get("infusion:chart", beside.reference).json()
    assert chart["drugs"][0]["total"] == "10.5 mg (what reached the patient is uncertain)"
    assert "uncertain since 09:10" in nurse.get("infusion:handover", beside.reference).text
    given = whole_record(beside)["given"]
    assert (given["reached_mg"], given["uncertain_since"]) == (None, "2026-03-02T09:10:00Z")


def test_the_level_is_struck_and_its_curve_grey_from_then_on(nurse, beside, now):
    go_to(now, 12)

    page = " ".join(nurse.get("infusion:live", beside.reference).text.split())
    assert 'class="tile predicted struck"' in page
    assert "drug ran beside the vein" in page
    assert nurse.get("infusion:chart", beside.reference).json()["doubtful"] == 10


def test_a_vein_sited_anew_does_not_make_the_milligrams_certain_again(nurse, beside, now):
    go_to(now, 15)
    record(nurse, beside, "site", says="right forearm", gauge="20 G", patency="re_sited")

    assert nurse.get("infusion:chart", beside.reference).json()["doubtful"] == 10


def test_what_is_read_after_it_teaches_nothing_about_the_person(nurse, beside, now):
    go_to(now, 9)
    nurse.post("infusion:check", beside.reference, nibp_systolic="140", nibp_diastolic="85")
    go_to(now, 20)
    nurse.post("infusion:check", beside.reference, nibp_systolic="180", nibp_diastolic="100")

    seen = curves.known(beside, queries.course_of(beside)).seen

    assert {round(one.at_h * 60) for one in seen} == {9}


def test_entered_in_error_makes_the_curve_whole_again(nurse, beside, now):
    last = beside.events.order_by("number").last()
    nurse.post(
        "infusion:correct", beside.reference, last.number, kind="infiltrated", says="wrong chair", in_error="yes"
    )

    assert nurse.get("infusion:chart", beside.reference).json()["doubtful"] is None


def given_rows(infusion):
    return Row.objects.filter(session=infusion.reference, kind="given", replaced_by=None)


@pytest.fixture
def over(nurse, beside, now):
    """The same, stopped at minute 28 with 70 mL through the pump: 55 mL, 19.25 mg, have left the line."""
    go_to(now, 28)
    record(nurse, beside, "stopped", delivered_ml="70")
    return beside


DOUBT = "what reached the patient is uncertain since"
IN_THE_BOOK = f"pump total, what left the line; {DOUBT} 2026-03-02 09:10: drug ran beside the vein"


def test_the_drug_book_still_balances_and_says_that_what_reached_the_person_is_uncertain(nurse, over):
    (row,) = given_rows(over)
    page = " ".join(nurse.get("ledger:session", over.reference).text.split())

    assert (str(row.mg), row.basis) == ("19.25", IN_THE_BOOK)
    assert "35.0 mg drawn = 19.25 mg given + 0.0 mg wasted + 15.75 mg unaccounted" in page
    assert page.count(IN_THE_BOOK) == 2


def test_the_export_in_both_formats_says_the_same(over, patient):
    found = [one["resource"] for one in json.loads(export.bundle(patient))["entry"]]
    (given,) = [one for one in found if one["resourceType"] == "MedicationAdministration"]
    said = f"{DOUBT} 2026-03-02T09:10:00Z: drug ran beside the vein"

    assert (given["dosage"]["dose"]["value"], given["dosage"]["text"], given["note"]) == (19.25, said, [{"text": said}])
    tables = archive.read(archive.write(rows(patient), patient=patient.reference, software="test"))
    assert [(row["mg"], row["basis"]) for row in tables["ledger.row"] if row["kind"] == "given"] == [
        ("19.25", IN_THE_BOOK)
    ]


def test_a_vein_seen_only_after_the_end_is_posted_anew_and_taken_back_again(nurse, infusion, now):
    started(nurse, infusion)
    go_to(now, 28)
    record(nurse, infusion, "stopped", delivered_ml="70")
    go_to(now, 30)
    record(nurse, infusion, "infiltrated", says="arm swollen")
    assert [(str(row.mg), row.basis) for row in given_rows(infusion)] == [
        ("24.50", f"pump total, line not recorded; {DOUBT} 2026-03-02 09:30: drug ran beside the vein")
    ]

    last = infusion.events.order_by("number").last()
    nurse.post(
        "infusion:correct", infusion.reference, last.number, kind="infiltrated", says="other arm", in_error="yes"
    )
    assert [(str(row.mg), row.basis) for row in given_rows(infusion)] == [("24.50", "pump total, line not recorded")]
