"""A value lets somebody leave while it is no older than the checks in force ask for, and measured after the last sedative; its time stands beside it."""

import pytest
from tests.clinic.journey.steps import checked, go_to
from tests.clinic.recovery.conftest import ALDRETE

from openketamine.clinic.recovery import queries

pytestmark = pytest.mark.django_db
MEASURED = ("blood_pressure", "spo2", "awake", "dissociation_resolved")


@pytest.fixture
def measured(nurse, infused, now):
    """All is well an hour after the start; the checks after an infusion are 15 minutes apart."""
    go_to(now, 60)
    checked(nurse, infused, 126, 76, spo2="97", moaas="5", oxygen="air")
    nurse.post("infusion:observe", infused.reference, signal="dissociation", value="0")
    return infused


def found(infusion, now):
    return {row.id: row for row in queries.criteria(infusion, at=now["at"]) if row.id in MEASURED}


def test_a_fresh_value_counts_and_its_time_stands_beside_it(measured, nurse, now):
    go_to(now, 76)
    rows = found(measured, now)

    assert {row.standing.value for row in rows.values()} == {"met"}
    assert rows["blood_pressure"].how == "126/76 (10:00)"
    assert rows["spo2"].how == "97 %, air (10:00)"
    assert rows["awake"].how == "5 (10:00)"
    assert rows["dissociation_resolved"].how == "Dissociation 0, before the start not observed (10:00)"
    assert "126/76 (10:00)" in nurse.get("recovery:panel", measured.reference).text


def test_an_old_value_counts_no_more_and_asks_to_be_measured_again(measured, nurse, now):
    go_to(now, 77)
    rows = found(measured, now)

    assert {row.standing.value for row in rows.values()} == {"not known"}
    assert rows["blood_pressure"].how == "126/76 (10:00): measure again"
    assert "97 %, air (10:00): measure again" in nurse.get("recovery:panel", measured.reference).text


def test_nothing_from_before_the_last_sedative_counts(measured, nurse, now):
    go_to(now, 62)
    nurse.post("recovery:score", measured.reference, instrument="aldrete", **ALDRETE)
    go_to(now, 65)
    nurse.post("infusion:record", measured.reference, kind="drug_given", says="midazolam", dose="1 mg i.v.")

    assert {row.standing.value for row in found(measured, now).values()} == {"not known"}
    assert found(measured, now)["awake"].how == (
        "5 (10:00): midazolam 1 mg i.v. at 10:05 was given after it, measure again"
    )
    score = next(row for row in queries.criteria(measured, at=now["at"]) if row.id == "recovery_score")
    assert (score.standing.value, score.how) == (
        "not known", "scored at 10:02: midazolam 1 mg i.v. at 10:05 was given after it, score again"
    )  # fmt: skip


def test_after_a_sedative_what_it_makes_due_counts_for_its_shorter_interval(measured, nurse, now):
    go_to(now, 65)
    nurse.post("infusion:record", measured.reference, kind="drug_given", says="midazolam", dose="1 mg i.v.")
    go_to(now, 70)
    checked(nurse, measured, 126, 76, spo2="97", moaas="5", oxygen="air")
    go_to(now, 77)
    rows = found(measured, now)

    assert rows["blood_pressure"].standing.value == "met"
    assert (rows["spo2"].standing.value, rows["awake"].standing.value) == ("not known", "not known")


def test_both_pressures_are_of_one_measurement(measured, nurse, now):
    go_to(now, 70)
    nurse.post("infusion:check", measured.reference, nibp_systolic="130", why_nibp_diastolic="other")

    assert found(measured, now)["blood_pressure"].standing.value == "not known"


def test_a_saturation_measured_on_oxygen_is_not_one_on_room_air_once_the_oxygen_is_off(measured, nurse, now):
    go_to(now, 62)
    nurse.post("infusion:check", measured.reference, spo2="98", oxygen="cannula")
    go_to(now, 63)
    nurse.post("infusion:check", measured.reference, why_spo2="other", oxygen="air")
    on_oxygen = found(measured, now)["spo2"]
    go_to(now, 64)
    nurse.post("infusion:check", measured.reference, spo2="97")
    on_air = found(measured, now)["spo2"]

    assert (on_oxygen.standing.value, on_oxygen.how) == (
        "not known",
        "98 %, air only since 10:03 (10:02): measure again",
    )
    assert (on_air.standing.value, on_air.how) == ("met", "97 %, air (10:04)")


def test_air_that_is_said_again_does_not_ask_for_a_new_saturation(measured, nurse, now):
    go_to(now, 65)
    nurse.post("infusion:check", measured.reference, why_spo2="other", oxygen="air")

    assert found(measured, now)["spo2"].standing.value == "met"
