"""How long a value counts: the interval in force and its grace, one rule for the alarm and for the tile."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.monitoring.replay import replay
from openketamine.core.monitoring.rule import patience_s
from openketamine.core.monitoring.signal import Reading, Signal
from openketamine.evidence import alarm_limits
from openketamine.evidence.gate import required
from openketamine.evidence.load import EvidenceError

SHIPPED = {rule.signal: rule for rule in alarm_limits.shipped_sources()}
CUFF = SHIPPED[Signal.NIBP_SYSTOLIC]
BREATHS = SHIPPED[Signal.RESPIRATORY_RATE]
CITE = {"source": "openketamine-design", "locus": "test", "mark": "assumed"}


@pytest.mark.parametrize(
    ("gaps_s", "due_s", "counts_s"),
    [
        ((), 600, 660),
        ((), 300, 360),
        ((300,), 600, 360),
        ((300, 300, 300), 600, 360),
        ((300, 600), 600, 360),
        ((300, 300, 300, 900), 600, 360),
        ((300, 300, 120, 180), 600, 360),
        ((300, 120, 180, 300), 600, 360),
        ((600, 300, 300, 300), 600, 360),
        ((300, 300, 600, 600), 300, 660),
        ((1, 1, 1, 1), 600, 10),
        ((1, 1, 1, 55), 600, 10),
        ((), None, 10),
    ],
)
def test_the_device_s_own_cycle_counts_and_else_what_is_due(gaps_s, due_s, counts_s):
    assert patience_s(gaps_s, due_s=due_s, grace_s=60, stream_s=10) == counts_s


@given(st.lists(st.integers(11, 3600), min_size=1, max_size=4), st.integers(11, 3600))
def test_a_value_never_counts_longer_than_the_longest_interval_and_a_minute(gaps, due):
    assert patience_s(gaps, due_s=due, grace_s=60, stream_s=10) <= max(gaps) + 60


def silent_after(rule, *readings):
    end = readings[-1].at_s + 2000
    return [
        event.at_s
        for event in replay([rule], [*readings, Reading(end, Signal.TEMPERATURE, 37)])
        if event.state == "raised"
    ]


def cuffs(*times, by_hand=False):
    return [Reading(at, Signal.NIBP_SYSTOLIC, 120 + at / 100, by_hand=by_hand) for at in times]


def test_a_cuff_of_five_minutes_is_missed_six_minutes_after_its_last_reading():
    assert silent_after(CUFF, *cuffs(0, 300, 600)) == [960]


def test_one_reading_shows_no_cycle_and_the_check_that_is_due_counts():
    assert silent_after(CUFF, *cuffs(0)) == [660]
    assert silent_after(replace(CUFF, every_s=300.0), *cuffs(0)) == [360]


def test_a_reading_by_hand_ends_silence_and_is_no_cycle():
    assert silent_after(CUFF, *cuffs(0, 300), *cuffs(330, by_hand=True)) == [690]
    assert silent_after(CUFF, *cuffs(0), *cuffs(60, by_hand=True)) == [720]


def test_breaths_that_a_monitor_streams_are_missed_in_ten_seconds_and_counted_ones_after_their_check():
    stream = [Reading(at, Signal.RESPIRATORY_RATE, 14) for at in range(30)]

    assert silent_after(BREATHS, *stream) == [39]
    assert silent_after(BREATHS, Reading(0, Signal.RESPIRATORY_RATE, 14, by_hand=True)) == [660]


@pytest.mark.parametrize("signal", ["spo2", "heart_rate", "pulse_rate", "respiratory_rate", "etco2", "nibp_systolic"])
def test_what_a_protocol_may_require_is_watched_for(signal):
    (asked,) = required({"required": {"signals": [signal], "cite": CITE}}, "regimen")

    assert Signal(asked) in SHIPPED


@pytest.mark.parametrize("signal", ["temperature", "spo3", "abp_systolic"])
def test_a_promise_to_watch_for_what_no_rule_watches_for_is_refused(signal):
    with pytest.raises(EvidenceError, match=f"no rule watches for the absence of '{signal}'; one of spo2, heart_rate"):
        required({"required": {"signals": [signal], "cite": CITE}}, "regimen")
