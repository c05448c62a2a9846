"""A fresh demo is calm: the checks of its people are whole, on the chairs of today too, and what nobody does a colleague does."""

from datetime import timedelta

import pytest
from django.test import TestCase

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring.models import Device, Reading
from openketamine.site import clock, demo_clinic, demo_show
from openketamine.site.monitors import run, show

pytestmark = pytest.mark.slow


def lacking(infusion, at):
    """Return the minute of each check up to an instant that lacks something, with what it lacks."""
    dues = queries.dues(infusion, queries.course_of(infusion), at)
    return {due.minute: due.missing for due in dues if due.at <= at and due.missing}


def told(infusion, at):
    """Chart what the virtual monitor tells of when it begins: the time before, and its first live values."""
    monitor = run.Monitor(infusion.watch.chair.position, None)
    seen = show.state(infusion.watch.chair.position)
    device = Device.objects.get(identity=f"VIRTUAL-MONITOR-{infusion.watch.chair.position}/VIRTUAL")
    Reading.objects.bulk_create([
        Reading(
            watch=infusion.watch, device=device, signal=one.signal, value=one.value, unit="", source="device", observed_at=one.at, received_at=at,
        )
        for one in (*monitor.remembered(seen), *monitor.live(seen))
    ])  # fmt: skip


class TestFreshDemo(TestCase):
    @classmethod
    def setUpTestData(cls):
        demo_clinic.create()
        demo_show.begin(why="test")
        cls.at = clock.clinic_time()

    def on_chairs(self):
        return list(Infusion.objects.filter(closed_at=None, watch__chair__position__in=show.CHAIRS))

    def test_every_check_of_every_session_behind_is_whole(self):
        signed = [one for one in Infusion.objects.exclude(closed_at=None) if queries.course_of(one).started_at]

        assert len(signed) >= 10
        assert {one.pk: found for one in signed if (found := lacking(one, one.closed_at))} == {}

    def test_no_check_on_a_chair_lacks_anything_once_its_monitor_has_spoken(self):
        chairs = self.on_chairs()
        assert len(chairs) == 4
        for infusion in chairs:
            told(infusion, self.at)

        assert {one.watch.chair.position: found for one in chairs if (found := lacking(one, clock.clinic_time()))} == {}

    def test_a_colleague_does_what_is_left_shortly_before_it_is_overdue_and_nothing_earlier(self):
        infusion = next(one for one in self.on_chairs() if one.watch.chair.position == 1)
        found = {
            "nibp_systolic": 121.0,
            "nibp_diastolic": 76.0,
            "heart_rate": 70.0,
            "spo2": 97.0,
            "respiratory_rate": 14.0,
        }
        found |= {"moaas": 5.0, "distress": 1.0, "nausea": 0.0}
        due = queries.course_of(infusion).started_at + timedelta(minutes=20)

        demo_show.look_in(infusion, found, at=due + timedelta(minutes=2))
        assert lacking(infusion, due)[20] == tuple(found)

        demo_show.look_in(infusion, found, at=due + timedelta(minutes=2, seconds=45))
        assert 20 not in lacking(infusion, due + timedelta(minutes=3))
        assert set(Reading.objects.filter(watch=infusion.watch, observed_at__gt=due).values_list("by", flat=True)) == {
            "nora"
        }
