"""What no source gives a number for ships off; a clinic's number makes a rule of it. Pulse and ECG must agree."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openketamine.core.citation import Citation, Mark
from openketamine.core.monitoring.replay import replay
from openketamine.core.monitoring.rule import DifferRule, Kind, LimitRule, Priority, against
from openketamine.core.monitoring.signal import Reading, Signal
from openketamine.evidence import alarm_limits
from openketamine.evidence.limits_edit import with_numbers
from openketamine.evidence.regimen_edit import Signed

SHIPPED = alarm_limits.alarm_rules("vital_signs")
HR, PULSE = Signal.HEART_RATE, Signal.PULSE_RATE
CITE = Citation("openketamine-design", "test", Mark.ASSUMED)
TEXT = alarm_limits.load.text("limits", "vital_signs")


def set_by(numbers):
    """The text in which a clinic has set these numbers."""
    return with_numbers(TEXT, numbers, Signed("Ada Example", date(2026, 3, 2)))


def test_what_has_no_number_ships_off_and_says_so():
    unset = {rule.id: rule.says for rule in alarm_limits.limits_of(TEXT, "vital_signs").unset}

    assert set(unset) == {
        "hr_low", "spo2_low", "bp_low", "sedation", "sedation_rass", "agitation_rass", "pulse_and_ecg", "two_warnings", "pulse_fall", "bp_fall"
    }  # fmt: skip
    assert unset["sedation"] == "no sedation rule set by your clinic"
    assert unset["bp_low"] == "no low-BP rule set by your clinic"
    assert unset["hr_low"] == "no rule on a slow heart set by your clinic"
    assert not set(unset) & {rule.id for rule in SHIPPED}


def test_every_shipped_number_on_the_person_has_been_read_somewhere():
    """Seconds and minutes may be engineering defaults; a limit on a vital sign may not."""
    limits = [rule for rule in SHIPPED if isinstance(rule, LimitRule)]

    assert [rule.id for rule in limits if rule.cite.source == "openketamine-design"] == []


def test_a_number_that_a_clinic_sets_makes_the_rule_and_says_who_set_it():
    limits = alarm_limits.limits_of(set_by({"hr_low": 45, "two_warnings": 2}), "ours")
    rule = next(one for one in limits.rules if one.id == "hr_low")

    assert (rule.limit, rule.clear, rule.stand_in, rule.priority) == (45, 45, Signal.PULSE_RATE, Priority.URGENT)
    assert (rule.cite.source, rule.cite.locus) == ("clinic-protocol", "set by Ada Example on 2026-03-02")
    assert next(one for one in limits.rules if one.id == "two_warnings").count == 2
    assert {one.id for one in limits.unset} == {
        "spo2_low",
        "bp_low",
        "sedation",
        "sedation_rass",
        "agitation_rass",
        "pulse_and_ecg",
        "pulse_fall",
        "bp_fall",
    }


def test_a_person_less_alert_than_the_clinic_allows_is_urgent_at_the_first_score_and_silence_clears_nothing():
    rules = alarm_limits.limits_of(set_by({"sedation": 4}), "ours").rules
    scores = [Reading(at, Signal.MOAAS, level) for at, level in ((0, 5), (600, 4), (1200, 3), (1800, 0), (3600, 4))]

    assert [(event.at_s, event.rule, event.priority, event.state, event.value) for event in replay(rules, scores)] == [
        (1200, "sedation", Priority.URGENT, "raised", 3), (3600, "sedation", Priority.URGENT, "cleared", 4),
    ]  # fmt: skip


def test_the_deepest_level_is_a_value_and_no_missing_one():
    rules = alarm_limits.limits_of(set_by({"sedation": 1}), "ours").rules

    assert [(event.rule, event.value) for event in replay(rules, [Reading(0, Signal.MOAAS, 0)])] == [("sedation", 0)]
    assert replay(SHIPPED, [Reading(0, Signal.MOAAS, 0), Reading(60, Signal.MOAAS, 1)]) == ()


def test_rass_has_a_rule_on_each_side_and_0_between_them_is_a_value():
    rules = alarm_limits.limits_of(set_by({"sedation_rass": -2, "agitation_rass": 1}), "ours").rules
    scores = [
        Reading(at, Signal.RASS, level) for at, level in ((0, 0), (60, -2), (120, -3), (180, 0), (240, 2), (300, 1))
    ]

    assert [(one.at_s, one.rule, one.state.value, one.value) for one in replay(rules, scores)] == [
        (120, "sedation_rass", "raised", -3), (180, "sedation_rass", "cleared", 0),
        (240, "agitation_rass", "raised", 2), (300, "agitation_rass", "cleared", 1),
    ]  # fmt: skip
    assert replay(SHIPPED, [Reading(0, Signal.RASS, -5), Reading(60, Signal.RASS, 4)]) == ()


def test_a_faint_is_a_fall_of_pulse_and_pressure_below_the_own_values_before_the_start():
    limits = alarm_limits.limits_of(set_by({"pulse_fall": 25, "bp_fall": 30, "two_warnings": 2}), "ours")
    rules = (*limits.rules, *against(limits.rises, {Signal.NIBP_SYSTOLIC: 130, HR: 80}))
    faint = [Reading(0, Signal.NIBP_SYSTOLIC, 128), *(Reading(at, HR, 80 if at < 20 else 52) for at in range(40))]
    faint = sorted([*faint, Reading(31, Signal.NIBP_SYSTOLIC, 96)], key=lambda one: one.at_s)

    raised = [(event.at_s, event.rule) for event in replay(rules, faint) if event.kind is Kind.PHYSIOLOGICAL]

    assert raised == [(30, "pulse_fall"), (31, "bp_fall"), (31, "two_warnings")]
    assert [event.rule for event in replay(limits.rules, faint) if event.kind is Kind.PHYSIOLOGICAL] == []


@pytest.mark.parametrize("name", ["pulse_drop", "bp_systolic_warn", "nothing"])
def test_what_no_number_makes_a_rule_of_is_refused(name):
    with pytest.raises(alarm_limits.load.EvidenceError, match=f"{name}: no rule can be made of it by a number"):
        set_by({name: 50})


DIFFER = DifferRule("differ", HR, PULSE, 20, 10, 10, 5, Priority.WARNING, "pulse and ECG differ", CITE)


def both(*pairs):
    """One ECG rate and one pulse each second."""
    return [
        Reading(second, signal, value)
        for second, pair in enumerate(pairs)
        for signal, value in zip((HR, PULSE), pair, strict=True)
    ]


@pytest.mark.parametrize(
    ("tape", "events"),
    [
        (both(*[(70, 70)] * 30), []),
        (both(*[(140, 70)] * 10), []),
        (both(*[(140, 70)] * 11), [(10, "raised")]),
        (both(*[(70, 90)] * 11), [(10, "raised")]),
        (both(*[(70, 89)] * 30), []),
        (both(*[(140, 70)] * 9, (70, 70), *[(140, 70)] * 9), []),
        (both(*[(140, 70)] * 12, (85, 70), (80, 70)), [(10, "raised"), (13, "cleared")]),
        (both(*[(140, 70)] * 12, (None, 70), (None, 70)), [(10, "raised")]),
        (both(*[(0, 70)] * 60), []),
        (both(*[(70, None)] * 60), []),
    ],
)
def test_pulse_and_ecg_that_differ_by_values(tape, events):
    assert [(event.at_s, event.state.value) for event in replay([DIFFER], tape)] == events
    assert all(event.kind is Kind.TECHNICAL for event in replay([DIFFER], tape))


def test_a_pulse_that_fell_silent_is_no_disagreement():
    old = [Reading(0, PULSE, 70), *(Reading(second, HR, 140) for second in range(60))]

    assert replay([DIFFER], old) == ()


def test_a_clear_level_above_the_difference_is_refused():
    with pytest.raises(ValueError, match="must not be above"):
        DifferRule("differ", HR, PULSE, 20, 21, 10, 5, Priority.WARNING, "differ", CITE)


rates = st.none() | st.integers(0, 200)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(rates, rates), max_size=60))
def test_a_disagreement_is_raised_exactly_by_its_hold_of_values_that_stand_apart(pairs):
    apart = [bool(hr and pulse) and abs(hr - pulse) >= 20 for hr, pulse in pairs]
    events = replay([DIFFER], both(*pairs))
    raised = [int(event.at_s) for event in events if event.state == "raised"]

    assert all(all(apart[at - 10 : at + 1]) and at >= 10 for at in raised)
    if any(all(apart[at - 10 : at + 1]) for at in range(10, len(apart))):
        assert raised


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0, None]), min_size=3, max_size=60), st.integers(45, 200))
def test_an_ecg_at_zero_beside_a_pulse_is_never_a_slow_heart_and_always_technical(silence, pulse):
    rules = alarm_limits.limits_of(set_by({"hr_low": 45, "pulse_and_ecg": 20}), "ours").rules
    events = replay(rules, both((70, pulse), *((value, pulse) for value in silence)))

    about_rate = [
        event for event in events if event.signal in {HR, PULSE} and event.rule not in {"hr_high", "hr_extreme"}
    ]
    assert [(event.rule, event.kind) for event in about_rate] == [("heart_rate_missing", Kind.TECHNICAL)]
    assert "still reads a pulse" in about_rate[0].reason
