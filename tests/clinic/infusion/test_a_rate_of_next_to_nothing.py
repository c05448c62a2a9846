"""A rate so small that the bag would outlast the calendar: it is asked about, and once it is confirmed every page still opens."""

import pytest
from tests.builders import make_infusing
from tests.clinic.journey.steps import go_to, record

pytestmark = pytest.mark.django_db
PAGES = ("infusion:chair", "infusion:live", "infusion:chart", "infusion:grid", "infusion:handover", "infusion:levels")


def test_every_page_of_the_chair_and_the_board_open(nurse, patient, now):
    infusion = make_infusing(patient)
    go_to(now, 5)
    record(nurse, infusion, "rate_set", rate_ml_per_h="0.0000001", sure="on")

    assert infusion.events.get(kind="rate_set").rate_ml_per_h == 1e-7
    shown = {name: nurse.get(name, infusion.reference).status_code for name in PAGES}
    shown |= {name: nurse.get(name).status_code for name in ("chart:board", "chart:wall")}
    assert {name: code for name, code in shown.items() if code != 200} == {}
