"""Signing keeps what the session taught about the person; the next one begins with it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.builders import AT, make_clinic, make_patient

from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.pharmacology.models import LearnedEnsemble
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
        assert rows[0].observations == 10  # five cuff cycles; heart rate was not taken before the start
    else:
        assert rows == []
