"""When somebody may leave."""

from datetime import UTC, datetime, timedelta

import pytest

from openketamine.core.recovery import readiness
from openketamine.core.recovery.readiness import Pressure, Standing

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LIMIT = Pressure(140, 90)


@pytest.mark.parametrize(("minutes", "standing"), [(119, Standing.NOT_MET), (120, Standing.MET)])
def test_two_hours_count_from_the_start(minutes, standing):
    at = AT + timedelta(minutes=minutes)

    assert readiness.observed_long_enough(AT + timedelta(minutes=40), AT, at, 120) is standing


def test_an_infusion_that_still_runs_is_not_known():
    assert readiness.observed_long_enough(None, AT, AT, 120) is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("baseline", "now", "standing"),
    [
        (Pressure(120, 70), None, Standing.UNKNOWN),
        (None, Pressure(140, 90), Standing.MET),
        (None, Pressure(141, 90), Standing.NOT_MET),
        (Pressure(150, 85), Pressure(165, 95), Standing.MET),
        (Pressure(120, 70), Pressure(150, 80), Standing.NOT_MET),
    ],
)
def test_pressure_near_its_baseline_or_low_enough(baseline, now, standing):
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
