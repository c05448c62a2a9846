"""The board and its twin on the wall: who needs somebody comes first, each chair with phase, minute, next due, flag and nurse."""

import re
from datetime import timedelta

import pytest
from tests.builders import AT, make_infusing, make_patient

from openketamine.clinic.chart import wall
from openketamine.clinic.followup import actions as followup
from openketamine.clinic.followup.models import ChairLink
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.models import Role
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.infusion.events import Kind
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db
NAMES = (("Alba", "Aspen"), ("Bruno", "Birch"), ("Carla", "Cedar"))


@pytest.fixture
def infusing(clinic):
    """Three chairs, an infusion started on each at minute 0, and a fourth that is free."""
    found = []
    for number, (given, family) in enumerate(NAMES, start=1):
        patient = make_patient(given_name=given, family_name=family)
        found.append(make_infusing(patient, f"Chair {number}", number))
    Chair.objects.create(name="Chair 4", position=4)
    return found


def at(minute):
    return AT + timedelta(minutes=minute)


def order(minute):
    return [str(place.seat.chair) for place in wall.places(at=at(minute), wall=at(minute))]


def pressed(infusion, minute):
    link = ChairLink(infusion=infusion, made_at=at(0))
    link.save()
    followup.call_for_help(link=link, at=at(minute))


def high(infusion, minute):
    demo_lives.checked(infusion, 184.0, 90.0, at=at(minute))
    alarms.evaluate(infusion.watch_id, at=at(minute))


def test_while_nobody_is_needed_chairs_stand_in_their_order(infusing):
    assert order(5) == ["Chair 1", "Chair 2", "Chair 3", "Chair 4"]


def test_who_asks_for_somebody_comes_before_an_alarm_and_an_alarm_before_the_rest(infusing):
    high(infusing[1], 5)
    pressed(infusing[2], 6)

    assert order(6) == ["Chair 3", "Chair 2", "Chair 1", "Chair 4"]
    assert wall.places(at=at(6), wall=at(6))[0].asks == "the person asks for somebody"


def test_an_emergency_raises_its_chair(infusing):
    infusions.record(infusion=infusing[2], kind=Kind.EMERGENCY, by="nils", at=at(5), now=at(5))

    assert order(5)[0] == "Chair 3"


def test_what_else_is_open_about_a_person_is_nothing_for_a_wall(infusing):
    tasks.open_task(
        key="flag 1", says="suicide question answered yes", owner=Role.PRESCRIBER, due_at=at(1), at=at(1),
        patient=infusing[2].patient, urgent=True,
    )  # fmt: skip

    assert order(5)[0] == "Chair 1"
    assert [place.asks for place in wall.places(at=at(5), wall=at(5))] == [""] * 4


def test_a_supervisor_sees_phase_minute_next_due_worst_flag_and_nurse_of_each_chair(nurse, infusing, now):
    high(infusing[1], 5)
    now["at"] = at(6)

    card = re.search(r'id="place-\d+".*?</article>', nurse.get("chart:wall").text, re.DOTALL)[0]

    for words in ("Chair 2", "Bruno B.", "infusing", "6\N{PRIME}", "check in 4 min", "180", "nurse nils"):
        assert words in " ".join(re.sub(r"<[^>]+>", " ", card).split())
    assert "Birch" not in card


def test_the_wall_has_nothing_that_needs_a_mouse(nurse, infusing):
    for name in ("chart:wall", "chart:wall-live"):
        main = nurse.get(name).text.partition("<main")[2] or nurse.get(name).text
        assert "<form" not in main.partition("</main")[0]
        assert "<button" not in main.partition("</main")[0]


def test_a_similar_name_is_flagged_on_both_its_chairs_and_on_no_other(nurse, infusing):
    patient = infusing[2].patient
    patient.family_name = "Aspern"
    patient.save()

    page = nurse.get("chart:board").text

    assert re.findall(r"similar name: ([^<]+)<", page) == ["Chair 3", "Chair 1"]


@pytest.mark.parametrize(
    ("chairs", "side_by_side"), [(0, 2), (1, 2), (4, 2), (5, 3), (8, 4), (9, 4), (12, 4), (13, 6), (40, 6)]
)
def test_chairs_stand_side_by_side_so_that_all_fit(chairs, side_by_side):
    assert wall.columns(chairs) == side_by_side


def test_the_wall_says_plainly_that_it_gives_no_sound_and_names_what_is_loud(nurse, infusing, now):
    now["at"] = at(5)
    high(infusing[1], 5)
    page = nurse.get("chart:wall").text

    assert "This screen gives no sound: alarms are seen here, not heard." in page
    assert 'data-loud="warning"' in page
    assert "monitoring/alarm.js" in page
