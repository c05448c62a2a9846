"""A pressure far below the one before is no reason to let somebody go."""

import pytest
from tests.clinic.journey.steps import checked, go_to

from openketamine.clinic.recovery import queries

pytestmark = pytest.mark.django_db


def test_a_pressure_that_has_fallen_far_below_the_one_before_is_not_met(nurse, infused, now):
    go_to(now, 120)
    checked(nurse, infused, 64, 32)
    row = next(one for one in queries.criteria(infused, at=now["at"]) if one.id == "blood_pressure")

    assert row.standing.value == "not met"
    assert row.how == "64/32 (11:00)"
    assert "within 20 % of 128/78 (before)" in row.threshold
