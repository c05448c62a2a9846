"""A clinic sets the numbers that ship unset: who may, what they make, and that a session keeps the rules it began with."""

import pytest
from tests.clinic.journey.steps import planned, seated

from openketamine.clinic.monitoring import alarms, limits
from openketamine.clinic.monitoring.models import AlarmEvent, ClinicLimits

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


@pytest.mark.parametrize(
    "wrong",
    [
        {"hr_low": "0"},
        {"bp_low": "9000"},
        {"two_warnings": "1"},
        {"hr_low": "slow"},
        {"sedation": "0"},
        {"sedation": "6"},
        {"sedation_rass": "-5"},
        {"agitation_rass": "4"},
    ],
)
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


def test_without_a_number_no_score_of_alertness_is_an_alarm_and_the_chair_says_so(prescriber, nurse, patient):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    nurse.post("infusion:check", infusion.reference, moaas="1", nibp_systolic="120", nibp_diastolic="80")

    assert AlarmEvent.objects.count() == 0
    assert "no sedation rule set by your clinic" in nurse.get("infusion:live", infusion.reference).text


@pytest.mark.parametrize(("score", "raised"), [("4", []), ("3", ["sedation"]), ("0", ["sedation"])])
def test_a_score_below_the_clinic_s_number_is_an_alarm_until_the_person_is_alert_again(
    prescriber, nurse, patient, score, raised
):
    prescriber.post("monitoring:rules", sedation="4")
    planned(prescriber, patient)
    infusion = seated(nurse, patient)

    nurse.post("infusion:check", infusion.reference, moaas=score)
    page = nurse.get("infusion:live", infusion.reference).text
    assert [event.rule for event in AlarmEvent.objects.all()] == raised
    assert ("sedation · your clinic, set by Ada Example on" in page) == bool(raised)

    nurse.post("infusion:check", infusion.reference, moaas="5")
    assert [event.state for event in AlarmEvent.objects.order_by("pk")] == ["raised", "cleared"][: 2 * len(raised)]
