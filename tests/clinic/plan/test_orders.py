"""From the dose card to the signed order, and what nobody can override."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.candidacy import standing as indications
from openketamine.clinic.people.models import Role
from openketamine.clinic.plan import actions, regimens
from openketamine.clinic.plan.forms import CourseForm, OrderForm
from openketamine.clinic.plan.models import Course, CourseEnding, Order
from openketamine.clinic.ui import clock
from openketamine.core.plan.dose import Preparation, dose_card
from openketamine.evidence.regimen import regimen_of

pytestmark = pytest.mark.django_db
MADE = Preparation(Decimal(50), Decimal(100), Decimal(40), "sodium chloride 0.9 %")
CARD = {"weight_kg": "70", "dose_mg_per_kg": "0.5", "strength": "50", "bag_ml": "100", "duration_min": "40"}
PASSWORD = "a long enough phrase"


@pytest.fixture
def now(monkeypatch):
    time = {"at": AT}
    monkeypatch.setattr(clock, "now", lambda: time["at"])
    monkeypatch.setattr(clock, "wall", lambda: time["at"])
    return time


@pytest.fixture
def patient(now):
    make_clinic()
    return make_patient()


def desk(role):
    client = Client()
    client.force_login(make_staff(role, password="a long enough phrase"))
    return client


@pytest.fixture
def prescriber(patient):
    return desk(Role.PRESCRIBER)


@pytest.fixture
def planned(patient, prescriber):
    shape = actions.Shape("depression_iv_racemic", 6, 2, Decimal("0.5"), Decimal(40), AT.date())
    actions.plan_course(patient=patient, shape=shape, by="ada", at=AT)
    return actions.next_planned(patient)


def ask(client, patient, **changes):
    return client.post(
        reverse("plan:order", args=[patient.reference]), {**CARD, "password": PASSWORD, **changes}, follow=True
    )


def test_the_dose_card_shows_each_step_before_anything_is_signed(prescriber, planned, patient):
    page = ask(prescriber, patient).text

    for line in (
        "0.5 mg/kg x 70.0 kg (actual weight) = 35 mg",
        "35.0 mg / 50 mg/mL = 0.700 mL",
        "100 mL over 40 min = 150.0 mL/h",
    ):
        assert line in page
    assert "Sign and lock the order" in page
    assert Order.objects.count() == 0


def test_a_signed_order_carries_name_time_and_meaning(prescriber, planned, patient):
    ask(prescriber, patient, sign="yes")

    order = Order.objects.get()
    assert (order.signed_name, order.at, order.meaning) == ("Ada Example", AT, "I order this infusion for this person.")
    assert (order.strength_mg_per_ml, order.draw_ml, order.diluent) == (50, Decimal("0.700"), "sodium chloride 0.9 %")
    assert Entry.objects.filter(action="order signed").get().patient == patient.reference


def test_a_weight_in_pounds_is_turned_into_kilograms(prescriber, planned, patient):
    ask(prescriber, patient, weight_kg="154 lb", sign="yes")

    order = Order.objects.get()
    assert (order.weight_kg, order.weight_typed) == (Decimal("69.9"), "154 lb")


def test_the_unit_chosen_beside_the_number_counts_and_stays_as_it_was_chosen(prescriber, planned, patient):
    how = {"weight_kg": "154", "weight_kg_unit": "[lb_av]", "height_cm": "1.72", "height_cm_unit": "m"}
    ask(prescriber, patient, **how, sign="yes")

    order = Order.objects.get()
    assert (order.weight_kg, order.height_cm) == (Decimal("69.9"), Decimal("172.0"))
    assert (order.weight_typed, order.height_typed) == ("154 lb", "1.72 m")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("7", "7 kg: must be from 20 to 350 kg"),
        ("30 lb", "30 lb: must be from 44.09 to 771.6 lb"),
        ("seventy", "seventy: write a number"),
        ("70 cm", "choose its unit (kg / lb)"),
    ],
)
def test_a_weight_that_cannot_be_meant_names_what_was_typed_and_keeps_the_rest(
    prescriber, planned, patient, typed, says
):
    page = ask(prescriber, patient, weight_kg=typed, dose_mg_per_kg="0.45", sign="yes")

    assert page.status_code == 422
    assert says in page.text
    assert 'value="0.45"' in page.text
    assert Order.objects.count() == 0


def test_the_vial_strength_is_never_proposed(prescriber, planned, patient):
    page = ask(prescriber, patient, strength="", sign="yes")

    assert page.status_code == 422
    assert Order.objects.count() == 0


def test_above_a_cap_there_is_nothing_to_sign(prescriber, planned, patient):
    page = ask(prescriber, patient, dose_mg_per_kg="1.2", reason="wants more", sign="yes").text

    assert "cannot be signed without changing the dose or a signed protocol version" in page
    assert "no cap refuses 1.00 mg/kg or less" in page
    assert Order.objects.count() == 0


def test_undiluted_hundred_cannot_be_signed_with_any_reason(prescriber, planned, patient):
    page = ask(prescriber, patient, strength="100", diluent="none", bag_ml="0.3", reason="in a hurry", sign="yes").text

    assert "100 mg/mL never runs undiluted" in page
    assert Order.objects.count() == 0


def test_a_longer_infusion_needs_a_signed_reason(prescriber, planned, patient):
    assert "needs the pain protocol or a signed reason" in ask(prescriber, patient, duration_min="75", sign="yes").text
    assert Order.objects.count() == 0

    ask(prescriber, patient, duration_min="75", reason="distress at forty minutes", sign="yes")
    assert Order.objects.get().reason == "distress at forty minutes"


def test_up_to_an_hour_is_signed_and_marked_as_weak_evidence(prescriber, planned, patient):
    assert "weak evidence" in ask(prescriber, patient, duration_min="60").text

    ask(prescriber, patient, duration_min="60", sign="yes")
    assert Order.objects.count() == 1


def test_a_change_is_a_new_order_that_names_the_old_one_and_says_why(prescriber, planned, patient):
    ask(prescriber, patient, sign="yes")
    assert "Say why this order replaces order" in ask(prescriber, patient, dose_mg_per_kg="0.4", sign="yes").text

    ask(prescriber, patient, dose_mg_per_kg="0.4", reason="distress last time", sign="yes")

    old, new = Order.objects.order_by("pk")
    assert (new.replaces, new.dose_mg) == (old, Decimal("28.0"))
    assert actions.order_in_force(planned) == new
    assert any("was replaced by another order" in one for one in actions.hindrances(old, AT))
    page = prescriber.get(reverse("plan:plan", args=[patient.reference])).text
    assert f"replaces order {old.pk}" in page


def test_an_order_on_yesterday_s_weight_holds_the_start(prescriber, planned, patient):
    ask(prescriber, patient, sign="yes")
    order = Order.objects.get()

    assert actions.hindrances(order, AT + timedelta(hours=24)) == []
    assert "weigh, and sign a new order" in actions.hindrances(order, AT + timedelta(hours=25))[0]


def test_where_the_clinic_wants_a_second_check_another_person_computes_it_anew(prescriber, patient, now):
    numbers = {one.name: one.value for one in regimens.in_force("depression_iv_racemic").rules.numbers}
    regimens.sign_version(
        name="depression_iv_racemic", after=numbers, second_check="before_start", reason="", signed_name="Ada Example", by="ada", at=AT
    )  # fmt: skip
    shape = actions.Shape("depression_iv_racemic", 6, 2, Decimal("0.5"), Decimal(40), AT.date())
    actions.plan_course(patient=patient, shape=shape, by="ada", at=AT)
    ask(prescriber, patient, sign="yes")
    order, nurse = Order.objects.get(), desk(Role.NURSE)
    assert "Nobody has checked the order a second time" in actions.hindrances(order, AT)

    where = reverse("plan:check", args=[patient.reference, order.pk])
    assert "must be another person" in prescriber.post(where, {"draw_ml": "0.7", "rate_ml_per_h": "150"}).text
    assert "is not what the order says" in nurse.post(where, {"draw_ml": "7", "rate_ml_per_h": "150"}).text
    nurse.post(where, {"draw_ml": "0.7", "rate_ml_per_h": "150"})

    assert actions.hindrances(order, AT) == []


def test_only_a_prescriber_signs(planned, patient):
    assert ask(desk(Role.NURSE), patient, sign="yes").status_code == 403


def test_a_patient_in_the_middle_of_a_course_keeps_its_numbers_and_its_told_past(prescriber, patient):
    fields = {
        "regimen": "depression_iv_racemic", "infusions": "6", "per_week": "2", "dose_mg_per_kg": "0.5", "duration_min": "40",
        "first_on": "2026-03-02", "given_elsewhere": "3",
    }  # fmt: skip
    where = reverse("plan:course", args=[patient.reference])
    assert "Write what is known" in prescriber.post(where, fields).text

    prescriber.post(where, {**fields, "told_of_elsewhere": "Three at another clinic in February, doses not known"})

    assert [day.number for day in Course.objects.get().days.all()] == [4, 5, 6]
    page = prescriber.get(reverse("plan:plan", args=[patient.reference])).text
    assert "Order for infusion 4 of 6" in page
    assert "as told, not measured here" in page


def test_a_course_that_ends_names_who_goes_on_and_when(prescriber, planned, patient):
    where = reverse("plan:end", args=[patient.reference])
    assert prescriber.post(where, {"kind": "stop", "reason": "no response"}).status_code == 422

    prescriber.post(
        where,
        {
            "kind": "stop",
            "reason": "no response",
            "plan": "back to Dr Example",
            "next_clinician": "Dr Example",
            "next_on": "2026-04-01",
        },
    )

    assert CourseEnding.objects.get().next_clinician == "Dr Example"
    assert actions.next_planned(patient) is None


def test_the_plan_says_where_the_person_stands_in_candidacy(prescriber, planned, patient):
    assert (
        "No clinician has decided in candidacy yet."
        in prescriber.get(reverse("plan:plan", args=[patient.reference])).text
    )


def test_ideal_and_adjusted_weight_stand_beside_the_actual_one_and_are_never_guessed(prescriber, planned, patient):
    assert "height or sex not known" in ask(prescriber, patient).text

    page = ask(prescriber, patient, weight_kg="110", height_cm="68 in").text
    assert "63.9 kg" in page
    assert "82.3 kg" in page
    assert "0.5 mg/kg x 110.0 kg (actual weight) = 55 mg" in page


def test_a_protocol_that_doses_by_ideal_weight_asks_for_height_and_doses_by_it(prescriber, patient, now):
    text = regimens.in_force("depression_iv_racemic").text.replace('basis = "actual"', 'basis = "ideal"')
    rules = regimen_of(text, "ours")

    asked = OrderForm({**CARD, "weight_kg": "110"}, rules=rules, sex="female")
    assert not asked.is_valid()
    assert "height_cm" in asked.errors
    told = OrderForm({**CARD, "weight_kg": "110", "height_cm": "172.7"}, rules=rules, sex="female")
    assert told.is_valid()
    assert (told.card.weight_kg, told.card.dose_mg) == (Decimal("63.9"), Decimal("32.0"))


def test_an_order_keeps_the_measured_weight_beside_the_one_it_was_computed_from(prescriber, planned, patient):
    card = dose_card(Decimal("63.9"), Decimal("0.5"), MADE, regimens.rules_of(planned.course).rules)
    body = actions.Body(AT, Decimal("172.7"), Decimal(110))

    order = actions.sign_order(
        planned=planned, card=card, body=body, signing=actions.Signing("ada", "Ada Example", AT, AT)
    )

    assert (order.weight_kg, order.dosing_weight_kg, order.mg_per_actual_kg) == (110, Decimal("63.9"), Decimal("0.291"))


def test_an_indication_that_the_clinic_has_switched_off_offers_no_regimen(prescriber, patient, now):
    assert "ptsd_iv" in dict(CourseForm().fields["regimen"].choices)
    indications.switch(name="ptsd", is_on=False, reason="we treat depression only", by="otto", at=AT)

    assert "ptsd_iv" not in dict(CourseForm().fields["regimen"].choices)
