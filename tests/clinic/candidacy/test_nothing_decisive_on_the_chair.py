"""Between start and discharge no decisive questionnaire is taken; what observes the infusion itself is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.builders import AT

from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.monitoring.models import Chair
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(patient, ada):
    days = demo_lives.course(patient, first_on=AT, at=AT)
    chair = Chair.objects.create(name="Chair 1", position=1)
    return demo_lives.seated(patient, days[0], chair, weight_kg=Decimal(70), at=AT)


def test_before_the_start_it_is_asked_and_during_the_infusion_it_waits(nurse, patient, infusion, second):
    address = reverse("followup:answer", args=[patient.reference, "phq2"])
    nurse.post(address, {"q_1": "1", "q_2": "1"})
    assert Answers.objects.count() == 1
    demo_lives.started(infusion, at=AT + timedelta(minutes=2))

    refused = nurse.post(address, {"q_1": "3", "q_2": "3"})
    assert (refused.status_code, "before the start or after going home" in refused.text) == (422, True)
    assert Answers.objects.count() == 1
    nurse.post(reverse("followup:answer", args=[patient.reference, "pain_nrs"]), {"q_1": "4"})
    assert [row.instrument for row in Answers.objects.all()] == ["phq2", "pain_nrs"]
