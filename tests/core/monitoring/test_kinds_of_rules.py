"""Rules beyond a plain limit: recheck, rise over baseline, several at once, despite oxygen, a stand-in, a rule that throws."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openketamine.core.citation import Citation, Mark
from openketamine.core.monitoring.alarm import advance, step
from openketamine.core.monitoring.memory import Watch, from_plain, to_plain
from openketamine.core.monitoring.replay import replay
from openketamine.core.monitoring.rule import (
    Bound,
    CompositeRule,
    Direction,
    Kind,
    LimitRule,
    Priority,
    RecheckRule,
    RiseRule,
    Rules,
    SourceRule,
    against,
)  # fmt: skip
from openketamine.core.monitoring.signal import Fact, Reading, Signal, Tick
from openketamine.evidence import alarm_limits

CITE = Citation("openketamine-design", "test", Mark.ASSUMED)
SYS, DIA, SPO2 = Signal.NIBP_SYSTOLIC, Signal.NIBP_DIASTOLIC, Signal.SPO2
BOUNDS = (Bound(SYS, Direction.ABOVE, 180, False), Bound(DIA, Direction.ABOVE, 110, False))


def recheck(name, after_s, priority):
    return RecheckRule(name, BOUNDS, 300, after_s, Kind.PHYSIOLOGICAL, priority, "read it again", CITE, 30)


DUE, OVERDUE = recheck("due", 0, Priority.WARNING), recheck("overdue", 360, Priority.URGENT)


def limit(name, signal, direction, at, clear, priority=Priority.WARNING, **more):
    return LimitRule(name, signal, direction, at, False, clear, 0, 1, 0, priority, "beyond", CITE, **more)


def told(rules, *inputs):
    watch, events = Watch(), []
    for seen in inputs:
        watch, caused = step(rules, watch, seen)
        events += caused
    return [(event.at_s, event.rule, event.state.value) for event in events]


def cuff(at, systolic, diastolic=80):
    return Reading(at, SYS, systolic), Reading(at, DIA, diastolic)


def test_a_first_high_pressure_is_shown_at_once_and_stays_until_one_is_back():
    tape = [*cuff(0, 184), *cuff(300, 182), *cuff(600, 150)]

    assert told([DUE], *tape) == [(0, "due", "raised"), (600, "due", "cleared")]


def test_a_recheck_that_does_not_come_is_overdue_and_silence_never_clears_it():
    assert told([OVERDUE], *cuff(0, 184), Tick(359), Tick(360), Tick(9000)) == [(360, "overdue", "raised")]


def test_each_high_reading_starts_the_wait_anew_and_any_reading_ends_it():
    tape = [
        *cuff(0, 184),
        Tick(300),
        *cuff(300, 186),
        Tick(650),
        Tick(660),
        *cuff(700, 190),
        *cuff(900, 120),
        Tick(2000),
    ]

    assert told([OVERDUE], *tape) == [(660, "overdue", "raised"), (700, "overdue", "cleared")]


def test_a_pressure_sent_again_and_again_is_no_recheck():
    repeated = [Reading(at, SYS, 184) for at in range(0, 361, 10)]

    assert told([OVERDUE], *repeated) == [(360, "overdue", "raised")]


def test_a_normal_diastolic_does_not_end_the_wait_for_a_high_systolic():
    assert told([OVERDUE], *cuff(0, 184, 104), Tick(360)) == [(360, "overdue", "raised")]
    assert told([DUE], *cuff(0, 150, 112), *cuff(300, 150, 104)) == [(0, "due", "raised"), (300, "due", "cleared")]


HIGH = RecheckRule(
    "high",
    (Bound(SYS, Direction.ABOVE, 180, False, 175), Bound(DIA, Direction.ABOVE, 110, False, 105)),
    300, 0, Kind.PHYSIOLOGICAL, Priority.URGENT, "high twice", CITE, 30, readings=2,
)  # fmt: skip


def either_way(at, systolic, diastolic, turned):
    """One cuff measurement as some devices send it and as others do."""
    return tuple(reversed(cuff(at, systolic, diastolic))) if turned else cuff(at, systolic, diastolic)


measured = st.tuples(st.sampled_from([150, 178, 184]), st.sampled_from([80, 108, 112]), st.booleans())


@settings(max_examples=200, deadline=None)
@given(st.lists(measured, max_size=12))
def test_a_cuff_beyond_either_bound_is_one_high_reading_and_the_second_in_a_row_is_urgent(cuffs):
    inputs = [
        seen for number, one in enumerate(cuffs) for seen in (*either_way(300 * number, *one), Tick(300 * number + 1))
    ]
    watch, raised = Watch(), []
    for seen in inputs:
        watch, _ = step([DUE, OVERDUE, HIGH], watch, seen)
        if isinstance(seen, Tick):
            raised.append([watch.states[name].raised for name in ("due", "overdue", "high")])

    expected, row, urgent = [], 0, False
    for systolic, diastolic, _turned in cuffs:
        row = row + 1 if systolic > 180 or diastolic > 110 else 0
        urgent = row >= 2 or (urgent and (systolic > 175 or diastolic > 105))
        expected.append([row > 0, False, urgent])
    assert raised == expected


@pytest.mark.parametrize("turned", [False, True])
def test_the_wait_for_a_second_reading_is_not_ended_by_half_of_one(turned):
    tape = [*either_way(0, 184, 100, turned), *either_way(300, 178, 112, turned), *either_way(600, 184, 100, turned)]

    assert told([DUE, HIGH], *tape) == [(0, "due", "raised"), (300, "high", "raised")]
    assert told([OVERDUE], *cuff(0, 184, 100), Reading(300, SYS, 178), Tick(360)) == [(360, "overdue", "raised")]


def test_a_rise_is_measured_against_this_person_s_own_baseline_or_not_at_all():
    rise = RiseRule("rise", SYS, 40, 35, True, 0, 1, Priority.WARNING, "risen", CITE)

    (rule,) = against([rise], {SYS: 110.0})

    assert told([rule], *cuff(0, 149), *cuff(60, 150), *cuff(120, 146), *cuff(180, 145)) == [
        (60, "rise", "raised"),
        (180, "rise", "cleared"),
    ]
    assert against([rise], {}) == ()


TWO = CompositeRule("two", 2, frozenset({Priority.WARNING}), Priority.URGENT, "two at once", CITE)
WARNINGS = (
    limit("sys", SYS, Direction.ABOVE, 165, 160), limit("dia", DIA, Direction.ABOVE, 100, 95), limit("o2", SPO2, Direction.BELOW, 94, 95), TWO,
)  # fmt: skip


def test_two_warnings_of_two_vital_signs_are_more_than_one():
    tape = [*cuff(0, 170, 80), Reading(5, SPO2, 93), Reading(9, SPO2, 97)]

    assert [event for event in told(WARNINGS, *tape) if event[1] == "two"] == [
        (5, "two", "raised"),
        (9, "two", "cleared"),
    ]


def test_systolic_and_diastolic_are_one_vital_sign():
    assert [event for event in told(WARNINGS, *cuff(0, 170, 105)) if event[1] == "two"] == []


DESPITE = limit("despite", SPO2, Direction.BELOW, 90, 92, Priority.URGENT, despite="oxygen")


@pytest.mark.parametrize(("oxygen", "raised"), [(None, True), (True, True), (False, False)])
def test_oxygen_that_is_not_known_counts_as_given(oxygen, raised):
    facts = [] if oxygen is None else [Fact(0, "oxygen", oxygen)]

    assert bool(told([DESPITE], *facts, Reading(1, SPO2, 88))) is raised


def test_a_person_taken_off_oxygen_no_longer_meets_a_rule_about_oxygen():
    assert told([DESPITE], Reading(1, SPO2, 88), Fact(2, "oxygen", False)) == [
        (1, "despite", "raised"),
        (2, "despite", "cleared"),
    ]


HEART = limit("heart", Signal.HEART_RATE, Direction.BELOW, 45, 48, stand_in=Signal.PULSE_RATE, stand_in_after_s=10)


def test_the_pulse_stands_in_for_a_silent_ecg_only():
    pulse = Reading(5, Signal.PULSE_RATE, 40)

    assert told([HEART], pulse) == [(5, "heart", "raised")]
    assert told([HEART], Reading(0, Signal.HEART_RATE, 70), pulse) == []
    assert told([HEART], Reading(0, Signal.HEART_RATE, 70), Reading(10, Signal.PULSE_RATE, 40)) == [
        (10, "heart", "raised")
    ]


LOST = SourceRule("lost", SPO2, 10, Priority.WARNING, "lost", CITE, grace_s=10, off_s=2)


def every(seconds, until, value=97.0):
    return [Reading(at, SPO2, value) for at in range(0, until, seconds)]


def test_a_probe_that_says_it_is_off_is_not_waited_for():
    tape = [*every(1, 5), *(Reading(at, SPO2, None) for at in range(5, 9)), Reading(9, SPO2, 97)]

    assert [(e.at_s, e.state.value) for e in replay([LOST], tape)] == [(7, "raised"), (9, "cleared")]


def test_one_missed_value_is_no_lost_probe():
    tape = [*every(1, 5), Reading(5, SPO2, None), *(Reading(at, SPO2, 97) for at in range(6, 9))]

    assert replay([LOST], tape) == ()


def test_a_slow_device_is_given_its_own_interval_and_a_gap_does_not_make_a_fast_one_slow():
    slow = [*every(60, 600), Tick(609), Tick(610)]
    fast = [*every(1, 5), Reading(60, SPO2, 97), Reading(61, SPO2, 97), Tick(70), Tick(71)]

    assert [event for event in told([LOST], *slow) if event[0] > 60] == [(610, "lost", "raised")]
    assert told([LOST], *fast)[-1] == (71, "lost", "raised")


def test_a_rule_that_throws_is_a_technical_alarm_and_stops_no_other():
    def broken(rule, state, seen):
        if rule.id == "sys":
            raise ZeroDivisionError
        return advance(rule, state, seen)

    watch, first = step(WARNINGS, Watch(), Reading(0, SYS, 170), broken)
    watch, second = step(WARNINGS, watch, Reading(1, SPO2, 80), broken)
    watch, third = step(WARNINGS, watch, Reading(2, SYS, 170))

    assert [(e.rule, e.kind.value, e.state.value) for e in first] == [("sys_fault", "technical", "raised")]
    assert [(e.rule, e.state.value) for e in second] == [("o2", "raised")]
    assert ("sys_fault", "cleared") in [(e.rule, e.state.value) for e in third]


SHIPPED = alarm_limits.alarm_rules("vital_signs")
VALUES = {
    SPO2: [None, 85, 91, 93, 97],
    SYS: [None, 120, 170, 185, 210],
    DIA: [None, 80, 105, 115, 125],
    Signal.HEART_RATE: [None, 0, 40, 70, 130, 160],
}
readings = st.sampled_from(list(VALUES)).flatmap(
    lambda signal: st.tuples(st.integers(0, 120), st.just(signal), st.sampled_from(VALUES[signal]))
)
facts = st.tuples(st.integers(0, 120), st.just("oxygen"), st.sampled_from([None, True, False]))


def tape_of(steps):
    at, inputs = 0, []
    for wait, what, value in steps:
        inputs += [Tick(second) for second in range(at + 1, at + wait)]
        at += wait
        inputs.append(Fact(at, what, value) if what == "oxygen" else Reading(at, what, value))
    return inputs


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(readings, facts), max_size=20).map(tape_of), st.integers(0, 500))
def test_the_shipped_rules_alternate_and_survive_being_written_down_anywhere(tape, cut):
    watch, kept, events, again = Watch(), Watch(), [], []
    for number, seen in enumerate(tape):
        kept = from_plain(json.loads(json.dumps(to_plain(kept)))) if number == cut else kept
        watch, caused = step(SHIPPED, watch, seen)
        kept, same = step(SHIPPED, kept, seen)
        events, again = [*events, *caused], [*again, *same]

    assert events == again
    for rule in {event.rule for event in events}:
        states = [event.state.value for event in events if event.rule == rule]
        assert states == (["raised", "cleared"] * len(states))[: len(states)]


@settings(max_examples=40, deadline=None)
@given(st.lists(readings, max_size=20).map(tape_of), st.integers(1, 900))
def test_silence_never_clears_anything(tape, silence):
    watch = Watch()
    for seen in tape:
        watch, _ = step(SHIPPED, watch, seen)
    at = tape[-1].at_s if tape else 0
    cleared = []
    for second in range(1, silence, 7):
        watch, caused = step(SHIPPED, watch, Tick(at + second))
        cleared += [event for event in caused if event.state == "cleared"]

    assert cleared == []


@settings(max_examples=40, deadline=None)
@given(st.lists(readings, min_size=1, max_size=15).map(tape_of))
def test_a_vital_sign_beyond_an_urgent_limit_for_its_hold_is_always_raised(tape):
    at = tape[-1].at_s + 20
    watch = Watch()
    for seen in [*tape, *(Reading(at + second, SPO2, 85) for second in range(12))]:
        watch, _ = step(SHIPPED, watch, seen)

    assert watch.states["spo2_very_low"].raised


def noisy(release_s):
    rule = LimitRule(
        "low", SPO2, Direction.BELOW, 92, False, 93, 10, 1, 0, Priority.URGENT, "low", CITE, release_s=release_s
    )
    return lambda values: [
        (e.at_s, e.state.value) for e in replay([rule], [Reading(at, SPO2, v) for at, v in enumerate(values)])
    ]


def test_single_good_values_in_a_bad_row_hide_no_danger():
    flicker = [91, 91, 91, 91, 94] * 6

    assert noisy(3)(flicker)[:1] == [(10, "raised")]
    assert noisy(0)(flicker) == []


def test_good_values_that_last_end_what_was_pending():
    assert noisy(3)([91] * 5 + [95] * 4 + [91] * 9 + [95] * 9) == []


def test_a_value_that_is_back_is_not_raised_at_the_end_of_the_hold():
    assert noisy(3)([91] * 9 + [95] * 2 + [97] * 9) == []


def test_rules_that_are_under_each_other_are_refused():
    one = limit("one", SYS, Direction.ABOVE, 180, 175, under=("other",))
    other = limit("other", SYS, Direction.ABOVE, 200, 190, under=("one",))

    with pytest.raises(ValueError, match="under each other: one, other"):
        Rules([one, other])
