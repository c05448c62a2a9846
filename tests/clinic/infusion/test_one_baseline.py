"""Baseline is one value everywhere: the last complete pressure before the start, for tile, alarm on a rise, prediction and leaving."""

from datetime import timedelta

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import GATE, checked, drawn, fitted_out, go_to, planned, seated

from openketamine.clinic.infusion import curves, panels, queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.past import as_of
from openketamine.clinic.recovery import queries as recovery

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(nurse, prescriber, patient, clinic, now):
    """128/78 at minute 0, a lone systolic of 150 at minute 3, started at minute 5, 170/90 at minute 15."""
    clinic.individual_prediction = True
    clinic.save()
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    nurse.post("infusion:gate", infusion.reference, **GATE)
    drawn(nurse, infusion)
    checked(nurse, infusion, heart_rate=70, spo2=98)
    fitted_out(nurse, infusion)
    nurse.post("infusion:ready", infusion.reference)
    go_to(now, 3)
    nurse.post("infusion:check", infusion.reference, nibp_systolic="150", why_nibp_diastolic="other")
    go_to(now, 5)
    nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")
    go_to(now, 15)
    checked(nurse, infusion, 170, 90)
    return Infusion.objects.get()


def change(infusion, now):
    return next(one["change"] for one in panels.tiles(infusion, at=now["at"]) if one["signal"] == "nibp_systolic")


def test_a_lone_systolic_before_the_start_is_no_baseline_of_tile_alarm_prediction_or_leaving(running, now):
    known = curves.known(running, queries.course_of(running))
    leaving = next(row for row in recovery.criteria(running, at=now["at"]) if row.id == "blood_pressure")

    assert change(running, now) == 42
    assert running.watch.baseline["nibp_systolic"] == 128
    assert known.before["nibp_systolic"] == 128
    assert 42 in [one.value for one in known.seen]
    assert "of 128/78 (before)" in leaving.threshold


def test_a_pressure_from_before_the_start_that_is_typed_later_counts_everywhere_from_then_on(nurse, running, now):
    go_to(now, 16)
    checked(nurse, running, 140, 80, happened="09:04")
    found = Infusion.objects.get()
    earlier = AT + timedelta(minutes=15)

    assert found.watch.baseline["nibp_systolic"] == 140
    assert change(found, now) == 30
    assert change(as_of(found, earlier), {"at": earlier}) == 42


def test_before_the_start_there_is_no_change_from_a_baseline(nurse, running, now):
    early = AT + timedelta(minutes=4)

    assert change(as_of(running, early), {"at": early}) is None
