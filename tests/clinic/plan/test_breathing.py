"""What the plan page says of breathing: from medicines that are known, with the source; nothing known raises nothing."""

from decimal import Decimal

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.candidacy import actions as candidacy
from openketamine.clinic.candidacy.models import Listed, Source
from openketamine.clinic.plan.breathing import flagged
from openketamine.clinic.plan.models import Order

pytestmark = pytest.mark.django_db
KNOWN = candidacy.Known(Source.PERSON, AT.date())


def listed(patient, *names):
    for name in names:
        candidacy.list_item(patient=patient, kind=Listed.MEDICINE, known=KNOWN, by="nils", at=AT, name=name)
    return patient


def test_an_opioid_and_a_benzodiazepine_on_record_stand_on_the_plan_with_their_source(client):
    make_clinic()
    client.force_login(make_staff())
    patient = listed(make_patient(), "oxycodone 5 mg", "lorazepam 1 mg", "sertraline 50 mg")

    page = client.get(reverse("plan:plan", args=[patient.reference])).text

    assert "<strong>oxycodone 5 mg</strong>: An opioid is known" in page
    assert "<strong>lorazepam 1 mg</strong>: A benzodiazepine is known" in page
    assert "ketalar_label" in page
    assert "sertraline" not in page


def test_a_daily_amount_that_was_told_is_a_known_benzodiazepine():
    patient = make_patient()
    assert flagged(patient, None) == []

    candidacy.record_facts(patient=patient, facts={"benzodiazepine_mg_per_day": 10.0}, known=KNOWN, by="nils", at=AT)

    (flag,) = flagged(patient, None)
    assert flag.because == "10 mg/d (diazepam)"


@pytest.mark.parametrize(("minutes", "flags"), [("2", 1), ("40", 0)])
def test_an_order_that_is_a_fast_bolus_is_flagged(minutes, flags):
    order = Order(weight_kg=Decimal(70), dose_mg=Decimal(77), duration_min=Decimal(minutes))

    assert len(flagged(make_patient(), order)) == flags
