"""The shared page is released by a clinician; the patient signs and withdraws; nothing is signed on the chair."""

import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from tests.builders import AT, make_watch
from tests.clinic.candidacy.conftest import ID

from openketamine.clinic.candidacy import sharing
from openketamine.clinic.candidacy.models import Consent, Release
from openketamine.clinic.people import actions as people
from openketamine.evidence.leaflet import leaflet, page
from openketamine.evidence.protocols import protocol_ids

pytestmark = pytest.mark.django_db
POINTS = [point["id"] for point in page(ID)["consent"]]


@pytest.fixture
def released(patient):
    return sharing.release(patient=patient, name=ID, cost="400 a session", by="ada", at=AT, wall=AT)


def phone(release, act="sign", **fields):
    return Client().post(reverse(f"candidacy:{act}", args=[release.token]), fields)


def test_a_clinician_releases_the_page_and_the_patient_reads_it_without_signing_in(prescriber, patient):
    share = reverse("candidacy:share", args=[patient.reference, ID])
    assert "release it" in prescriber.get(share).text
    prescriber.post(share, {"cost": "400 a session"})
    release = Release.objects.get()
    text = Client().get(reverse("candidacy:leaflet", args=[release.token])).text

    assert all(words in text for words in ("In studies of people with", "off-label", "ECT", "400 a session", "placebo"))
    assert release.token in prescriber.get(share).text


@pytest.mark.parametrize("name", protocol_ids())
def test_no_page_speaks_of_one_persons_chance_level_or_date(name):
    about = page(name)
    text = " ".join(
        [
            *(line["says"] for line in about["studies"]),
            *(line["says"] for one in about["sections"] for line in one["lines"]),
        ]
    )

    assert about["studies"]
    assert not re.search(r"\byour (chance|probability|level|risk is)\b|ng/mL|mg/kg", text, re.IGNORECASE)


def test_every_point_is_agreed_to_one_by_one_and_what_was_ticked_stays(released):
    refused = phone(released, name="Testa Synthetic", agreed=POINTS[:3])

    assert refused.status_code == 422
    assert "Some points are not ticked" in refused.text
    assert refused.text.count(" checked>") == 3
    assert 'value="Testa Synthetic"' in refused.text
    assert "Name: is empty" in phone(released, name=" ", agreed=POINTS).text
    assert not Consent.objects.exists()


def test_no_point_is_ticked_beforehand(released):
    assert "checked>" not in Client().get(reverse("candidacy:leaflet", args=[released.token])).text


def test_the_patient_signs_on_a_phone_and_once(released, patient):
    phone(released, name="Testa Synthetic", agreed=POINTS)

    consent = Consent.objects.get()
    assert (consent.version, consent.device, consent.witness) == (leaflet().version, "phone", "")
    assert sharing.consent_in_force(patient) == consent
    assert sharing.is_current(consent)
    again = phone(released, name="Testa Synthetic", agreed=POINTS)
    assert (again.status_code, "You signed this on" in again.text, Consent.objects.count()) == (422, True, 1)


def test_on_a_tablet_the_member_of_staff_beside_it_is_named(released, prescriber):
    prescriber.post(reverse("candidacy:sign", args=[released.token]), {"name": "Testa Synthetic", "agreed": POINTS})

    assert (Consent.objects.get().device, Consent.objects.get().witness) == ("tablet", "ada")


def test_nothing_is_signed_between_taking_the_chair_and_going_home(released, patient):
    watch = make_watch(patient=patient)
    assert "between taking the chair and going home" in phone(released, name="Testa Synthetic", agreed=POINTS).text

    watch.ended_at = AT + timedelta(hours=3)
    watch.save()
    assert phone(released, name="Testa Synthetic", agreed=POINTS).status_code == 302


def test_a_withdrawal_holds_the_next_infusion_until_there_is_a_new_consent(released, patient):
    phone(released, name="Testa Synthetic", agreed=POINTS)
    phone(released, "withdraw", words="")
    phone(released, "withdraw", words="again")

    assert sharing.consent_in_force(patient) is None
    assert [finding.code for finding in people.open_findings(patient)] == ["consent_withdrawn"]
    again = sharing.release(patient=patient, name=ID, cost="", by="ada", at=AT, wall=AT)
    phone(again, name="Testa Synthetic", agreed=POINTS)
    assert list(people.open_findings(patient)) == []


def test_a_consent_may_be_withdrawn_on_the_chair(released, patient):
    phone(released, name="Testa Synthetic", agreed=POINTS)
    make_watch(patient=patient)
    phone(released, "withdraw", words="I want to stop")

    assert sharing.consent_in_force(patient) is None


def test_a_link_ends(released, now):
    now["at"] = AT + timedelta(days=15)

    assert "This link has ended" in phone(released, name="Testa Synthetic", agreed=POINTS).text
    assert "This link has ended" in Client().get(reverse("candidacy:leaflet", args=[released.token])).text
    phone(released, "withdraw")


def test_the_pdf_says_what_was_released_signed_and_withdrawn(released, prescriber, patient):
    def printed():
        response = prescriber.get(reverse("candidacy:pdf", args=[patient.reference, released.pk]))
        return " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(response.content)).pages)

    assert "Not signed" in printed()
    phone(released, name="Testa Synthetic", agreed=POINTS)
    phone(released, "withdraw")
    text = re.sub(r"\s+", " ", printed())
    assert all(
        words in text
        for words in ("Signed by Testa Synthetic", "Withdrawn 2026-03-02", "400 a session", "version 2026-11")
    )
