"""35 mg in 100 mL: 150 mL/h for 16 minutes, a pause of 4, 100 mL/h for 18 minutes, stop. Every screen, paper and file says the same of it."""

import io
import json
import re

import numpy as np
import pytest
from pypdf import PdfReader
from tests.clinic.journey.steps import planned, record, seated, the_run

from openketamine.clinic.audit import archive
from openketamine.clinic.audit.rows import rows
from openketamine.clinic.infusion import curves, queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.ledger.models import Row
from openketamine.clinic.people.models import Clinic
from openketamine.core.pharmacology.bands import Asked
from openketamine.core.pharmacology.population import typical
from openketamine.core.pharmacology.substance import Person
from openketamine.doors.fhir import export
from openketamine.evidence.subjects import subject
from openketamine.site.commands import simulate, simulate_request

pytestmark = pytest.mark.django_db

LEVEL = "ketamine_ng_per_ml"
RUN = [[0, 150.0], [16, 0.0], [20, 100.0], [38, 0.0]]
STEPS = [(0, "started", "150 mL/h"), (16, "paused", ""), (20, "resumed", "100 mL/h"), (38, "stopped", "")]
THROUGH_THE_PUMP = [(0, 14.0, 16), (20, 10.5, 18)]
BEHIND_THE_LINE = [(6, 8.75, 10), (20, 10.5, 18)]
"""Doses as (minute, mg, minutes): 0.35 mg/mL; 15 mL of saline last 6 minutes at 150 mL/h."""
BOTH = "24.5 mg (reached 19.25 mg)"


@pytest.fixture
def seat(nurse, prescriber, patient, now):
    Clinic.objects.update(individual_prediction=True)
    planned(prescriber, patient)
    return seated(nurse, patient)


@pytest.fixture
def primed(nurse, seat, now):
    """With a line of 15 mL, primed with saline and never flushed."""
    record(nurse, seat, "line_primed", volume_ml="15", fluid="saline")
    the_run(nurse, seat, now)
    return seat


@pytest.fixture
def unprimed(nurse, seat, now):
    """With no line recorded."""
    the_run(nurse, seat, now)
    return seat


def page(nurse, name, infusion):
    return " ".join(re.sub(r"<[^>]+>", " ", nurse.get(name, infusion.reference).text).split())


def chart_of(nurse, infusion):
    return nurse.get("infusion:chart", infusion.reference).json()


