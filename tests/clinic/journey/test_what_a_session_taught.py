"""Signing keeps what the session taught about the person; the next one begins with it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.builders import AT, make_clinic, make_patient

from openketamine.clinic.infusion.observed import observed
from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.pharmacology.models import LearnedEnsemble
from openketamine.core.pharmacology.observation import Kind
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("switched_on", [True, False])
def test_each_signed_session_appends_one_row_that_knows_the_one_before(settings, tmp_path, switched_on):
    settings.SIGNING_KEY_PATH = tmp_path / "signing.key"
    make_clinic(is_demo=True, individual_prediction=switched_on)
    patient, chair = make_patient(), Chair.objects.create(name="Chair 1")
    days = demo_lives.course(patient, first_on=AT, at=AT)

    lived = [
        demo_lives.lived(patient, day, chair, weight_kg=Decimal(70), at=AT + timedelta(days=3 * i))
        for i, day in enumerate(days[:2])
    ]

    rows = list(LearnedEnsemble.objects.filter(patient=patient).order_by("pk"))
    if switched_on:
        assert [row.session for row in rows] == [one.reference for one in lived]
        assert [row.before for row in rows] == [None, rows[0]]
        assert rows[0].observations == 39  # thirteen cuff cycles, each with both pressures and a heart rate
    else:
        assert rows == []


def test_a_dissociation_score_and_the_heart_rate_of_a_cuff_cycle_teach_too(settings, tmp_path):
    settings.SIGNING_KEY_PATH = tmp_path / "signing.key"
    make_clinic(is_demo=True, individual_prediction=True)
    patient, chair = make_patient(), Chair.objects.create(name="Chair 1")
    day = demo_lives.course(patient, first_on=AT, at=AT)[0]
    infusion = demo_lives.seated(patient, day, chair, weight_kg=Decimal(70), at=AT)
    start = AT + timedelta(minutes=2)
    demo_lives.started(infusion, at=start)
    demo_lives.checked(infusion, 130, 80, at=start + timedelta(minutes=10), heart_rate=75.0)
    for minute, total in ((-30, 2), (38, 14), (600, 1)):
        instruments.answer(
            patient=patient,
            instrument="cadss",
            answers={"total": total},
            by="nils",
            at=start + timedelta(minutes=minute),
        )

    seen = {(one.kind, round(one.at_h * 60)): one.value for one in observed(infusion, start)}

    assert seen == {
        (Kind.SYSTOLIC, 10): 12.0, (Kind.DIASTOLIC, 10): 6.0, (Kind.HEART_RATE, 10): 5.0, (Kind.DISSOCIATION, 38): 14.0,
    }  # fmt: skip
