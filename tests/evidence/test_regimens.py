"""Regimens of every indication: each number cited, inpatient evidence never ordered from, caps shown even where unset."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from openketamine.evidence import load
from openketamine.evidence.regimen import CAPS, KIND, regimen, regimen_of, text_of
from openketamine.evidence.regimen_edit import Signed, with_values

D = Decimal
ROOT = Path(__file__).resolve().parents[2]
EVERY = load.names(KIND)
SIGNED = Signed('Ada "Quote" Example', date(2026, 3, 2))


@pytest.mark.parametrize("name", EVERY)
def test_every_regimen_says_its_tier_its_setting_and_both_sides(name):
    rules = regimen(name)

    assert rules.id == name
    assert rules.tier
    assert rules.setting
    assert rules.positions
    assert {number.name for number in rules.numbers} >= {f"caps.{cap}" for cap in CAPS}
    assert all(number.cite is not None or number.absent for number in rules.numbers)


def test_every_indication_of_the_field_is_there():
    found = {regimen(name).indication for name in EVERY}

    assert found == {
        "treatment-resistant depression", "depression with acute suicidal ideation", "bipolar depression",
        "generalised or social anxiety", "obsessive-compulsive disorder", "post-traumatic stress disorder",
        "complex regional pain syndrome", "neuropathic and other chronic pain",
        "refractory migraine or new daily persistent headache",
    }  # fmt: skip


def test_inpatient_evidence_is_for_reading_and_a_dose_that_nobody_read_is_left_to_the_clinic():
    reading = {name for name in EVERY if not regimen(name).orderable}

    assert reading == {
        "depression_suicidality_single",
        "crps_inpatient_continuous",
        "headache_inpatient",
        "chronic_pain_multi_hour",
    }
    assert all("INPATIENT" in regimen(name).setting for name in reading - {"chronic_pain_multi_hour"})


def test_an_unset_cap_says_so():
    number = next(one for one in regimen("depression_iv_racemic").numbers if one.name == "caps.per_session")

    assert (number.value, number.absent) == (None, "no cap set by your clinic")


def test_a_version_changes_the_number_and_its_citation_and_nothing_else():
    text = with_values(
        text_of("depression_iv_racemic"), {"caps.per_session": D(60), "regimen.dose": D("0.4")}, "before_start", SIGNED
    )
    before, after = regimen("depression_iv_racemic"), regimen_of(text, "ours")

    assert (after.dose_mg_per_kg, after.rules.caps.per_session, after.second_check) == (D("0.4"), D(60), "before_start")
    changed = {one.name: one for one in after.numbers if one not in before.numbers}
    assert set(changed) == {"caps.per_session", "regimen.dose"}
    assert changed["regimen.dose"].cite.checked_by == 'Ada "Quote" Example'
    assert (after.gate, after.recovery, after.checkpoints) == (before.gate, before.recovery, before.checkpoints)


def test_a_limit_can_be_taken_out_again():
    text = with_values(text_of("depression_iv_racemic"), {"caps.per_kg": None}, "at_the_draw", SIGNED)

    assert regimen_of(text, "ours").rules.caps.per_kg is None


def test_a_text_without_a_citation_or_with_an_unknown_policy_is_refused():
    text = text_of("depression_iv_racemic")
    with pytest.raises(load.EvidenceError, match="cite"):
        regimen_of(text.replace('cite = { source = "fava2018"', 'note = { source = "fava2018"'), "ours")
    with pytest.raises(load.EvidenceError, match="second_check"):
        with_values(text, {}, "never", SIGNED)
    with pytest.raises(load.EvidenceError, match="no such table"):
        with_values(text, {"regimen.nothing": D(1)}, "at_the_draw", SIGNED)


def test_four_hours_have_pressure_checks_to_their_end_and_observation_after_it():
    rules = regimen("crps_outpatient_multi_day")

    assert rules.checks.minutes(None, 0)[-1] == rules.duration_min == 240
    assert rules.recovery.observation_min > 240


def test_an_infusion_that_outlasts_its_plan_goes_on_being_checked_at_the_last_interval():
    checks = regimen("depression_iv_racemic").checks

    assert checks.minutes(None, 39) == (0, 10, 20, 30, 40)
    assert checks.minutes(None, 70) == (0, 10, 20, 30, 40, 50, 60, 70, 80)


def test_after_the_end_of_a_late_infusion_a_check_is_due_every_fifteen_minutes_without_end():
    checks = regimen("depression_iv_racemic").checks

    assert checks.minutes(55.5, 100) == (0, 10, 20, 30, 40, 50, 70, 85, 100, 115)
    assert checks.minutes(55.5, 400)[-1] == 415


def test_a_text_of_the_first_edition_is_read_as_it_was():
    first = (ROOT / "tests" / "evidence" / "regimen_of_the_first_edition.toml").read_text(encoding="utf-8")

    rules = regimen_of(first, "kept")

    assert (rules.dose_mg_per_kg, rules.rules.caps.per_kg, rules.rules.caps.per_session) == (D("0.5"), D(1), None)
    assert (rules.response.response_percent, rules.response.remission_below) == (50.0, 5.0)
    assert (rules.tier, rules.checkpoints) == ("not said in this text", ())
