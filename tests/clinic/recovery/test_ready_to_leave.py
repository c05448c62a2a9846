"""Readiness to leave: each criterion with its value, its threshold and its source; what nobody has looked at is not met."""

import html
from datetime import timedelta

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import LOOKED_AT, checked, go_to, looked_at, phase, planned, seated, started
from tests.clinic.recovery.conftest import ALDRETE

from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Finding
from openketamine.clinic.recovery import queries
from openketamine.clinic.tasks.models import Task

pytestmark = pytest.mark.django_db


def standing(infusion, now):
    return {row.id: row.standing.value for row in queries.criteria(infusion, at=now["at"])}


def row(infusion, now, which):
    return next(one for one in queries.criteria(infusion, at=now["at"]) if one.id == which)


def test_every_criterion_begins_unknown_or_not_met_and_none_is_met_by_silence(infused, now):
    assert set(standing(infused, now).values()) == {"not known", "not met"}


def test_every_criterion_says_what_it_has_to_be_and_what_that_rests_on(infused, now):
    rows = queries.criteria(infused, at=now["at"])

    assert len(rows) == 12
    assert [one.id for one in rows if not one.threshold] == []
    assert [one.id for one in rows if not one.sources] == []
    assert all("not yet checked by a clinician" in source for one in rows for source in one.sources)


def test_the_first_session_is_observed_from_the_end_and_says_so(infused, now):
    go_to(now, 147)
    early = row(infused, now, "observation_time")
    go_to(now, 148)
    over = row(infused, now, "observation_time")

    assert (early.standing.value, over.standing.value) == ("not met", "met")
    assert "120 min from the END" in early.threshold
    assert early.how == "119 min"


def test_a_third_session_is_observed_from_the_start(infused, now):
    infused.order.planned.number = 3
    go_to(now, 120)

    found = row(infused, now, "observation_time")

    assert found.standing.value == "met"
    assert "120 min from the START" in found.threshold
    assert found.threshold.endswith("no minimum from the end of the infusion set by your clinic for a later session")


def test_a_third_session_that_ended_late_is_observed_for_the_minutes_from_its_end_that_the_clinic_has_set(
    half_an_hour_from_the_end, nurse, prescriber, patient, now
):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    infusion.order.planned.number = 3
    go_to(now, 110)
    nurse.post("infusion:record", infusion.reference, kind="stopped")

    go_to(now, 139)
    early = row(infusion, now, "observation_time")
    go_to(now, 140)
    over = row(infusion, now, "observation_time")

    assert (early.standing.value, over.standing.value) == ("not met", "met")
    assert early.threshold.endswith("at least 30 min from its END: until 11:20")


def sedated(nurse, infusion, now, minute, says="midazolam"):
    go_to(now, minute)
    nurse.post("infusion:record", infusion.reference, kind="drug_given", says=says, dose="1 mg i.v.")
    go_to(now, 148)


def test_a_sedative_restarts_nothing_where_the_clinic_has_set_no_minutes_and_the_screen_says_so(nurse, infused, now):
    sedated(nurse, infused, now, 100)

    found = row(infused, now, "observation_time")

    assert found.standing.value == "met"
    assert "midazolam 1 mg i.v. at 10:40: no minimum observation after a sedative set by your clinic" in found.how
    assert found.how in html.unescape(nurse.get("recovery:panel", infused.reference).text)


def test_observation_counts_anew_from_the_last_sedative_for_the_minutes_that_the_clinic_has_set(
    an_hour_after_a_sedative, nurse, infused, now
):
    sedated(nurse, infused, now, 80)
    sedated(nurse, infused, now, 100, "Lorazepam")

    early = row(infused, now, "observation_time")
    assert (early.standing.value, early.how) == (
        "not met", "120 min; Lorazepam 1 mg i.v. at 10:40 restarts 60 min of observation: until 11:40"
    )  # fmt: skip

    go_to(now, 160)
    assert row(infused, now, "observation_time").standing.value == "met"


def test_a_drug_that_does_not_sedate_and_a_sedative_taken_back_restart_nothing(
    an_hour_after_a_sedative, nurse, infused, now
):
    sedated(nurse, infused, now, 100, "ondansetron")
    sedated(nurse, infused, now, 100)
    last = infused.events.order_by("number").last()
    nurse.post("infusion:correct", infused.reference, last.number, kind="drug_given", says="not given", in_error="yes")

    assert row(infused, now, "observation_time").how == "120 min"


