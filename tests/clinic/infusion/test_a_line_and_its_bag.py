"""A line that is said to hold as much as the bag is asked about once more; filled with the drug it cannot."""

import pytest
from tests.builders import make_infusing
from tests.clinic.journey.steps import go_to, record

from openketamine.clinic.infusion import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(nurse, patient, now):
    """150 mL/h from a bag of 100 mL, since 16 minutes."""
    infusion = make_infusing(patient)
    go_to(now, 16)
    return infusion


def line(infusion):
    infusion.refresh_from_db()
    return queries.course_of(infusion).line


def line_form(page):
    return page.partition('name="kind" value="line_primed"')[2].partition("</form>")[0]


@pytest.mark.parametrize("volume", ["100", "150"])
def test_a_line_as_large_as_the_bag_is_asked_about_and_recorded_once_it_is_confirmed(nurse, infusion, volume):
    assert 'name="sure" value="yes"' in line_form(nurse.get("infusion:chair", infusion.reference).text)
    page = record(nurse, infusion, "line_primed", volume_ml=volume, fluid="saline")
    assert page.status_code == 422
    assert f"Volume, mL: {volume} mL is as much as the whole bag (100 mL)" in page.text
    assert f'value="{volume}"' in page.text
    assert line(infusion) is None

    record(nurse, infusion, "line_primed", volume_ml=volume, fluid="saline", sure="yes")
    assert line(infusion).volume_ml == float(volume)
    assert infusion.events.get(kind="line_primed").says == "confirmed, though the bag holds 100 mL"


def test_filled_with_the_drug_it_cannot_hold_that_whoever_confirms_it(nurse, infusion):
    page = record(nurse, infusion, "line_primed", volume_ml="150", fluid="drug", sure="yes")

    assert page.status_code == 422
    assert "150 mL of the drug mixture cannot be in a line: the bag held 100 mL" in page.text
    assert line(infusion) is None


def test_a_line_of_fifteen_is_recorded_and_nothing_is_asked(nurse, infusion):
    record(nurse, infusion, "line_primed", volume_ml="15", fluid="drug")

    assert line(infusion).volume_ml == 15.0
    assert infusion.events.get(kind="line_primed").says == ""
