"""Who works here: no default password, a limit on guessing, the last owner stays, switches are signed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.builders import AT, make_clinic, make_staff

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.people import sign_in
from openketamine.clinic.people.models import Clinic, Role, SignInFailure, Staff, SwitchSigned
from openketamine.clinic.ui import clock
from openketamine.site import cli
from openketamine.site.commands import found_clinic

pytestmark = pytest.mark.django_db
GOOD = "a long enough phrase"


@pytest.fixture
def now(monkeypatch):
    time = {"at": AT}
    monkeypatch.setattr(clock, "now", lambda: time["at"])
    monkeypatch.setattr(clock, "wall", lambda: time["at"])
    return time


def tried(client, password, username="nils", **where):
    return client.post(reverse("people:sign-in"), {"username": username, "password": password}, **where)


def test_a_name_that_failed_five_times_waits_even_with_the_right_password(client, now):
    make_staff(password=GOOD)
    for _ in range(5):
        assert tried(client, "wrong").status_code == 200

    refused = tried(client, GOOD)
    assert refused.status_code == 429
    assert "15 minutes" in refused.text
    assert 'value="nils"' in refused.text

    now["at"] += timedelta(minutes=14, seconds=30)
    assert "1 minutes" in tried(client, GOOD).text
    now["at"] += timedelta(minutes=1)
    assert tried(client, GOOD).status_code == 302


def test_a_right_password_forgets_the_failures_of_a_name(client, now):
    make_staff(password=GOOD)
    for _ in range(4):
        tried(client, "wrong")
    tried(client, GOOD)
    Client().post(reverse("people:sign-in"), {"username": "nils", "password": "wrong"})

    assert SignInFailure.objects.count() == 1


def test_an_address_that_tries_many_names_waits_and_another_address_does_not(client, now):
    make_staff(password=GOOD)
    for number in range(50):
        tried(client, "wrong", username=f"guess{number}", REMOTE_ADDR="10.0.0.9")

    assert tried(client, GOOD, REMOTE_ADDR="10.0.0.9").status_code == 429
    assert tried(client, GOOD, REMOTE_ADDR="10.0.0.8").status_code == 302


def test_the_table_of_failures_says_nothing_about_who_tried(client, now):
    tried(client, "wrong", username="nils")

    assert "nils" not in str(SignInFailure.objects.values())
    assert "127.0.0.1" not in str(SignInFailure.objects.values())


def test_capital_letters_are_no_second_chance(now):
    make_staff(password=GOOD)
    for name in ("nils", "NILS", "Nils", "nILS", "niLS"):
        sign_in.checked(username=name, password="wrong", address="a", wall=AT)

    with pytest.raises(sign_in.TooManyError):
        sign_in.checked(username="nils", password=GOOD, address="b", wall=AT)


@pytest.fixture
def owner(client, now):
    make_clinic()
    client.force_login(make_staff(Role.OWNER, password=GOOD))
    return client


def test_the_owner_takes_somebody_on_and_the_password_is_shown_once(owner):
    page = owner.post(reverse("people:members"), {"username": "nora", "display_name": "Nora Example", "role": "nurse"})
    person, password = page.context["shown"]

    assert person.check_password(password)
    assert len(password) >= 20
    assert password not in owner.get(reverse("people:members")).text
    assert password not in str(list(Entry.objects.values()))


@pytest.mark.parametrize(
    "wrong", [{"username": "otto"}, {"username": "OTTO"}, {"username": "with blank"}, {"role": "king"}, {"role": ""}, {"display_name": ""}]
)  # fmt: skip
def test_a_wrong_entry_loses_nothing_that_was_typed(owner, wrong):
    fields = {"username": "nora", "display_name": "Nora Example", "role": "nurse", **wrong}
    page = owner.post(reverse("people:members"), fields)

    assert page.status_code == 422
    assert f'value="{fields["username"]}"' in page.text
    assert Staff.objects.count() == 1


def test_a_new_password_ends_the_sessions_that_are_open(owner):
    nurse = make_staff(Role.NURSE, password=GOOD)
    at_work = Client()
    at_work.force_login(nurse)
    owner.post(reverse("people:renew", args=["nils"]))

    assert at_work.get(reverse("chart:board")).status_code == 302
    assert not Staff.objects.get(username="nils").check_password(GOOD)


def test_the_last_owner_keeps_access_and_others_lose_and_regain_it(owner):
    make_staff(Role.NURSE)
    page = owner.post(reverse("people:access", args=["otto"]), {"active": "no"}, follow=True)
    assert "only owner" in page.text
    owner.post(reverse("people:access", args=["nils"]), {"active": "no"})
    assert list(Staff.objects.filter(is_active=True)) == [Staff.objects.get(username="otto")]
    owner.post(reverse("people:access", args=["nils"]), {"active": "yes"})
    assert Staff.objects.filter(is_active=True).count() == 2


def turn(client, **changes):
    fields = {"switch": "session_alarms", "on": "on", "reason": "staff trained", "director": "ada", "password": GOOD}
    return client.post(reverse("people:switches"), {**fields, **changes})


def test_a_switch_is_turned_when_a_prescriber_signs(owner):
    make_staff(Role.PRESCRIBER, password=GOOD)
    assert turn(owner).status_code == 302

    assert Clinic.objects.get().session_alarms
    row = SwitchSigned.objects.get()
    assert (row.signed_by, row.by, row.reason, row.on) == ("ada", "otto", "staff trained", True)
    assert "staff trained" in owner.get(reverse("people:switches")).text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"password": "guess"}, "is not right"), ({"director": "nils"}, "is no prescriber"), ({"reason": ""}, "required"),
     ({"on": "off"}, "is off already"), ({"switch": ""}, "required")],
)  # fmt: skip
def test_a_switch_stays_as_it_is_otherwise(owner, wrong, says):
    make_staff(Role.PRESCRIBER, password=GOOD)
    make_staff(Role.NURSE, password=GOOD)
    page = turn(owner, **wrong)

    assert page.status_code == 422
    assert says in page.text
    assert not Clinic.objects.get().session_alarms


def test_guessing_the_director_s_password_is_limited_too(owner):
    make_staff(Role.PRESCRIBER, password=GOOD)
    for _ in range(5):
        turn(owner, password="guess")

    assert "Too many" in turn(owner).text


def test_a_person_chooses_a_password_of_their_own_and_stays_signed_in(client, now):
    client.force_login(make_staff(password=GOOD))
    short = client.post(reverse("people:own-password"), {"password": GOOD, "chosen": "short"})
    wrong = client.post(reverse("people:own-password"), {"password": "guess", "chosen": "another long phrase"})
    assert (short.status_code, wrong.status_code) == (422, 422)

    client.post(reverse("people:own-password"), {"password": GOOD, "chosen": "another long phrase"})

    assert client.get(reverse("chart:board")).status_code == 200
    assert Staff.objects.get().check_password("another long phrase")


def test_a_page_about_people_stays_in_no_cache(owner):
    assert owner.get(reverse("people:members")).headers["Cache-Control"] == "no-store"


def test_a_clinic_is_founded_once_with_its_owner_and_every_switch_off(monkeypatch, capsys):
    monkeypatch.setattr(found_clinic, "setup", lambda *_: None)
    command = ["found-clinic", "--name", "Test clinic", "--owner", "otto", "--time-zone", "Europe/Vienna"]
    assert cli.run(command) == 0
    said = capsys.readouterr().out

    clinic = Clinic.objects.get()
    assert (clinic.is_demo, clinic.device_stream, clinic.session_alarms, clinic.individual_prediction) == (False,) * 4
    assert Staff.objects.get().check_password(said.split(" with ")[1].split()[0])
    assert cli.run(command) == 2
    assert "holds a clinic already" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--owner", "Bad Name"], ["--time-zone", "Mars/Olympus"], ["--time-zone", "../etc"]])
def test_a_clinic_is_not_founded_on_bad_input(monkeypatch, capsys, wrong):
    monkeypatch.setattr(found_clinic, "setup", lambda *_: None)

    assert cli.run(["found-clinic", "--name", "x", "--owner", "otto", *wrong]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not Clinic.objects.exists()


def test_a_second_person_s_password_cannot_be_guessed_at_the_drug_book(now):
    from openketamine.clinic.ledger.forms import SecondPersonForm

    make_staff(Role.NURSE, password=GOOD)
    make_staff(Role.PRESCRIBER)
    answers = [
        SecondPersonForm({"mg": "1", "second": "nils", "password": tried}, by="ada", demo=False).errors["password"][0]
        for tried in ("guess", "guess", "guess", "guess", "guess", GOOD)
    ]

    assert all("is not this person's password" in one for one in answers[:5])
    assert "Too many" in answers[5]
