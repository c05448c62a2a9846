"""A typed time of the day is the last one at which the clock showed it, also in the night in which clocks are set back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from tests.builders import make_infusing
from tests.clinic.journey.steps import checked, go_to

from openketamine.clinic.infusion.actions import NotNowError
from openketamine.clinic.infusion.forms import RecordForm
from openketamine.clinic.monitoring.models import Reading

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def happened(typed, now, zone=BERLIN, near=None):
    with timezone.override(zone):
        form = RecordForm({"kind": "paused", "happened": typed})
        assert form.is_valid()
        return form.when(now, near=near)


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
        ("02:30", datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("09:00", datetime(2026, 3, 2, 8, 0, tzinfo=UTC), datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
        ("10:01", datetime(2026, 3, 2, 8, 0, tzinfo=UTC), datetime(2026, 3, 1, 9, 1, tzinfo=UTC)),
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


@pytest.mark.parametrize("typed", ["11:15", "11:44", "12:14"])
def test_a_time_soon_to_come_is_no_time_of_yesterday_and_is_refused_with_the_way_out(typed):
    now = datetime(2026, 3, 2, 10, 14, tzinfo=UTC)

    with pytest.raises(NotNowError) as refused:
        happened(typed, now)
    assert str(refused.value) == (
        f"Happened at {typed}: that is still to come, it is 11:14. Leave the time blank for now, or type when it was"
    )


def test_a_correction_takes_the_time_nearest_to_the_recorded_one_and_refuses_one_to_come():
    now, recorded = datetime(2026, 3, 4, 10, 14, tzinfo=UTC), datetime(2026, 3, 2, 10, 20, tzinfo=UTC)
    assert happened("11:15", now, near=recorded) == datetime(2026, 3, 2, 10, 15, tzinfo=UTC)

    with pytest.raises(NotNowError):
        happened("11:15", now, near=datetime(2026, 3, 4, 10, 5, tzinfo=UTC))


@pytest.mark.django_db
def test_in_a_session_of_several_days_a_cuff_typed_a_minute_ahead_is_refused_and_what_was_typed_stays(
    nurse, patient, now
):
    infusion = make_infusing(patient)
    go_to(now, 26 * 60 + 14)
    page = checked(nurse, infusion, 190, 115, happened="11:15")

    assert page.status_code == 422
    assert "Happened at 11:15: that is still to come, it is 11:14" in page.text
    assert 'value="190"' in page.text
    assert not Reading.objects.filter(watch=infusion.watch, value=190).exists()
