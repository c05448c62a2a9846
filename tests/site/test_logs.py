"""The log says what went wrong and where, and nothing about anybody."""

import io
import logging

import pytest
from django.test import Client
from django.urls import reverse
from tests.builders import make_clinic, make_staff

from openketamine.clinic.people import actions
from openketamine.clinic.people.models import Role
from openketamine.site.commands.work import guarded
from openketamine.site.logs import NoPersonalData

pytestmark = pytest.mark.django_db
NAME = "Uniquename-Synthetic"


@pytest.fixture
def log():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(NoPersonalData())
    root = logging.getLogger()
    root.addHandler(handler)
    yield out
    root.removeHandler(handler)


def test_a_failure_is_logged_by_type_and_place_without_what_was_typed(log, monkeypatch):
    def fail(**fields):
        raise ValueError(f"cannot write {fields['family_name']}")

    monkeypatch.setattr(actions, "refer", fail)
    make_clinic()
    client = Client(raise_request_exception=False)
    client.force_login(make_staff(Role.FRONT_DESK))
    answer = client.post(reverse("people:refer"), {
        "given_name": "Testa", "family_name": NAME, "born_on": "1980-01-01", "sex": "female", "referred_for": "depression",
    })  # fmt: skip

    assert answer.status_code == 500
    assert "ValueError" in log.getvalue()
    assert "views.py:" in log.getvalue()
    assert NAME not in log.getvalue()
    assert log.getvalue().count("\n") == log.getvalue().count("django.request")


def test_a_link_s_secret_is_not_logged(log, client):
    client.get(reverse("portal:check-in", args=["secret-of-a-link"]))

    assert "/p/check-in/..." in log.getvalue()
    assert "secret-of-a-link" not in log.getvalue()


def test_what_a_library_was_told_is_not_logged(log):
    logging.getLogger("some.library").warning("could not send %s", NAME)

    assert "could not send %s" in log.getvalue()
    assert NAME not in log.getvalue()


def test_a_round_of_work_that_fails_says_where_and_not_whom(capsys):
    def work():
        raise ValueError(NAME)

    guarded(work)

    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "test_logs.py:" in said
    assert NAME not in said