def test_saturation_without_a_word_on_oxygen_is_not_known(nurse, infused, now):
    go_to(now, 60)
    checked(nurse, infused, 126, 76, spo2="97")
    assert row(infused, now, "spo2").standing.value == "not known"

    checked(nurse, infused, 126, 76, spo2="97", oxygen="mask")
    assert row(infused, now, "spo2").standing.value == "not met"

    checked(nurse, infused, 126, 76, spo2="97", oxygen="air")
    assert row(infused, now, "spo2").standing.value == "met"


def test_a_recovery_score_with_a_gap_is_no_score_and_padss_counts_as_well(nurse, infused, now):
    gap = nurse.post("recovery:score", infused.reference, instrument="aldrete", **{**ALDRETE, "oxygen": ""})
    assert "Oxygen: not answered" in gap.text
    assert Answers.objects.count() == 0

    low = {**ALDRETE, "circulation": "0"}
    nurse.post("recovery:score", infused.reference, instrument="aldrete", **low)
    assert row(infused, now, "recovery_score").how == "Modified Aldrete 8"
    assert row(infused, now, "recovery_score").standing.value == "not met"

    padss = {"vital_signs": "1", "activity": "2", "nausea": "2", "pain": "2", "bleeding": "2"}
    nurse.post("recovery:score", infused.reference, instrument="padss", **padss)
    assert row(infused, now, "recovery_score").standing.value == "met"


@pytest.mark.parametrize("left_out", LOOKED_AT)
def test_one_criterion_that_nobody_looked_at_keeps_the_person_here_and_is_named(nurse, infused, now, left_out):
    go_to(now, 150)
    checked(nurse, infused, 126, 76, spo2="97", moaas="5", oxygen="air")
    nurse.post("recovery:score", infused.reference, instrument="aldrete", **ALDRETE)
    looked_at(nurse, infused, left_out=left_out)

    answer = nurse.post("recovery:discharge", infused.reference, escort="Escort Example")

    assert row(infused, now, left_out).says in answer.text
    assert phase(nurse, infused) == "recovering"


def test_dissociation_is_observed_on_a_scale_and_held_against_its_value_before_the_start(
    nurse, prescriber, patient, now
):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    nurse.post("infusion:observe", infusion.reference, signal="dissociation", value="2")
    started(nurse, infusion)
    go_to(now, 40)
    nurse.post("infusion:observe", infusion.reference, signal="dissociation", value="1")
    nurse.post("infusion:record", infusion.reference, kind="stopped")
    found = row(infusion, now, "dissociation_resolved")
    assert (found.standing.value, found.how) == ("met", "Dissociation 1, before the start 2 (09:40)")

    go_to(now, 41)
    nurse.post("infusion:observe", infusion.reference, signal="cadss6", value="3")
    assert row(infusion, now, "dissociation_resolved").standing.value == "not known"
    nurse.post("infusion:observe", infusion.reference, signal="dissociation", value="3")
    assert row(infusion, now, "dissociation_resolved").standing.value == "not met"


def test_what_was_observed_before_the_end_says_nothing_about_leaving(nurse, infused, now):
    assert row(infused, now, "dissociation_resolved").standing.value == "not known"
    assert "Dissociation 0" in nurse.get("recovery:panel", infused.reference).text


def test_the_question_about_suicide_is_asked_in_its_own_words_and_its_answer_is_kept(nurse, infused, now):
    assert (
        "Are you having thoughts of killing yourself right now?" in nurse.get("recovery:panel", infused.reference).text
    )
    nurse.post("recovery:tick", infused.reference, criterion="no_new_suicidal_thoughts", met="yes")
    assert row(infused, now, "no_new_suicidal_thoughts").standing.value == "not known"

    nurse.post("recovery:tick", infused.reference, criterion="no_new_suicidal_thoughts", answer="none")
    found = row(infused, now, "no_new_suicidal_thoughts")
    assert (found.standing.value, found.how) == ("met", "no (asked by nils)")


@pytest.mark.parametrize(
    ("screen", "answer", "standing"),
    [
        (None, "as_before", "not known"),
        ({"1": 0, "2": 0, "3": 0, "4": 0}, "as_before", "not met"),
        ({"1": 1, "2": 0, "3": 0, "4": 0, "5": 1}, "as_before", "met"),
        ({"1": 1, "2": 0, "3": 0, "4": 0}, "as_before", "not known"),
        ({"1": 1, "2": 0, "3": 0, "4": 0, "5": 1}, "worse", "not met"),
    ],
)
def test_as_before_is_held_against_the_last_screen_before_the_start(nurse, infused, now, screen, answer, standing):
    if screen:
        instruments.answer(patient=infused.patient, instrument="asq", answers=screen, by="nils", at=AT)

    nurse.post("recovery:tick", infused.reference, criterion="no_new_suicidal_thoughts", answer=answer)

    assert row(infused, now, "no_new_suicidal_thoughts").standing.value == standing
    called = Task.objects.filter(urgent=True, says__contains="Thoughts of suicide").exists()
    held = Finding.objects.filter(code="suicidal_thoughts", holds_infusion=True).exists()
    assert (called, held) == ((True, True) if standing == "not met" else (False, False))


