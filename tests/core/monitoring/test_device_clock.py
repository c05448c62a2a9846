"""A wrong clock is told from a late message, by when messages were sent and when they came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.monitoring.device_clock import RIGHT, heard, shift_s


def times(messages):
    """Return by our clock when each message (when it truly was sent, what its clock said, when it came) was sent, and the clock."""
    clock, found = RIGHT, []
    for _truly, said, came in messages:
        clock = heard(clock, came - said, came)
        found.append(said + shift_s(clock, came - said))
    return found, clock


def stream(apart_s, seconds, way_s=0.2):
    """One message a second of a clock that is so far ahead of ours, each so long on its way; clocks say whole seconds."""
    return [(truly, float(int(truly + apart_s)), truly + way_s) for truly in (1000.5 + second for second in seconds)]


@pytest.mark.parametrize("apart_s", [-5000, -110, -60, -5, -3, 3, 5, 30, 60, 110, 5000])
def test_after_eight_seconds_a_wrong_clock_is_known_and_no_time_is_off_by_more_than_its_own_second(apart_s):
    messages = stream(apart_s, range(60))
    found, clock = times(messages)

    late = [came - time for (_truly, _said, came), time in zip(messages, found, strict=True)]
    assert clock.wrong
    assert all(0 <= one <= 1.3 for one in late[9:])


@pytest.mark.parametrize("apart_s", [-1.2, -0.3, 0, 0.3, 1.2])
def test_what_a_network_and_a_whole_second_explain_is_no_wrong_clock(apart_s):
    assert not times(stream(apart_s, range(60)))[1].wrong


def test_messages_that_come_three_to_six_seconds_late_for_half_a_minute_are_late():
    """A clock that is wrong stays wrong by the same amount: three seconds and six are not the same within two."""
    ways = [5, 4, 3, 6] * 8
    messages = [(second, second, second + way) for second, way in enumerate(ways)]

    assert not times(sorted(messages, key=lambda one: one[2]))[1].wrong


@pytest.mark.parametrize("apart_s", [110, 5, 0.4])
def test_a_clock_that_is_fast_dates_nothing_ahead_from_its_first_message_on(apart_s):
    messages = stream(apart_s, range(20))

    assert all(time <= came for (_truly, _said, came), time in zip(messages, times(messages)[0], strict=True))


@pytest.mark.parametrize("apart_s", [0, 110, -60])
def test_what_a_network_held_back_keeps_its_age(apart_s):
    """Thirty seconds are held back and come within a second."""
    known, held, on = (stream(apart_s, part) for part in (range(20), range(20, 50), range(50, 70)))
    at_once = [(truly, said, 1050.6 + number / 30) for number, (truly, said, _came) in enumerate(held)]
    found, _clock = times([*known, *at_once, *on])

    off = [abs(time - truly) for (truly, _said, _came), time in zip([*known, *at_once, *on], found, strict=True)]
    assert max(off[9:]) <= 1.3


def test_a_message_sent_once_more_has_the_same_time():
    messages = stream(110, range(20))
    again = (messages[15][0], messages[15][1], messages[19][2])
    found, _clock = times([*messages, again])

    assert found[-1] == found[15]


def test_a_clock_that_is_set_is_right_after_eight_seconds():
    set_right = stream(110, range(20)) + stream(0, range(20, 40))
    found, clock = times(set_right)

    assert clock == RIGHT
    assert found[30:] == [said for _truly, said, _came in set_right[30:]]


def test_a_clock_that_was_never_set_gives_no_time_at_all():
    found, _clock = times([(1_700_000_000.0, 1000.0, 1_700_000_000.5)])

    assert found == [1_700_000_000.5]


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 100)), max_size=60))
def test_no_time_is_ever_later_than_its_message_came(messages):
    came, clock = 0.0, RIGHT
    for lag, passed in messages:
        came += passed
        clock = heard(clock, lag, came)
        assert shift_s(clock, lag) <= lag
