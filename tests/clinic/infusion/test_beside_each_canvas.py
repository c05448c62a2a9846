"""Beside each canvas of the chart stand a sentence and a table: what they say, and when they say something else."""

import re
from datetime import timedelta

import pytest
from tests.builders import AT, make_infusing
from tests.clinic.journey.steps import go_to

from openketamine.clinic.infusion.series import series
from openketamine.clinic.people.models import Clinic
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db
CANVASES = ("drug", "pressure", "saturation", "strip")


@pytest.fixture
def infusing(patient, now):
    """35 mg in 100 mL at 150 mL/h; the check before it and two more."""
    Clinic.objects.update(individual_prediction=True)
    infusion = make_infusing(patient)
    demo_lives.checked(infusion, 131, 79, at=minute(0.1), heart_rate=71.0, spo2=98.0)
    demo_lives.checked(infusion, 140, 85, at=minute(10), heart_rate=80.0, respiratory_rate=14.0, spo2=96.0)
    go_to(now, 16)
    return infusion


def minute(number):
    return AT + timedelta(minutes=number)


def said(infusion, at):
    return series(infusion, at=minute(at))["said"]


def test_each_canvas_has_a_sentence_with_the_minute_of_each_value(infusing):
    sentences = said(infusing, 16)

    assert tuple(sentences) == CANVASES
    assert sentences["drug"].startswith(
        "Pump recorded at 150 mL/h, set at minute 0, 13.12 mg delivered by minute 15, level by the model, arterial, "
    )
    assert sentences["drug"].endswith(" ng/mL at minute 16.")
    assert sentences["pressure"] == "Pressure 140 over 85 mmHg at minute 10, heart rate 80 /min, breaths 14 /min."
    assert sentences["saturation"] == "no value of SpO2 at minute 15, oxygen: nothing recorded."
    assert "3 cuff pressures." in sentences["strip"]


def test_a_sentence_stays_the_same_while_only_time_passes(infusing):
    assert said(infusing, 16) == said(infusing, 17.5)


def test_a_sentence_changes_when_something_was_recorded_and_only_that_one(infusing):
    before = said(infusing, 16)
    demo_lives.on_room_air(infusing, at=minute(16.5))
    after = said(infusing, 17)

    assert {name for name in CANVASES if before[name] != after[name]} == {"saturation"}
    assert after["saturation"].endswith("oxygen: air.")


def test_of_ketamine_each_rate_stands_where_it_was_set(infusing):
    (ketamine,) = series(infusing, at=minute(16))["drugs"]

    assert ketamine["name"] == "ketamine, mL/h"
    assert ketamine["doses"] == [{"at": 0, "dose": "150"}]


def test_the_page_has_a_name_a_sentence_and_a_table_beside_each_canvas(nurse, infusing):
    page = nurse.get("infusion:chair", infusing.reference).text

    for canvas in CANVASES:
        assert f'data-place="{canvas}" role="img" aria-label="' in page
        assert f'aria-describedby="said-{canvas}"' in page
        assert f'id="said-{canvas}" data-said="{canvas}" role="status" aria-live="polite"' in page
    for panel in ("drug", "pressure", "saturation", ""):
        assert f'/grid/?panel={panel}"' in page


@pytest.mark.parametrize(
    ("panel", "has", "has_not"),
    [
        ("pressure", ("140/85", "typed by nils", "Heart rate"), ("SpO2", "mg delivered", "Level, model")),
        ("saturation", ("96", "typed by nils", "Oxygen"), ("Heart rate", "mg delivered")),
        ("drug", ("Rate, mL/h", "mg delivered", "Level, model, arterial, ng/mL", "from now on if 150 mL/h goes on"), ("SpO2",)),
        ("", ("Pressure", "SpO2", "Breaths", "mg delivered", "Events"), ("Level, model",)),
    ],
)  # fmt: skip
def test_a_table_holds_what_its_canvas_draws_with_where_it_came_from(nurse, infusing, panel, has, has_not):
    table = " ".join(
        nurse.client.get(
            f"/infusion/{infusing.reference}/grid/?panel={panel}", headers={"HX-Request": "true"}
        ).text.split()
    )

    assert [words for words in has if words not in table] == []
    assert [words for words in has_not if words in table] == []


def test_the_table_of_the_level_goes_on_for_an_hour_and_is_empty_of_measured_values_there(nurse, infusing):
    table = nurse.client.get(f"/infusion/{infusing.reference}/grid/?panel=drug").text

    assert ">70</td>" in table
    assert ">75</td>" not in table


def test_without_prediction_the_table_of_the_drug_has_no_level(nurse, infusing):
    Clinic.objects.update(individual_prediction=False)
    table = nurse.client.get(f"/infusion/{infusing.reference}/grid/?panel=drug").text

    assert "ng/mL)" not in table
    assert "from now on" not in table


def test_the_table_of_pressures_has_the_estimated_systolic_labelled_as_an_estimate_and_goes_on_for_an_hour(
    nurse, infusing
):
    table = nurse.client.get(f"/infusion/{infusing.reference}/grid/?panel=pressure").text
    cells = re.findall(r'<td class="predicted">([^<]*)</td>', table)

    assert "Systolic, model estimate, mmHg" in table
    assert "model estimate (derived, not validated in patients)" in table
    assert "from now on if 150 mL/h goes on" in table
    assert ">70</td>" in table
    assert ">75</td>" not in table
    before, *running = cells
    assert before == "", "nothing is estimated before the start"
    low, middle, high = (int(one) for one in re.fullmatch(r"(\d+) \((\d+)-(\d+)\)", running[0]).group(2, 1, 3))
    assert low < middle < high
    assert 100 < middle < 200


def test_without_prediction_the_table_of_pressures_holds_nothing_but_what_was_measured(nurse, infusing):
    Clinic.objects.update(individual_prediction=False)
    table = nurse.client.get(f"/infusion/{infusing.reference}/grid/?panel=pressure").text

    assert "140/85" in table
    assert "estimate" not in table
    assert ">70</td>" not in table


def test_each_scale_that_was_scored_has_a_row_on_the_chart_with_who_and_when(nurse, infusing, now):
    for minute_, signal, level in ((4, "moaas", "5"), (12, "moaas", "3"), (13, "dissociation", "6")):
        go_to(now, minute_)
        nurse.post("infusion:observe", infusing.reference, signal=signal, value=level)

    scales = {one["name"]: one["levels"] for one in series(infusing, at=minute(16))["scales"]}
    assert list(scales) == ["Awake (MOAA/S)", "Dissociation", "Distress", "Nausea"]
    assert [(one["at"], one["says"], one["by"]) for one in scales["Awake (MOAA/S)"][1:]] == [
        (4, "5", "nils"),
        (12, "3", "nils"),
    ]
    assert [(one["at"], one["says"]) for one in scales["Dissociation"]] == [(-1, "0"), (13, "6")]
