"""What the recorded events of an infusion add up to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.infusion.balance import Balance, given_mg
from openketamine.core.infusion.events import PERMITTED, Event, Kind, NotPermittedError, Phase, by_rates, fold

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
D = Decimal


def minute(number):
    return AT + timedelta(minutes=number)


def events(*rows):
    """The recorded steps of somebody who is ready, and what follows."""
    return [*READY, *(Event(kind, minute(at), rate) for kind, at, rate in rows)]


READY = [Event(Kind.CHECKED, minute(-20)), Event(Kind.READY, minute(-10))]
STARTED = (Kind.STARTED, 0, 150.0)


def test_forty_minutes_at_150_deliver_the_bag():
    course = fold(events(STARTED, (Kind.STOPPED, 40, None)))

    assert (course.phase, course.delivered_ml(minute(60))) == (Phase.RECOVERING, 100.0)


def test_before_the_start_nothing_is_delivered():
    assert fold([]).delivered_ml(AT) == 0.0


def test_a_pause_delivers_nothing():
    course = fold(events(STARTED, (Kind.PAUSED, 10, None), (Kind.RESUMED, 20, 150.0)))

    assert course.delivered_ml(minute(30)) == 50.0


def test_a_new_rate_counts_from_its_instant():
    course = fold(events(STARTED, (Kind.RATE_SET, 20, 60.0)))

    assert (course.rate_ml_per_h, course.delivered_ml(minute(30))) == (60.0, 60.0)


def test_the_pump_s_own_total_wins_once_it_is_recorded():
    course = fold([*events(STARTED), Event(Kind.STOPPED, minute(30), None, 70.0)])

    assert course.delivered_ml(minute(31)) == 70.0
    assert by_rates(course.steps, minute(31)) == 75.0


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([STARTED, STARTED], "started cannot be recorded while the infusion is infusing"),
        ([(Kind.STOPPED, 0, None)], "stopped cannot be recorded while the infusion is ready"),
        ([STARTED, (Kind.PAUSED, 5, None), (Kind.PAUSED, 6, None)], "paused cannot be recorded"),
        ([(Kind.STARTED, 0, None)], "needs a rate"),
        ([STARTED, (Kind.RATE_SET, 5, 0.0)], "needs a rate"),
        ([STARTED, (Kind.PAUSED, -5, None)], "before the last recorded change"),
    ],
)
def test_a_step_that_cannot_follow_is_refused(rows, says):
    with pytest.raises(NotPermittedError, match=says):
        fold(events(*rows))


def test_nothing_follows_a_signature():
    assert PERMITTED[Phase.SIGNED] == frozenset()


@given(st.lists(st.tuples(st.integers(1, 30), st.floats(1, 500)), min_size=1, max_size=8), st.integers(0, 300))
def test_volume_never_falls_as_time_passes(changes, until):
    rows, at = [(Kind.STARTED, 0, 100.0)], 0
    for later, rate in changes:
        at += later
        rows.append((Kind.RATE_SET, at, rate))
    course = fold(events(*rows))

    assert course.delivered_ml(minute(until)) <= course.delivered_ml(minute(until + 1))


def test_a_session_balances_to_the_tenth():
    balance = Balance(D("35.0"), given_mg(70.0, D("0.350")), D("10.0"))

    assert balance.sentence() == "35.0 mg drawn = 24.5 mg given + 10.0 mg wasted + 0.5 mg unaccounted"
    assert not balance.closes
