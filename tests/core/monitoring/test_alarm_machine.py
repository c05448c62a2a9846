"""The alarm machine: persistence, hysteresis, silence, and a memory that survives a restart at any point of a tape."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openketamine.core.citation import Citation, Mark
from openketamine.core.monitoring.alarm import step
from openketamine.core.monitoring.memory import Watch, from_plain, to_plain
from openketamine.core.monitoring.replay import replay, with_ticks
from openketamine.core.monitoring.rule import Direction, LimitRule, Priority, SourceRule
from openketamine.core.monitoring.signal import Reading, Signal

CITE = Citation("openketamine-design", "test", Mark.ASSUMED)
LOW = LimitRule("low", Signal.SPO2, Direction.BELOW, 92, False, 94, 10, 1, 0, Priority.URGENT, "SpO2 is low", CITE)
TWICE = LimitRule(
    "twice", Signal.NIBP_SYSTOLIC, Direction.ABOVE, 180, False, 175, 0, 2, 240, Priority.URGENT, "high twice", CITE
)
LOST = SourceRule("lost", Signal.SPO2, 10, Priority.WARNING, "no SpO2", CITE)
RULES = (LOW, TWICE, LOST)


def spo2(*pairs):
    return [Reading(at, Signal.SPO2, value) for at, value in pairs]


def cuff(*pairs):
    return [Reading(at, Signal.NIBP_SYSTOLIC, value) for at, value in pairs]


def told(readings, rules=RULES):
    return [(event.at_s, event.rule, event.state.value) for event in replay(rules, readings)]


def test_a_dip_shorter_than_the_hold_is_never_raised():
    assert told(spo2((0, 97), (5, 88), (14, 97), (15, 97))) == []


def test_a_low_value_that_holds_is_raised_at_the_end_of_the_hold():
    assert told(spo2((0, 97), (5, 88), (10, 88), (16, 88)), [LOW]) == [(15, "low", "raised")]


def test_between_limit_and_clear_level_it_stays_raised():
    tape = spo2((0, 88), (10, 88), (15, 93), (20, 94))

    assert told(tape, [LOW]) == [(10, "low", "raised"), (20, "low", "cleared")]


def test_a_single_high_cuff_reading_waits_for_the_second():
    assert told(cuff((0, 184), (200, 150)), [TWICE]) == []
    assert told(cuff((0, 184), (300, 186)), [TWICE]) == [(300, "twice", "raised")]


def test_a_value_sent_again_and_again_is_one_reading_and_a_new_value_is_another():
    repeated = cuff(*((second, 184) for second in range(0, 900, 5)))

    assert told(repeated, [TWICE]) == []
    assert told([*repeated, *cuff((900, 186))], [TWICE]) == [(900, "twice", "raised")]
    assert told(cuff((0, 184), (300, 184)), [TWICE]) == [(300, "twice", "raised")]


def test_a_normal_reading_between_two_high_ones_starts_the_count_anew():
    assert told(cuff((0, 184), (150, 150), (300, 186)), [TWICE]) == []


def test_silence_is_raised_once_and_cleared_by_the_next_reading():
    assert told(spo2((0, 97), (30, None), (40, 97)), [LOST]) == [(10, "lost", "raised"), (40, "lost", "cleared")]


@pytest.mark.parametrize("nothing", [0, None, float("nan"), float("inf")])
def test_zero_and_what_is_not_a_number_are_no_reading(nothing):
    assert told(spo2((0, 97), (5, nothing), (11, nothing)), RULES) == [(10, "lost", "raised")]


def test_a_signal_that_was_never_read_is_not_missing():
    assert told(cuff((0, 120), (100, 120)), [LOST]) == []


def test_an_empty_tape_tells_nothing():
    assert replay(RULES, []) == ()


tapes = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.sampled_from([Signal.SPO2, Signal.NIBP_SYSTOLIC]),
        st.sampled_from([None, 0, 85, 91, 93, 97, 170, 178, 185]),
    ),
    max_size=25,
).map(
    lambda steps: [
        Reading(sum(s[0] for s in steps[: i + 1]), signal, value) for i, (_, signal, value) in enumerate(steps)
    ]
)


@settings(max_examples=60, deadline=None)
@given(tapes)
def test_no_rule_is_raised_twice_without_clearing(tape):
    last = {}
    for event in replay(RULES, tape):
        assert last.get(event.rule) != event.state
        last[event.rule] = event.state


@settings(max_examples=40, deadline=None)
@given(tapes, st.integers(0, 300))
def test_a_memory_written_down_in_mid_tape_tells_the_same(tape, cut):
    watch, events = Watch(), []
    for i, seen in enumerate(with_ticks(tape)):
        if i == cut:
            watch = from_plain(json.loads(json.dumps(to_plain(watch))))
        watch, caused = step(RULES, watch, seen)
        events += caused

    assert tuple(events) == replay(RULES, tape)


def test_a_clear_level_beyond_the_limit_cannot_be_built():
    with pytest.raises(ValueError, match="quiet side"):
        LimitRule("x", Signal.SPO2, Direction.BELOW, 92, False, 90, 0, 1, 0, Priority.URGENT, "x", CITE)


def test_persistence_of_no_reading_cannot_be_built():
    with pytest.raises(ValueError, match="at least 1"):
        LimitRule("x", Signal.SPO2, Direction.BELOW, 92, False, 93, 0, 0, 0, Priority.URGENT, "x", CITE)


@pytest.mark.parametrize(
    ("signal", "unit"),
    [(Signal.PULSE_RATE, "/min"), (Signal.SPO2, "%"), (Signal.TEMPERATURE, "Cel"), (Signal.ETCO2, "mm[Hg]")],
)
def test_each_signal_has_its_unit(signal, unit):
    assert signal.unit == unit
