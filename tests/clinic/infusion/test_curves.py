"""The sentence under the chart: what the estimate rests on, in readings as a nurse counts them, and the peak it expects."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_infusing

from openketamine.clinic.infusion import curves
from openketamine.clinic.infusion.series import series
from openketamine.clinic.people.models import Clinic
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.substance import SamplingSite
from openketamine.site import demo_lives

FIRST, SECOND, THIRD = 0.1, 0.2, 0.3


@pytest.mark.django_db
def test_three_cuff_readings_with_a_heart_rate_beside_each_are_three(patient, now):
    """Nine numbers: systolic, diastolic and heart rate, three times."""
    Clinic.objects.update(individual_prediction=True)
    infusion = make_infusing(patient)
    for minute, systolic in ((10, 140), (20, 150), (30, 155)):
        demo_lives.checked(infusion, systolic, 85, at=AT + timedelta(minutes=minute), heart_rate=80.0)

    said = series(infusion, at=AT + timedelta(minutes=31))["learned"]

    assert said.startswith(
        "Model estimate (derived, not validated in patients), from 3 cuff readings: systolic peak, 90 % band "
    )
    assert said.endswith(" mmHg if the plan continues.")


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ((), "0 cuff readings"),
        (((FIRST, Kind.SYSTOLIC), (FIRST, Kind.DIASTOLIC)), "1 cuff reading"),
        (((FIRST, Kind.SYSTOLIC), (SECOND, Kind.DIASTOLIC)), "2 cuff readings"),
        (((FIRST, Kind.SYSTOLIC), (SECOND, Kind.LEVEL)), "1 cuff reading, 1 measured level"),
        (
            ((FIRST, Kind.LEVEL), (SECOND, Kind.LEVEL), (THIRD, Kind.DISSOCIATION)),
            "0 cuff readings, 2 measured levels, 1 dissociation score",
        ),
    ],
)
def test_a_reading_is_one_instant_of_the_cuff_and_other_kinds_are_named(seen, said):
    site = {Kind.LEVEL: SamplingSite.VENOUS}

    assert curves.counted(Observation(at_h, kind, 1.0, site.get(kind)) for at_h, kind in seen) == said
