"""Words whose licence does not let us ship them: a published pack unchanged, or the clinic's own; until then score entry."""

from dataclasses import replace

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.instruments import actions
from openketamine.clinic.instruments.models import Answers, LicensedWords, WordSource
from openketamine.clinic.people.models import Role
from openketamine.core.instruments.questionnaire import TextSource
from openketamine.evidence.load import EvidenceError

pytestmark = pytest.mark.django_db
WORDS = {str(item): f"licensed words {item}" for item in range(1, 5)}


def load(source=WordSource.LOCAL, words=WORDS, instrument="icsi", licence="letter of 2026-01-02"):
    return actions.load_words(instrument=instrument, source=source, words=words, licence=licence, by="otto", at=AT)


def test_without_words_only_the_score_is_entered():
    assert actions.in_words("icsi").text is TextSource.NONE
    assert actions.in_words("phq9").text is TextSource.BUNDLED


def test_a_clinic_loads_the_words_that_it_holds_a_licence_for():
    load()

    found = actions.in_words("icsi")
    assert (found.text, found.items[0].words) == (TextSource.LOCAL, "licensed words 1")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"instrument": "phq9"}, "come with the program"),
        ({"licence": " "}, "licence: is empty"),
        ({"source": WordSource.PACK}, "not the published one"),
        ({"words": {"1": "only one"}}, "exactly these items"),
    ],
)
def test_words_that_may_not_be_loaded_are_refused(changes, words):
    with pytest.raises((actions.LicenceError, EvidenceError), match=words):
        load(**changes)
    assert not LicensedWords.objects.exists()


def test_an_owner_loads_words_and_everybody_sees_the_table(client):
    make_clinic()
    client.force_login(make_staff(Role.OWNER))

    page = client.get(reverse("instruments:licences"))
    assert "MADRS" in page.text
    assert "Royal College of Psychiatrists" in page.text
    empty = client.post(reverse("instruments:words", args=["icsi"]), {"licence": "", "w_1": "typed"})
    assert (empty.status_code, 'value="typed"' in empty.text) == (422, True)
    fields = {"licence": "letter", **{f"w_{item}": text for item, text in WORDS.items()}}
    assert client.post(reverse("instruments:words", args=["icsi"]), fields).status_code == 302
    assert "local" in client.get(reverse("instruments:licences")).text
    assert client.get(reverse("instruments:words", args=["moca"])).status_code == 404


def test_a_nurse_loads_none(client):
    make_clinic()
    client.force_login(make_staff(Role.NURSE))

    assert client.get(reverse("instruments:words", args=["icsi"])).status_code == 403


def test_a_total_is_entered_and_one_out_of_range_keeps_what_was_typed(client):
    make_clinic()
    client.force_login(make_staff(Role.NURSE))
    patient = make_patient()
    address = reverse("followup:answer", args=[patient.reference, "madrs"])

    refused = client.post(address, {"q_total": "61"})
    assert (refused.status_code, "must be from 0 to 60" in refused.text, 'value="61"' in refused.text) == (
        422,
        True,
        True,
    )
    client.post(address, {"q_total": "31"})
    assert [(row.score, row.band) for row in Answers.objects.all()] == [(31, "moderate")]


def sent(raw):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return {"file": SimpleUploadedFile("pack.json", raw), "licence": "letter"}


def test_a_published_pack_is_loaded_from_a_page_unchanged(client, monkeypatch):
    import json

    make_clinic()
    client.force_login(make_staff(Role.OWNER))
    address = reverse("instruments:pack")
    assert address in client.get(reverse("instruments:licences")).text
    raw = json.dumps({"instrument": "icsi", "words": WORDS}).encode()
    refused = client.post(address, sent(raw))
    assert (refused.status_code, "not the published one" in refused.text, 'value="letter"' in refused.text) == (422, True, True)  # fmt: skip

    asks = actions.questionnaire("icsi")
    licence = replace(asks.licence, pack_sha256=actions.words_sha256(WORDS))
    monkeypatch.setattr(actions, "questionnaire", lambda _name: replace(asks, licence=licence))
    assert client.post(address, sent(raw)).status_code == 302
    assert LicensedWords.objects.get().source == WordSource.PACK


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xff", "is not a pack"), (b"[]", "is not a pack"), (b'{"instrument": "x", "words": {}}', "is no questionnaire"),
        (b'{"instrument": "icsi", "words": {"1": 2}}', "must be text by item"), (b"x" * 200_001, "no questionnaire is that long"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_pack_says_so(client, raw, words):
    make_clinic()
    client.force_login(make_staff(Role.OWNER))
    response = client.post(reverse("instruments:pack"), sent(raw))
    assert (response.status_code, words in response.text) == (422, True)
    assert not LicensedWords.objects.exists()
