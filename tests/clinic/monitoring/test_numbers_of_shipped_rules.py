"""A clinic tightens, loosens and signs every number of the alarm rules that ship: old and new are kept, nonsense is refused by name."""

import pytest
from tests.clinic.journey.steps import planned, seated

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.monitoring import alarms, limits
from openketamine.clinic.monitoring.models import ClinicLimits
from openketamine.evidence import alarm_limits

pytestmark = pytest.mark.django_db
TIGHTER = {"bp_systolic_warn.value": "160", "bp_systolic_warn.clear": "155"}


def rule(name):
    return next(one for one in (*limits.in_force().rules.rules, *limits.in_force().rules.rises) if one.id == name)


def test_a_limit_that_ships_is_set_otherwise_and_says_what_it_was_and_who_set_it(prescriber, nurse, patient, now):
    prescriber.post("monitoring:rules", **TIGHTER, reason="agreed on 1 March")

    version = ClinicLimits.objects.get()
    assert version.settings == {"bp_systolic_warn.value": 160.0, "bp_systolic_warn.clear": 155.0}
    assert version.changes == ["bp_systolic_warn.value: 165 → 160", "bp_systolic_warn.clear: 160 → 155"]
    planned(prescriber, patient)
    watch = seated(nurse, patient).watch
    ours = next(one for one in alarms.rules_of(watch) if one.id == "bp_systolic_warn")
    assert (ours.limit, ours.clear) == (160, 155)
    assert "at or above 160 mmHg" in ours.says
    assert limits.basis(ours) == (
        "your clinic, set by Ada Example on 2026-03-02: value shipped as 165, crtce2020; clear shipped as 160"
    )
    assert "bp_systolic_warn.value: 165 → 160" in prescriber.get("monitoring:rules").text


def test_the_audit_has_old_and_new_and_the_reason(prescriber):
    prescriber.post("monitoring:rules", **TIGHTER, reason="agreed on 1 March")

    entry = Entry.objects.filter(action="alarm limits signed").get()
    assert entry.detail["changes"] == ["bp_systolic_warn.value: 165 → 160", "bp_systolic_warn.clear: 160 → 155"]
    assert (entry.detail["reason"], entry.by) == ("agreed on 1 March", "ada")


def test_both_numbers_of_a_pressure_stand_once_for_every_rule_about_it(prescriber):
    prescriber.post(
        "monitoring:rules", **{"bp_recheck_due.limit.nibp_systolic": "175", "bp_high.clear.nibp_systolic": "170"}, reason="ours"
    )  # fmt: skip

    for name in ("bp_recheck_due", "bp_recheck_overdue", "bp_high"):
        assert [bound.limit for bound in rule(name).bounds] == [175, 110]
        assert "175/110 mmHg" in rule(name).says


def test_holds_quiet_times_the_call_and_latching_are_the_clinic_s_too(prescriber):
    typed = {"hr_high.hold_s": "120", "escalation.value": "60", "snooze.value": "300", "bp_high.latching": "on"}
    prescriber.post("monitoring:rules", **typed, reason="ours")

    text = limits.in_force().text
    assert (rule("hr_high").hold_s, rule("bp_high").latching) == (120, True)
    assert "for 2 minutes" in rule("hr_high").says
    assert (alarm_limits.escalate_after_s(text, ""), alarm_limits.snooze_s(text, "")) == (60, 300)
    assert "stays until acknowledged" in prescriber.get("monitoring:rules").text


def test_an_empty_field_is_as_it_ships_and_the_way_back_is_a_change_too(prescriber):
    prescriber.post("monitoring:rules", **TIGHTER, reason="ours")
    prescriber.post("monitoring:rules", reason="back to the source")

    assert rule("bp_systolic_warn").limit == 165
    assert ClinicLimits.objects.first().changes[0] == "bp_systolic_warn.value: 160 → 165"
    assert ClinicLimits.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"bp_systolic_warn.value": "9000"}, "bp_systolic_warn.value = 9000: must be between 10 and 350 mmHg"),
        ({"spo2_very_low.value": "120"}, "spo2_very_low.value = 120: must be between 1 and 100 %"),
        ({"spo2_very_low.hold_s": "7200"}, "spo2_very_low.hold_s = 7200: must be between 0 and 600 s"),
        ({"snooze.value": "0"}, "snooze.value = 0: must be between 5 and 3600 s"),
        ({"bp_systolic_warn.clear": "170"}, "bp_systolic_warn: clear level 170 must lie on the quiet side of the limit 165"),
        ({"bp_high.clear.nibp_systolic": "190"}, "clear level 190 must lie on the quiet side of the limit 180 of nibp_systolic"),
        ({"hr_high.readings": "1.5"}, "hr_high.readings = 1.5: must be between 1 and 5"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_meant_is_named_with_its_limit_and_nothing_is_signed(prescriber, typed, says):
    answer = prescriber.post("monitoring:rules", **typed, reason="a slip")

    assert answer.status_code == 422
    assert says in answer.text.replace("&#x27;", "'")
    assert ClinicLimits.objects.count() == 0


def test_a_changed_number_needs_a_reason(prescriber):
    answer = prescriber.post("monitoring:rules", **TIGHTER)

    assert answer.status_code == 422
    assert "Reason: is empty. These numbers change: bp_systolic_warn.value: 165 → 160" in answer.text


def test_a_nurse_sees_the_numbers_and_no_field_for_them(nurse):
    page = nurse.get("monitoring:rules").text

    assert "180 / 110 mmHg" in page
    assert "bp_systolic_warn.value" not in page
    assert nurse.post("monitoring:rules", **TIGHTER, reason="mine").status_code == 403