def paper(nurse, infusion):
    pages = PdfReader(io.BytesIO(nurse.get("recovery:pdf", infusion.reference).content)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def test_the_tile_says_both_numbers_and_what_line_and_bag_still_hold(nurse, primed):
    live = page(nurse, "infusion:live", primed)

    assert "pump delivered 24.50 mg of 35.0 mg" in live
    assert "reached the patient 19.25 mg 5.25 mg in line, 10.50 mg in bag" in live


def test_without_a_recorded_line_the_tile_says_what_the_pump_delivered_and_claims_no_more(nurse, unprimed):
    live = page(nurse, "infusion:live", unprimed)

    assert "pump delivered 24.50 mg of 35.0 mg" in live
    assert "reached the patient — line not recorded" in live
    assert chart_of(nurse, unprimed)["drugs"][0]["total"] == "24.5 mg"


def test_what_was_not_delivered_is_in_the_bag(unprimed, now):
    assert str(queries.amounts(unprimed, queries.course_of(unprimed), now["at"]).in_bag_mg) == "10.50"


def test_the_axis_has_the_rates_the_events_and_the_total_at_their_minutes(nurse, primed):
    chart = chart_of(nurse, primed)

    assert chart["delivered"] == [*RUN, [38, 0.0]]
    assert chart["planned"] == [[0, 150.0], [40, 0.0]]
    assert [(one["at"], one["kind"]) for one in chart["events"] if one["at"] > 0 or one["kind"] == "started"] == [
        (minute, kind) for minute, kind, _rate in STEPS
    ]
    assert chart["drugs"][0]["total"] == BOTH
    assert "24.5 mg delivered" in chart["said"]["drug"]


def test_the_list_of_events_has_the_four_steps_with_their_rates(nurse, primed):
    live = page(nurse, "infusion:live", primed)

    for minute, kind, rate in STEPS:
        assert f"09:{minute:02}:00 {kind} {rate}".strip() in live


def test_the_paper_has_the_steps_and_both_amounts(nurse, primed):
    text = paper(nurse, primed)

    assert "Pump delivered 24.5 mg; reached the patient 19.25 mg" in text
    assert "19.25 mg given" in text
    for minute, kind, rate in STEPS:
        assert re.search(rf"\d+\. 09:{minute:02}:00 {kind} {rate}", text)


@pytest.mark.parametrize(("fixture", "mg"), [("primed", "19.25"), ("unprimed", "24.50")])
def test_the_drug_book_has_one_row_for_what_was_given(request, fixture, mg):
    infusion = request.getfixturevalue(fixture)

    given = Row.objects.filter(session=infusion.reference, kind="given", replaced_by=None)
    assert [str(row.mg) for row in given] == [mg]


@pytest.mark.parametrize(("fixture", "mg"), [("primed", 19.25), ("unprimed", 24.5)])
def test_the_exported_record_says_what_was_given_and_how_the_pump_was_set(request, patient, fixture, mg):
    request.getfixturevalue(fixture)
    found = [one["resource"] for one in json.loads(export.bundle(patient))["entry"]]

    (given,) = [one for one in found if one["resourceType"] == "MedicationAdministration"]
    assert (given["dosage"]["dose"]["value"], given["dosage"]["dose"]["code"]) == (mg, "mg")
    assert (given["effectivePeriod"]["start"], given["effectivePeriod"]["end"]) == (
        "2026-03-02T09:00:00Z", "2026-03-02T09:38:00Z",
    )  # fmt: skip
    assert set_to(found, "started") == 150
    assert set_to(found, "resumed") == 100


def set_to(found, kind):
    (row,) = [one for one in found if one["resourceType"] == "Observation" and one["code"].get("text") == kind]
    return row["valueQuantity"]["value"]


def test_the_csv_files_of_a_person_hold_the_same_rows(primed, patient):
    tables = archive.read(archive.write(rows(patient), patient=patient.reference, software="test"))

    assert [row["mg"] for row in tables["ledger.row"] if row["kind"] == "given"] == ["19.25"]
    steps = [row for row in tables["infusion.infusionevent"] if row["kind"] in {"started", "resumed"}]
    assert [float(row["rate_ml_per_h"]) for row in steps] == [150, 100]


def asked_of_simulate(doses, times):
    """The request as somebody would write it: half a milligram for each of 70 kg, in the doses named above."""
    return simulate_request.checked({
        "model": "kamp2020_racemic", "patient": {"weight_kg": 70}, "times_min": times,
        "doses": [{"route": "iv", "start_min": at, "amount_mg": mg, "duration_min": over} for at, mg, over in doses],
    })  # fmt: skip


@pytest.mark.parametrize(("fixture", "doses"), [("primed", BEHIND_THE_LINE), ("unprimed", THROUGH_THE_PUMP)])
def test_the_level_of_the_typical_person_is_what_simulate_answers(request, now, fixture, doses):
    infusion = Infusion.objects.get(pk=request.getfixturevalue(fixture).pk)
    course, times = queries.course_of(infusion), tuple(float(minute) for minute in range(0, 99, 2))
    rest = curves.known(infusion, course)
    asked = curves.question(infusion, course, rest, at=now["at"], times=times, what_if=curves.AS_IT_RUNS, end=98)
    who = subject("kamp2020_racemic", Person(asked.weight_kg))

    chair = who.outputs(typical(who), asked.doses(), np.array(times) / 60)[LEVEL][0]
    answer = simulate.answer(asked_of_simulate(doses, list(times)))["outputs"][LEVEL]

    assert chair.tolist() == pytest.approx(answer, rel=1e-9)
    assert max(answer) > 100


@pytest.mark.parametrize(("fixture", "doses"), [("primed", BEHIND_THE_LINE), ("unprimed", THROUGH_THE_PUMP)])
def test_the_curve_of_the_population_is_made_of_the_levels_of_simulate_s_own_people(
    request, nurse, patient, fixture, doses
):
    """At the chair virtual people also have a scatter of readings, so the same draw is asked of `simulate` with those people.

    A curve at the chair is the level of the person at its place; `simulate` puts a point between that one and the next.
    """
    drawn = chart_of(nurse, request.getfixturevalue(fixture))["prediction"]
    asked = asked_of_simulate(doses, drawn["times"])
    who, times_h = subject("kamp2020_racemic", Person(70.0)), np.array(drawn["times"]) / 60

    levels = np.sort(Asked(who, asked.doses, times_h, (LEVEL,), 600, patient.pk).values(0)[:, 0], axis=0)

    for name, share in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
        place = int(share * 599)
        below, above = levels[place] * (1 - 1e-9), levels[place + 1] * (1 + 1e-9)
        chair = np.array(drawn["population"][name])
        assert ((below <= chair) & (chair <= above)).all()
    assert drawn["times"] == list(range(0, 101, 2))
