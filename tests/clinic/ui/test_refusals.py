"""A page that cannot be shown says so in plain words, what was not recorded, and where to go next."""

import pytest
from django.test import Client
from tests.builders import make_staff

from openketamine.clinic.people.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def front_desk():
    make_staff(Role.FRONT_DESK)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    from openketamine.clinic.people.models import Staff

    client.force_login(Staff.objects.get())
    return client


def said(answer):
    return answer.content.decode()


def test_an_unknown_address_says_that_nothing_was_changed(front_desk):
    answer = front_desk.get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is no page at this address" in said(answer)
    assert "Open the board" in said(answer)


def test_another_role_is_told_whom_to_ask(front_desk):
    answer = front_desk.get("/monitoring/devices/")

    assert answer.status_code == 403
    assert "Your role may not do this" in said(answer)


def test_a_form_without_its_secret_loses_nothing_that_was_typed(front_desk):
    answer = front_desk.post("/people/refer/", {"given_name": "Testa"})

    assert answer.status_code == 403
    assert "what you typed is still there when you go back" in said(answer)


def test_a_failure_of_ours_says_that_it_was_not_recorded(front_desk, monkeypatch):
    from openketamine.clinic.chart import board

    def broken():
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(board, "people_in_care", broken)
    answer = front_desk.get("/patients/")

    assert answer.status_code == 500
    assert "was not recorded" in said(answer)
    assert "broken on purpose" not in said(answer)
