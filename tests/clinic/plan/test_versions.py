"""A clinic signs its own version of a protocol; a course keeps the text it was planned with."""

from decimal import Decimal

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.people.models import Role
from openketamine.clinic.plan import actions, regimens
from openketamine.clinic.plan.models import ClinicRegimen

pytestmark = pytest.mark.django_db
NAME = "depression_iv_racemic"


def typed(**changes):
    values = {one.name: "" if one.value is None else str(one.value) for one in regimens.in_force(NAME).rules.numbers}
    return {**values, "second_check": "at_the_draw", "sedation_scale": "moaas", "reason": "", **changes}


@pytest.fixture
def page(client):
    make_clinic()
    client.force_login(make_staff(Role.PRESCRIBER))
    return lambda **changes: client.post(reverse("plan:regimen", args=[NAME]), typed(**changes), follow=True)


def test_tightening_is_free_and_new_courses_follow_it(page):
    page(**{"caps.per_session": "60"})

    assert regimens.in_force(NAME).rules.rules.caps.per_session == Decimal(60)
    assert ClinicRegimen.objects.get().changes == ["caps.per_session: not set -> 60 mg (tighter)"]


def test_loosening_a_sourced_limit_needs_a_reason_and_loses_nothing_typed(page):
    refused = page(**{"caps.per_kg": "1.2", "caps.per_session": "61"})

    assert refused.status_code == 422
    assert "These limits become looser than their source: caps.per_kg: 1 mg/kg -" in refused.text
    assert 'value="61"' in refused.text
    assert ClinicRegimen.objects.count() == 0

    page(**{"caps.per_kg": "1.2", "reason": "our own audit, see file 7"})
    assert ClinicRegimen.objects.get().reason == "our own audit, see file 7"


def test_a_course_keeps_its_version(page):
    patient = make_patient()
    shape = actions.Shape(NAME, 6, 2, Decimal("0.5"), Decimal(40), AT.date())
    course = actions.plan_course(patient=patient, shape=shape, by="ada", at=AT)

    page(**{"caps.per_session": "30"})

    assert regimens.rules_of(course).rules.caps.per_session is None
    later = actions.plan_course(patient=patient, shape=shape, by="ada", at=AT)
    assert regimens.rules_of(later).rules.caps.per_session == Decimal(30)


def test_a_later_version_starts_from_what_ships_so_that_unchanged_numbers_keep_their_source(page):
    page(**{"caps.per_session": "60"})
    page(**{"caps.per_session": "", "regimen.dose": "0.4"})

    numbers = {one.name: one for one in regimens.in_force(NAME).rules.numbers}
    assert numbers["caps.per_session"].absent == "no cap set by your clinic"
    assert numbers["caps.per_kg"].cite.source == "fava2018"
    assert numbers["regimen.dose"].cite.checked_by == "Ada Example"


def test_every_indication_shows_tier_and_setting_and_what_nobody_signed(client):
    make_clinic()
    client.force_login(make_staff(Role.NURSE))

    text = client.get(reverse("plan:regimens")).text
    assert "nobody at this clinic has signed it" in text
    assert "for reading only" in text
    assert "cannot be ordered before your clinic sets the dose" in text
    one = client.get(reverse("plan:regimen", args=["ptsd_iv"])).text
    assert "67 against 20 % responded" in one
    assert "no effect on PTSD" in one
    assert "no cap set by your clinic" in one
    assert "not yet checked by a clinician" in one


def test_a_nurse_cannot_sign_a_version(client):
    make_clinic()
    client.force_login(make_staff(Role.NURSE))
    client.post(reverse("plan:regimen", args=[NAME]), typed(**{"caps.per_session": "60"}))

    assert ClinicRegimen.objects.count() == 0
