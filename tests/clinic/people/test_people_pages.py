import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.people.models import Patient, Role

pytestmark = pytest.mark.django_db


def test_a_visitor_is_sent_to_sign_in(client):
    response = client.get(reverse("chart:board"))

    assert response.status_code == 302
    assert "/sign-in/" in response.url


def test_one_click_sign_in_works_in_a_demo_only(client):
    make_staff()
    make_clinic(is_demo=False)

    assert client.post(reverse("people:demo-sign-in"), {"username": "nils"}).status_code == 403


def test_a_demo_role_signs_in_and_sees_the_board(client):
    make_staff()
    make_clinic(is_demo=True)

    client.post(reverse("people:demo-sign-in"), {"username": "nils"})
    response = client.get(reverse("chart:board"))

    assert response.status_code == 200
    assert "Demo clinic" in response.text


def test_a_wrong_password_keeps_what_was_typed(client):
    make_staff(password="a long enough phrase")

    response = client.post(reverse("people:sign-in"), {"username": "nils", "password": "wrong"})

    assert 'value="nils"' in response.text
    assert "not right" in response.text


def test_a_referral_is_written_with_one_audit_row_and_no_name_in_it(client):
    client.force_login(make_staff(Role.FRONT_DESK))

    client.post(reverse("people:refer"), referral())

    patient = Patient.objects.get()
    entry = Entry.objects.get()
    assert (entry.action, entry.patient) == ("patient referred", patient.reference)
    assert "Synthetic" not in str(entry.detail)


def test_a_likely_duplicate_is_shown_before_anything_is_written(client):
    client.force_login(make_staff(Role.FRONT_DESK))
    make_patient()

    response = client.post(reverse("people:refer"), referral(given_name="T."))

    assert Patient.objects.count() == 1
    assert "already known" in response.text


def test_somebody_who_compared_them_may_record_a_second_person(client):
    client.force_login(make_staff(Role.FRONT_DESK))
    make_patient()

    client.post(reverse("people:refer"), referral(given_name="T.", not_the_same="yes"))

    assert Patient.objects.count() == 2


def test_a_bad_date_is_named_and_loses_nothing(client):
    client.force_login(make_staff(Role.FRONT_DESK))

    response = client.post(reverse("people:refer"), referral(born_on="yesterday"))

    assert response.status_code == 422
    assert 'value="Synthetic"' in response.text


def test_the_patient_page_shows_who_it_is(client):
    client.force_login(make_staff(Role.NURSE))
    patient = make_patient()

    assert "Testa Synthetic" in client.get(reverse("chart:patient", args=[patient.reference])).text
    assert "Testa Synthetic" in client.get(reverse("chart:patients")).text


def test_signing_out_ends_the_session(client):
    client.force_login(make_staff())

    client.post(reverse("people:sign-out"))

    assert client.get(reverse("chart:board")).status_code == 302


def referral(**changes):
    fields = {
        "given_name": "Testa",
        "family_name": "Synthetic",
        "born_on": "1980-01-01",
        "sex": "female",
        "referred_for": "depression",
    }
    return {**fields, **changes}


def test_a_demo_never_becomes_a_real_clinic():
    clinic = make_clinic(is_demo=True)
    clinic.is_demo = False

    with pytest.raises(ValueError, match="another database"):
        clinic.save()


def test_a_referral_time_is_the_time_given():
    assert make_patient().referred_at == AT
