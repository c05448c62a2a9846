"""A typed time of the day is the last one at which the clock showed it, also in the night in which clocks are set back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from openketamine.clinic.infusion.forms import RecordForm

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def happened(typed, now, zone=BERLIN):
    with timezone.override(zone):
        form = RecordForm({"kind": "paused", "happened": typed})
        assert form.is_valid()
        return form.when(now)


@pytest.mark.parametrize(
    ("typed", "now", "then"),
    [
        ("08:50", datetime(2026, 3, 2, 8, 10, tzinfo=UTC), datetime(2026, 3, 2, 7, 50, tzinfo=UTC)),
        ("23:50", datetime(2026, 3, 2, 23, 10, tzinfo=UTC), datetime(2026, 3, 2, 22, 50, tzinfo=UTC)),
        ("02:40", datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 25, 0, 40, tzinfo=UTC)),
        ("02:50", datetime(2026, 10, 25, 2, 10, tzinfo=UTC), datetime(2026, 10, 25, 1, 50, tzinfo=UTC)),
        ("02:05", datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 25, 1, 5, tzinfo=UTC)),
        ("03:05", datetime(2026, 3, 29, 1, 10, tzinfo=UTC), datetime(2026, 3, 29, 1, 5, tzinfo=UTC)),
        ("01:55", datetime(2026, 3, 29, 1, 10, tzinfo=UTC), datetime(2026, 3, 29, 0, 55, tzinfo=UTC)),
    ],
)
def test_it_is_the_last_time_the_clock_showed_it(typed, now, then):
    assert happened(typed, now) == then


def test_it_is_so_on_the_other_side_of_the_ocean():
    now = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)

    assert happened("01:40", now, NEW_YORK) == datetime(2026, 11, 1, 5, 40, tzinfo=UTC)


def test_nothing_typed_means_now():
    now = datetime(2026, 3, 2, 8, 10, tzinfo=UTC)

    assert happened("", now) == now
