"""A rule that latches stays raised until its signal is back and somebody has acknowledged it, in either order."""

import json
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from openketamine.core.monitoring.alarm import step
from openketamine.core.monitoring.memory import Watch, from_plain, to_plain
from openketamine.core.monitoring.signal import Acknowledged, Reading, Signal, Tick
from openketamine.evidence import alarm_limits

SHIPPED = {rule.id: rule for rule in alarm_limits.alarm_rules("vital_signs")}
EXTREME = replace(SHIPPED["bp_systolic_extreme"], latching=True)
HIGH = replace(SHIPPED["bp_high"], latching=True)


def told(rule, *inputs):
    watch, events = Watch(), []
    for seen in inputs:
        watch, caused = step([rule], watch, seen)
        events += [(event.at_s, event.state.value) for event in caused]
    return events


def cuff(at, systolic):
    return Reading(at, Signal.NIBP_SYSTOLIC, systolic)


def test_what_ships_latches_nowhere():
    assert [rule.id for rule in SHIPPED.values() if getattr(rule, "latching", False)] == []


def test_a_pressure_that_is_back_stays_raised_until_somebody_has_seen_it():
    tape = [cuff(0, 210), cuff(300, 150), Tick(301), Acknowledged(400, EXTREME.id)]

    assert told(EXTREME, *tape) == [(0, "raised"), (400, "cleared")]


def test_what_was_acknowledged_while_it_was_wrong_clears_when_it_is_back():
    assert told(EXTREME, cuff(0, 210), Acknowledged(60, EXTREME.id), cuff(300, 150)) == [
        (0, "raised"),
        (300, "cleared"),
    ]


def test_another_rule_s_acknowledgement_says_nothing_here():
    assert told(EXTREME, cuff(0, 210), cuff(300, 150), Acknowledged(400, "hr_low")) == [(0, "raised")]


def test_a_pressure_that_was_back_and_is_high_again_clears_only_when_it_is_back_again():
    tape = [cuff(0, 210), cuff(300, 150), cuff(600, 215), Acknowledged(700, EXTREME.id), Tick(800), cuff(900, 150)]

    assert told(EXTREME, *tape) == [(0, "raised"), (900, "cleared")]


def test_a_value_between_its_limit_and_its_clear_level_is_not_back():
    tape = [cuff(0, 210), cuff(300, 150), cuff(600, 195), Acknowledged(700, EXTREME.id), cuff(900, 190)]

    assert told(EXTREME, *tape) == [(0, "raised"), (900, "cleared")]


def test_one_acknowledgement_is_for_one_alarm():
    first = [cuff(0, 210), Acknowledged(60, EXTREME.id), cuff(300, 150)]

    assert told(EXTREME, *first, cuff(600, 210), cuff(900, 150)) == [(0, "raised"), (300, "cleared"), (600, "raised")]


BACK = {EXTREME.id: {150, 184}, HIGH.id: {150}}
steps = st.lists(st.sampled_from([150, 184, 210, "seen", "tick"]), max_size=25)


@settings(max_examples=100, deadline=None)
@given(steps, st.sampled_from([EXTREME, HIGH]), st.integers(0, 25))
@example([184, 184, 150, 184, "seen", 150], HIGH, 25)
def test_a_latched_alarm_clears_exactly_when_it_is_back_and_was_acknowledged(tape, rule, cut):
    plain = replace(rule, latching=False)
    held, free, seen_since, last = Watch(), Watch(), False, None
    for number, what in enumerate(tape):
        at = 60.0 * number
        seen = Acknowledged(at, rule.id) if what == "seen" else Tick(at) if what == "tick" else cuff(at, what)
        before = raised(held, rule)
        held = from_plain(json.loads(json.dumps(to_plain(held)))) if number == cut else held
        held, _ = step([rule], held, seen)
        free, _ = step([plain], free, seen)
        seen_since = before and (seen_since or what == "seen")
        last = what if isinstance(what, int) else last
        back = last in BACK[rule.id]  # a first high reading is no alarm of two, and nobody is back with it

        assert raised(held, rule) == (raised(free, rule) or (before and not (seen_since and back)))


def raised(watch, rule):
    return rule.id in watch.states and watch.states[rule.id].raised
