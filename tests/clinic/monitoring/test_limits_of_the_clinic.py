"""A clinic sets the numbers that ship unset: who may, what they make, and that a session keeps the rules it began with."""

import pytest
from tests.clinic.journey.steps import planned, seated

from openketamine.clinic.monitoring import alarms, limits
from openketamine.clinic.monitoring.models import ClinicLimits

pytestmark = pytest.mark.django_db


def test_a_prescriber_signs_a_number_and_the_next_session_is_watched_by_it(prescriber, nurse, patient, now):
    answer = prescriber.post("monitoring:rules", hr_low="48", reason="agreed on 1 March")

    version = ClinicLimits.objects.get()
    assert "Sessions that begin from now on" in answer.text
    assert (version.numbers, version.by, version.reason) == ({"hr_low": 48.0}, "ada", "agreed on 1 March")
    planned(prescriber, patient)
    watch = seated(nurse, patient).watch
    rule = next(one for one in alarms.rules_of(watch) if one.id == "hr_low")
    assert rule.limit == 48
    assert "hr_low" not in {one.id for one in alarms.unset(watch)}
    assert limits.basis(rule).startswith("your clinic, set by Ada Example on 2026-03-02")


def test_a_session_keeps_the_rules_it_began_with(prescriber, nurse, patient):
    planned(prescriber, patient)
    watch = seated(nurse, patient).watch

    prescriber.post("monitoring:rules", bp_low="90")

    assert "bp_low" in {one.id for one in alarms.unset(watch)}


def test_the_last_version_counts_and_an_empty_field_is_unset_again(prescriber):
    prescriber.post("monitoring:rules", hr_low="48", pulse_and_ecg="20")
    prescriber.post("monitoring:rules", pulse_and_ecg="20")

    unset = {one.id for one in limits.in_force().rules.unset}
    assert "hr_low" in unset
    assert "pulse_and_ecg" not in unset
    assert 'value="20.0"' in prescriber.get("monitoring:rules").text


@pytest.mark.parametrize("wrong", [{"hr_low": "0"}, {"bp_low": "9000"}, {"two_warnings": "1"}, {"hr_low": "slow"}])
def test_a_number_that_cannot_be_meant_is_refused(prescriber, wrong):
    assert prescriber.post("monitoring:rules", **wrong).status_code == 422
    assert ClinicLimits.objects.count() == 0


def test_a_nurse_reads_the_rules_with_source_and_cannot_sign(nurse):
    page = nurse.get("monitoring:rules").text

    assert "no rule on a slow heart set by your clinic" in page
    assert "crtce2020; as shipped, set by nobody here" in page
    assert "Sign our numbers" not in page
    assert nurse.post("monitoring:rules", hr_low="48").status_code == 403


@pytest.mark.parametrize("page", ["infusion:live", "chart:board"])
def test_an_alarm_says_value_rule_source_and_who_set_it_on_the_chair_and_on_the_board(
    prescriber, nurse, patient, now, page
):
    prescriber.post("monitoring:rules", bp_low="90")
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    nurse.post("infusion:check", infusion.reference, nibp_systolic="84", nibp_diastolic="50")

    shown = nurse.get(page, *([infusion.reference] if page == "infusion:live" else [])).text

    assert "<b>84</b>" in shown
    assert "bp_low · your clinic, set by Ada Example on 2026-03-02" in shown
    assert "<b>84</b> ·" in nurse.get("chart:wall").text
