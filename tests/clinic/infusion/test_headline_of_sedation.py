"""Beside the vital signs stands how awake the person is: the last level, its age, who looked; struck through when a check was due since."""

import re

import pytest
from tests.builders import make_infusing
from tests.clinic.journey.steps import go_to, planned, record, seated

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusing(patient, now):
    """Scored MOAA/S 5 a minute before the start."""
    return make_infusing(patient)


def tile(nurse, infusion):
    page = nurse.get("infusion:live", infusion.reference).text
    found = page.partition('data-signal="moaas">')[2].partition("</div>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split()), "<s>" in found


def test_it_says_the_level_the_one_before_its_age_and_who(nurse, infusing, now):
    go_to(now, 9)
    nurse.post("infusion:observe", infusing.reference, signal="moaas", value="3")
    go_to(now, 12)

    assert tile(nurse, infusing) == ("Awake (MOAA/S) ↓ 5 3 3 min nils", False)


def test_it_is_struck_through_a_minute_after_the_next_check_was_due(nurse, infusing, now):
    go_to(now, 10)
    assert tile(nurse, infusing) == ("Awake (MOAA/S) 5 11 min nils", False)
    go_to(now, 11)
    assert tile(nurse, infusing) == ("Awake (MOAA/S) 5 12 min nils stale", True)


def test_after_a_sedative_it_counts_for_the_five_minutes_until_the_next_look(nurse, infusing, now):
    record(nurse, infusing, "drug_given", says="midazolam", dose="1 mg i.v.")
    go_to(now, 6)
    assert tile(nurse, infusing) == ("Awake (MOAA/S) 5 7 min nils stale", True)

    nurse.post("infusion:observe", infusing.reference, signal="moaas", value="4")
    go_to(now, 11)
    assert tile(nurse, infusing) == ("Awake (MOAA/S) ↓ 5 4 5 min nils", False)


def test_who_was_not_woken_has_no_new_level_and_says_why(nurse, infusing, now):
    go_to(now, 8)
    nurse.post("infusion:check", infusing.reference, why_moaas="asleep")

    assert tile(nurse, infusing) == ("Awake (MOAA/S) 5 9 min nils asleep, not woken", True)


def test_a_session_in_which_nobody_looked_shows_no_level(nurse, prescriber, patient, now):
    planned(prescriber, patient)

    assert tile(nurse, seated(nurse, patient)) == ("Awake (MOAA/S) — no reading yet", False)


def test_an_ambulance_reads_it_too(nurse, infusing, now):
    go_to(now, 4)
    nurse.post("infusion:observe", infusing.reference, signal="moaas", value="2")
    page = nurse.get("infusion:handover", infusing.reference).text

    assert "<li>Awake (MOAA/S): <b>2</b> 0 s nils</li>" in page
