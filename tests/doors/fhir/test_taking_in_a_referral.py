"""A referral as a file: whose it is comes first, nothing is recorded twice, a bad file loses nothing."""

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff
from tests.doors.fhir import bundles

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.people import history
from openketamine.clinic.people.models import HistoryItem, Patient, PatientIdentifier, Role
from openketamine.clinic.ui import clock
from openketamine.doors.fhir.models import ReceivedBundle

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    make_clinic()
    client.force_login(make_staff(Role.FRONT_DESK))
    return client


def upload(client, content):
    return client.post(reverse("fhir:upload"), {"bundle": SimpleUploadedFile("referral.json", content)}, follow=True)


def take_in(client, content, **chosen):
    page = upload(client, content)
    digest = page.context["kept"].sha256
    return client.post(reverse("fhir:review", args=[digest]), chosen, follow=True)


def new(client, content, **more):
    return take_in(client, content, **{"whose": "new", "referred_for": "depression", **more})


def test_the_referral_page_leads_to_the_file(desk):
    assert reverse("fhir:upload") in desk.get(reverse("people:refer")).text


def test_a_new_person_is_recorded_with_source_who_and_when(desk):
    page = new(desk, bundles.referral())

    patient = Patient.objects.get()
    assert (patient.family_name, patient.source, patient.identifier) == ("Testperson000", "imported", "MR-0c3fe04d")
    assert "6 new" in page.text
    assert {(row.source, row.by, row.at) for row in patient.history.all()} == {("imported", "dora", AT)}
    assert "Testperson" not in str(list(Entry.objects.values()))


def test_the_same_file_again_records_nothing_and_names_the_same_person(desk):
    new(desk, bundles.referral())
    page = take_in(desk, bundles.referral(), whose=Patient.objects.get().reference)

    assert "0 new, 0 changed, 6 known" in page.text
    assert (Patient.objects.count(), HistoryItem.objects.count(), ReceivedBundle.objects.count()) == (1, 6, 1)


def test_a_changed_value_is_a_new_row_that_replaces_the_old_one(desk):
    new(desk, bundles.referral(bundles.weight(71.4)))
    take_in(desk, bundles.referral(bundles.weight(70.1)), whose=Patient.objects.get().reference)

    assert [(row.value, row.replaces_id is not None) for row in HistoryItem.objects.order_by("pk")] == [
        ("71.4", False), ("70.1", True),
    ]  # fmt: skip
    assert [row.value for row in history.standing_items(Patient.objects.get())] == ["70.1"]


def test_an_identifier_known_here_leaves_no_choice_of_another_person(desk):
    new(desk, bundles.referral())
    other = make_patient(given_name="Other", born_on=date(1979, 4, 17), family_name="Testperson000")

    assert take_in(desk, bundles.referral(bundles.weight()), whose=other.reference).status_code == 422
    assert other.history.count() == 0


def test_a_likely_duplicate_is_offered_and_nothing_is_preselected(desk):
    same = make_patient(given_name="Sinthia000 Maria000", family_name="Testperson000", born_on=date(1979, 4, 17))
    page = upload(desk, bundles.referral())

    assert same.reference in page.text
    assert "checked" not in page.text
    assert HistoryItem.objects.count() == 0

    take_in(desk, bundles.referral(), whose=same.reference)
    assert same.history.count() == 6
    assert PatientIdentifier.objects.filter(patient=same).count() == 2


def test_a_missing_birth_date_is_asked_and_loses_nothing_that_was_typed(desk):
    content = bundles.referral(person=bundles.patient(birthDate="1979"))
    page = new(desk, content)
    assert page.status_code == 422
    assert 'value="depression"' in page.text

    new(desk, content, born_on="1979-04-17")
    assert Patient.objects.get().born_on == date(1979, 4, 17)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"resourceType":"Bundle"}', b""])
def test_a_bad_file_is_one_message_and_nothing_is_kept(desk, content):
    page = upload(desk, content)

    assert page.status_code == 422
    assert page.text.count('class="errorlist"') == 1
    assert (Patient.objects.count(), ReceivedBundle.objects.count(), Entry.objects.count()) == (0, 0, 0)


def test_a_file_can_be_thrown_away_until_it_was_taken_in(desk):
    digest = upload(desk, bundles.referral()).context["kept"].sha256
    assert desk.post(reverse("fhir:throw-away", args=[digest])).status_code == 302
    assert ReceivedBundle.objects.count() == 0

    new(desk, bundles.referral())
    assert desk.post(reverse("fhir:throw-away", args=[digest])).status_code == 404


def test_the_front_desk_sees_counts_and_a_nurse_sees_what_it_says(desk):
    page = upload(desk, bundles.referral())
    assert "Hypertension" not in page.text

    desk.force_login(make_staff(Role.NURSE))
    assert "Hypertension" in upload(desk, bundles.referral()).text


def test_a_nurse_reads_other_records_on_the_patient_s_page(desk):
    new(desk, bundles.referral())
    desk.force_login(make_staff(Role.NURSE))
    patient = Patient.objects.get()
    page = desk.get(reverse("people:elsewhere", args=[patient.reference]))

    assert "Nobody here has checked it" in page.text
    assert "71.4 kg" in page.text
    assert (
        reverse("people:elsewhere", args=[patient.reference])
        in desk.get(reverse("chart:patient", args=[patient.reference])).text
    )


@pytest.fixture
def command(tmp_path, capsysbinary, monkeypatch):
    from openketamine.site import cli
    from openketamine.site.commands import import_fhir

    monkeypatch.setattr(import_fhir, "setup", lambda *_: None)
    file = tmp_path / "referral.json"
    file.write_bytes(bundles.referral())

    def run(*arguments):
        code = cli.run(["import-fhir", str(file), *arguments])
        out, err = capsysbinary.readouterr()
        return code, json.loads(out) if out else None, err.decode()

    return run


def test_the_command_says_what_would_be_taken_in(command):
    code, answer, _err = command()

    assert (code, answer["statements"], answer["patient"]) == (0, 6, None)
    assert {"what": "Procedure", "why": "not read here", "times": 2} in answer["not_understood"]
    assert Patient.objects.count() == 0


def test_the_command_takes_in_once(command):
    make_staff(Role.NURSE)
    _code, first, _err = command("--by", "nils", "--new-for", "depression")
    _code, again, _err = command("--by", "nils")

    assert (first["new"], again["new"], again["known"]) == (6, 0, 6)
    assert first["patient"] == again["patient"] == Patient.objects.get().reference


def test_the_command_asks_whose_record_it_is_in_one_line(command):
    make_staff(Role.NURSE)
    same = make_patient(given_name="Synthia000 Maria000", family_name="Testperson000", born_on=date(1979, 4, 17))
    for arguments, words in [
        (("--by", "nils"), same.reference),
        (("--by", "nobody"), "nobody of that name"),
        (("--by", "nils", "--patient", "0000000000"), "no patient"),
    ]:
        code, answer, err = command(*arguments)
        assert (code, answer, err.count("\n")) == (2, None, 1)
        assert words in err
