"""The drug book of a clinic: whose it is, which strength, what a count finds."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.ledger import actions
from openketamine.clinic.ledger.models import Count
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.models import Role
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.tasks.models import Task
from openketamine.clinic.ui import clock
from openketamine.core.infusion.drug_book import Account
from openketamine.core.plan.dose import Preparation, dose_card
from openketamine.evidence.regimen import regimen

pytestmark = pytest.mark.django_db
D = Decimal
NAME = "depression_iv_racemic"


def vial(strength=50, content=500):
    return actions.receive(
        lot=f"LOT-{strength}", strength=D(strength), content_mg=D(content), expires_on=AT.date() + timedelta(days=90), by="pia", at=AT
    )  # fmt: skip


@pytest.fixture
def infusion(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    make_clinic()
    patient = make_patient()
    rules = regimen(NAME)
    shape = plan.Shape(NAME, 6, 2, D("0.5"), D(40), AT.date())
    plan.plan_course(patient=patient, shape=shape, by="ada", at=AT)
    card = dose_card(D(70), D("0.5"), Preparation(D(50), D(100), D(40), "sodium chloride 0.9 %"), rules.rules)
    order = plan.sign_order(
        planned=plan.next_planned(patient),
        card=card,
        body=plan.Body(AT),
        signing=plan.Signing("ada", "Ada Example", AT, AT),
    )
    return infusions.open_session(
        patient=patient, order=order, chair=Chair.objects.create(name="Chair 1"), by="nils", at=AT
    )


def draw(infusion, one, mg=35):
    return actions.draw(session=infusion.reference, vial=one, mg=D(mg), by="nils", second="nora", at=AT, patient="x")


def test_a_vial_of_another_strength_than_ordered_cannot_be_drawn_from(infusion):
    with pytest.raises(actions.LedgerError, match="holds 100 mg/mL, the order is for 50 mg/mL"):
        draw(infusion, vial(strength=100))

    draw(infusion, vial(strength=50))
    assert actions.balance(infusion.reference).drawn_mg == 35


def test_a_row_typed_on_the_page_is_audited_under_the_person_whose_session_it_is(infusion, client):
    client.force_login(make_staff(Role.NURSE))
    make_staff(Role.PRESCRIBER, password="a long enough phrase")
    fields = {
        "act": "draw",
        "draw-mg": "35",
        "draw-vial": vial().pk,
        "draw-second": "ada",
        "draw-password": "a long enough phrase",
    }

    client.post(reverse("ledger:session", args=[infusion.reference]), fields)

    entry = Entry.objects.get(action="drug drawn")
    assert (entry.patient, entry.detail["second"]) == (infusion.patient.reference, "ada")


def test_the_page_shows_what_is_ordered_beside_what_is_drawn(infusion, client):
    client.force_login(make_staff(Role.NURSE))

    page = client.get(reverse("ledger:session", args=[infusion.reference])).text

    assert "35.0 mg = 0.700 mL" in page
    assert client.get(reverse("ledger:session", args=["0000000000"])).status_code == 404


def test_the_start_is_held_while_the_drawn_amount_is_not_the_ordered_one(infusion):
    from openketamine.clinic.infusion import before

    draw(infusion, vial(), mg=40)
    assert any("40.0 mg are drawn, 35.0 mg are ordered" in one for one in before.hindrances(infusion, AT))

    actions.waste(session=infusion.reference, mg=D(5), by="nils", second="nora", at=AT, patient="x")
    assert not any("are ordered" in one for one in before.hindrances(infusion, AT))


def test_the_chain_from_vial_to_waste_leaves_half_a_milligram_unaccounted(infusion):
    one = vial()
    draw(infusion, one)
    actions.give(session=infusion.reference, mg=D("24.5"), basis="pump total", by="nils", at=AT, patient="x")
    actions.waste(session=infusion.reference, mg=D(10), by="nils", second="nora", at=AT, patient="x")

    assert (
        actions.balance(infusion.reference).sentence()
        == "35.0 mg drawn = 24.5 mg given + 10.0 mg wasted + 0.5 mg unaccounted"
    )
    assert actions.unaccounted() == [(infusion.reference, D("0.5"))]
    stood = actions.standing()
    assert sum(stood.values()) == 0
    assert (stood[Account.STOCK], stood[Account.SYRINGE], stood[Account.WASTE]) == (D(465), D("0.5"), D(10))


def test_no_more_is_wasted_than_was_drawn(infusion):
    draw(infusion, vial())

    with pytest.raises(actions.LedgerError, match=r"35\.0 mg were drawn"):
        actions.waste(session=infusion.reference, mg=D(36), by="nils", second="nora", at=AT, patient="x")


def test_a_count_that_differs_is_explained_posted_and_looked_into(infusion):
    one = vial()
    draw(infusion, one)
    with pytest.raises(actions.LedgerError, match=r"The book says 465\.0 mg, counted were 460\.0 mg"):
        actions.count(vial=one, counted_mg=D(460), reason="", by="nils", second="nora", at=AT)

    actions.count(vial=one, counted_mg=D(460), reason="spilt at the draw", by="nils", second="nora", at=AT)

    assert actions.left(one) == 460
    assert actions.standing()[Account.VARIANCE] == 5
    assert "differs by -5.0 mg" in Task.objects.get().says
    actions.count(vial=one, counted_mg=D(460), reason="", by="nils", second="nora", at=AT)
    assert Count.objects.count() == 2


def test_the_rest_of_a_vial_is_wasted_before_a_witness(infusion):
    one = vial(content=50)
    draw(infusion, one)
    with pytest.raises(actions.LedgerError, match="another person"):
        actions.discard(vial=one, mg=D(15), basis="opened", by="nils", second="nils", at=AT)

    actions.discard(vial=one, mg=D(15), basis="opened", by="nils", second="nora", at=AT)

    assert actions.left(one) == 0


def test_the_vial_page_takes_a_count_from_two_people(infusion, client):
    client.force_login(make_staff(Role.NURSE))
    make_staff(Role.PHARMACIST, password="a long enough phrase")
    one = vial()
    fields = {"act": "count", "count-mg": "499", "count-second": "pia", "count-password": "a long enough phrase"}

    assert "explanation: is empty" in client.post(reverse("ledger:vial", args=[one.pk]), fields).text
    client.post(reverse("ledger:vial", args=[one.pk]), {**fields, "count-reason": "drop on the cap"})

    assert "499.0 mg" in client.get(reverse("ledger:vial", args=[one.pk])).text
    assert "differences found at counts" in client.get(reverse("ledger:stock")).text
