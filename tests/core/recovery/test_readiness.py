"""When somebody may leave."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.recovery import readiness
from openketamine.core.recovery.readiness import Pressure, Standing, Thoughts

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LIMIT = Pressure(140, 90)


@pytest.mark.parametrize(
    ("number", "minute", "standing"),
    [
        (1, 159, Standing.NOT_MET), (1, 160, Standing.MET), (2, 159, Standing.NOT_MET), (2, 160, Standing.MET),
        (3, 119, Standing.NOT_MET), (3, 120, Standing.MET),
    ],
)  # fmt: skip
def test_two_hours_count_from_the_end_in_the_first_two_sessions_and_from_the_start_later(number, minute, standing):
    rule = readiness.observation(number, 120, 2, 120)

    over = rule.over_at(AT, AT + timedelta(minutes=40))

    assert readiness.reached(over, AT + timedelta(minutes=minute)) is standing


def test_observation_is_never_over_before_the_infusion_is():
    rule = readiness.observation(3, 120, 2, 120)

    assert rule.over_at(AT, AT + timedelta(minutes=240)) == AT + timedelta(minutes=240)


@given(
    st.integers(0, 300), st.integers(0, 300), st.integers(1, 240), st.integers(0, 300), st.booleans()
)  # fmt: skip
def test_a_sedative_never_shortens_observation_and_its_own_minutes_pass_in_full(stop, given_at, minutes, later, known):
    over = AT + timedelta(minutes=stop) if known else None
    sedated = AT + timedelta(minutes=given_at)

    restarted = readiness.restarted(over, sedated, minutes)

    if over is None:
        assert restarted is None
    else:
        assert restarted >= over
        assert restarted - sedated >= timedelta(minutes=minutes)
        assert readiness.restarted(restarted, sedated + timedelta(minutes=later), minutes) >= restarted


def test_without_minutes_that_a_clinic_has_set_a_sedative_restarts_nothing():
    over = AT + timedelta(minutes=120)

    assert readiness.restarted(over, AT + timedelta(minutes=119), None) == over


def test_an_infusion_that_still_runs_is_not_known():
    over = readiness.observation(1, 120, 2, 120).over_at(AT, None)

    assert readiness.reached(over, AT) is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("scores", "standing"),
    [
        ({}, Standing.UNKNOWN),
        ({"aldrete": None}, Standing.UNKNOWN),
        ({"aldrete": 8}, Standing.NOT_MET),
        ({"aldrete": 8, "padss": 9}, Standing.MET),
        ({"aldrete": 9}, Standing.MET),
    ],
)
def test_one_of_two_scores_is_enough_and_none_is_not(scores, standing):
    assert readiness.any_at_least(scores, {"aldrete": 9, "padss": 9}) is standing


@pytest.mark.parametrize(
    ("value", "air", "standing"),
    [
        (None, True, Standing.UNKNOWN),
        (97, None, Standing.UNKNOWN),
        (92, None, Standing.NOT_MET),
        (97, False, Standing.NOT_MET),
        (92, True, Standing.NOT_MET),
        (93, True, Standing.MET),
    ],
)
def test_saturation_counts_on_room_air_alone_and_somebody_must_have_said_so(value, air, standing):
    assert readiness.on_room_air(value, 92, breathes_air=air) is standing


@pytest.mark.parametrize(
    ("baseline", "now", "standing"),
    [
        (Pressure(120, 70), None, Standing.UNKNOWN),
        (None, Pressure(140, 90), Standing.UNKNOWN),
        (None, Pressure(64, 32), Standing.UNKNOWN),
        (None, Pressure(141, 90), Standing.NOT_MET),
        (Pressure(150, 85), Pressure(165, 95), Standing.MET),
        (Pressure(120, 70), Pressure(150, 80), Standing.NOT_MET),
        (Pressure(100, 60), Pressure(138, 88), Standing.MET),
        (Pressure(120, 70), Pressure(96, 56), Standing.MET),
        (Pressure(120, 70), Pressure(95, 60), Standing.NOT_MET),
        (Pressure(120, 70), Pressure(100, 55), Standing.NOT_MET),
        (Pressure(120, 70), Pressure(64, 32), Standing.NOT_MET),
        (Pressure(200, 110), Pressure(150, 85), Standing.NOT_MET),
    ],
)
def test_pressure_near_its_baseline_on_both_sides_and_above_it_low_enough(baseline, now, standing):
    assert readiness.pressure_settled(baseline, now, 20, LIMIT) is standing


def test_a_reading_at_its_limit():
    assert readiness.above(92, 92) is Standing.NOT_MET
    assert readiness.above(93, 92) is Standing.MET
    assert readiness.above(None, 92) is Standing.UNKNOWN
    assert readiness.at_least(5, 5) is Standing.MET
    assert readiness.at_least(4, 5) is Standing.NOT_MET
    assert readiness.at_least(None, 5) is Standing.UNKNOWN


def test_a_criterion_nobody_looked_at_keeps_the_door_closed():
    assert not readiness.ready(["a", "b"], {"a": Standing.MET})
    assert readiness.ready(["a"], {"a": Standing.MET, "b": Standing.NOT_MET})


@given(st.none() | st.integers(0, 24), st.none() | st.integers(0, 24))
def test_a_scale_that_is_back_is_never_above_its_value_before_and_one_not_observed_is_never_back(value, before):
    standing = readiness.back_to(value, before)

    if standing is Standing.MET:
        assert value <= (before or 0)
    if value is None or (before is None and value):
        assert standing is Standing.UNKNOWN


@given(st.lists(st.sampled_from(Standing)))
def test_of_several_observations_the_worst_counts_and_none_is_not_known(standings):
    found = readiness.all_of(standings)

    assert (found is Standing.MET) == (set(standings) == {Standing.MET})
    assert (found is Standing.NOT_MET) == (Standing.NOT_MET in standings)


@pytest.mark.parametrize(
    ("now", "before", "standing"),
    [
        (None, False, Standing.UNKNOWN),
        (Thoughts.NONE, None, Standing.MET),
        (Thoughts.AS_BEFORE, None, Standing.UNKNOWN),
        (Thoughts.AS_BEFORE, True, Standing.MET),
        (Thoughts.AS_BEFORE, False, Standing.NOT_MET),
        (Thoughts.WORSE, True, Standing.NOT_MET),
    ],
)
def test_thoughts_of_suicide_are_held_against_those_before_the_start(now, before, standing):
    assert readiness.thoughts_settled(now, before=before) is standing