NO_THOUGHTS = {"1": 1, "2": 0, "6": 0}
THOUGHTS = {"1": 1, "2": 1, "3": 0, "4": 0, "5": 0, "6": 0}


@pytest.mark.parametrize(
    ("screen", "standing", "says"),
    [
        (NO_THOUGHTS, "not met", "C-SSRS screener (recent) of 2026-03-02: no"),
        (THOUGHTS, "met", "C-SSRS screener (recent) of 2026-03-02: yes"),
        ({"1": 1, "2": 1}, "not known", "C-SSRS screener (recent) of 2026-03-02, is not complete"),
    ],
)
def test_a_clinic_that_screens_with_the_c_ssrs_compares_with_its_last_screen(
    nurse, infused, now, screen, standing, says
):
    instruments.answer(patient=infused.patient, instrument="cssrs_screener", answers=screen, by="nils", at=AT)

    nurse.post("recovery:tick", infused.reference, criterion="no_new_suicidal_thoughts", answer="as_before")

    assert row(infused, now, "no_new_suicidal_thoughts").standing.value == standing
    assert says in nurse.get("recovery:panel", infused.reference).text


def test_of_two_screens_the_later_one_is_compared_with_and_one_after_the_start_never(nurse, infused, now):
    for instrument, screen, minute in (
        ("asq", {"1": 1, "2": 0, "3": 0, "4": 0, "5": 1}, -60),
        ("cssrs_screener", NO_THOUGHTS, -30),
        ("cssrs_screener", THOUGHTS, 5),
    ):
        at = AT + timedelta(minutes=minute)
        instruments.answer(patient=infused.patient, instrument=instrument, answers=screen, by="nils", at=at)

    nurse.post("recovery:tick", infused.reference, criterion="no_new_suicidal_thoughts", answer="as_before")

    assert row(infused, now, "no_new_suicidal_thoughts").standing.value == "not met"


def test_without_an_earlier_screen_it_says_so_and_asks_and_as_before_waits_for_a_prescriber(nurse, infused, now):
    panel = nurse.get("recovery:panel", infused.reference).text
    assert "none, or as before the start; no earlier screen to compare with" in panel
    assert "Are you having thoughts of killing yourself right now?" in panel

    nurse.post("recovery:tick", infused.reference, criterion="no_new_suicidal_thoughts", answer="as_before")

    found = row(infused, now, "no_new_suicidal_thoughts")
    assert found.standing.value == "not known"
    assert (
        found.how
        == "yes, as before the infusion (asked by nils): no earlier screen to compare with, a prescriber looks"
    )


@pytest.mark.parametrize("criterion", ["steady_gait", "instructions_escort", "no_new_suicidal_thoughts"])
def test_what_is_written_beside_a_look_stands_there_and_is_kept(nurse, infused, now, criterion):
    panel = nurse.get("recovery:panel", infused.reference).text
    assert 'name="note"' in panel.partition(f'id="criterion-{criterion}"')[2].partition("</li>")[0]

    nurse.post("recovery:tick", infused.reference, criterion=criterion, met="yes", answer="none", note="held the rail")

    assert row(infused, now, criterion).how.endswith("held the rail")


@pytest.mark.parametrize(
    "drug", ["Versed", "ATIVAN", "precedex 0.5", "Phenergan", "Benadryl", "Valium", "zolpidem", "Oxycodone"]
)
def test_a_sedative_is_known_by_its_brand_too(nurse, infused, now, drug):
    sedated(nurse, infused, now, 100, drug)

    assert f"{drug} 1 mg i.v. at 10:40" in row(infused, now, "observation_time").how


def test_of_a_drug_that_is_not_known_here_it_is_asked_whether_it_sedates(nurse, infused, now):
    asked = nurse.post("infusion:record", infused.reference, kind="drug_given", says="kratom tea", dose="1 cup")
    assert asked.status_code == 422
    assert "kratom tea is not known here: does it sedate? Choose yes or no" in asked.text
    assert not infused.events.filter(kind="drug_given").exists()

    for sedates, restarts in (("no", False), ("yes", True)):
        nurse.post(
            "infusion:record", infused.reference, kind="drug_given", says="kratom tea", dose="1 cup", sedates=sedates
        )
        assert ("kratom tea" in row(infused, now, "observation_time").how) is restarts
    assert "(sedates: yes)" in nurse.get("infusion:live", infused.reference).text
