"""The criteria page: rule by rule, with value, threshold, source and who disagrees; unknown asked; nothing typed is lost."""

import re
import time

import pytest
from django.urls import reverse
from tests.builders import AT
from tests.clinic.candidacy.conftest import ID, WELL

from openketamine.clinic.candidacy import actions
from openketamine.clinic.candidacy.models import Decision, FactRow, ListRow
from openketamine.clinic.instruments import actions as instruments
from openketamine.evidence.protocols import protocol, protocol_ids

pytestmark = pytest.mark.django_db
HOW = {"known_source": "person", "known_detail": "", "known_on": ""}


def under(patient, name=ID):
    return reverse("candidacy:under", args=[patient.reference, name])


@pytest.mark.parametrize("name", protocol_ids())
def test_every_indication_has_its_page(prescriber, patient, name):
    text = prescriber.get(under(patient, name)).text

    assert protocol(name).title in text
    assert "not signed by your clinic" in text
    assert ("For viewing only" in text) == protocol(name).view_only


def test_nothing_is_preselected_and_there_is_no_button_for_all_negative(nurse, patient):
    for address in (under(patient), reverse("candidacy:answers", args=[patient.reference, ID])):
        text = nurse.get(address).text
        assert not re.search(r"<(input|option)[^>]* (checked|selected)", text)
        assert "all negative" not in text.lower()


def test_a_criterion_shows_value_threshold_source_grade_and_who_disagrees(nurse, patient, tell):
    tell(resting_systolic=190.0)
    text = nurse.get(under(patient)).text

    assert "exclusion criterion present: systolic pressure at rest above 180 mmHg" in text
    assert all(
        words in text
        for words in ("190 mmHg", "&gt; 180 mmHg", "swiss_ketamine_label", "a trial excluded from above 160")
    )
    assert "not yet checked by a clinician" in text


def test_answers_carry_the_source_and_the_day_that_were_chosen(nurse, patient):
    how = {"known_source": "record", "known_detail": "letter", "known_on": "2026-02-01"}
    nurse.post(under(patient), {"stroke_or_tia": "no", "resting_systolic": "122,5", "porphyria": "unknown", **how})

    rows = {row.code: (row.value, row.source, row.observed_on.isoformat()) for row in FactRow.objects.all()}
    assert rows == {
        "stroke_or_tia": (False, "record", "2026-02-01"), "resting_systolic": (122.5, "record", "2026-02-01"),
        "porphyria": (None, "record", "2026-02-01"),
    }  # fmt: skip
    assert "asked, not known" in nurse.get(under(patient)).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"resting_systolic": "12", **HOW}, "resting_systolic = 12 mm[Hg]: must be from 50 to 300 mm[Hg]"),
        ({"resting_systolic": "high", **HOW}, "resting_systolic = &#x27;high&#x27;: must be a number"),
        ({"stroke_or_tia": "no", **HOW, "known_source": ""}, "Choose how you know"),
        ({"stroke_or_tia": "no", **HOW, "known_on": "2026-03-03"}, "lies ahead of today"),
    ],
)
def test_an_answer_that_cannot_be_is_named_and_nothing_typed_is_lost(nurse, patient, typed, words):
    response = nurse.post(under(patient), typed)

    assert response.status_code == 422
    assert words in response.text
    assert all(
        f'value="{value}"' in response.text for name, value in typed.items() if value and name.startswith("resting")
    )
    assert not FactRow.objects.exists()


def test_a_blank_form_writes_nothing(nurse, patient):
    assert nurse.post(under(patient), {}).status_code == 302
    assert not FactRow.objects.exists()


def test_every_question_is_asked_with_what_is_known(nurse, patient, tell):
    tell(stroke_or_tia=False)
    address = reverse("candidacy:answers", args=[patient.reference, ID])
    text = nurse.get(address).text

    assert text.count("not asked") > 30
    assert "date of birth" in text
    nurse.post(address, {"stroke_or_tia": "yes", **HOW})
    assert actions.facts_of(patient)["stroke_or_tia"] is True


def test_a_questionnaire_fills_its_criterion(nurse, patient):
    instruments.answer(
        patient=patient, instrument="phq9", answers={str(item): 2 for item in range(1, 10)}, by="nils", at=AT
    )

    text = nurse.get(under(patient)).text
    assert "questionnaire phq9" in text
    assert "18 points" in text


def test_an_answer_that_its_question_no_longer_takes_is_asked_again(nurse, patient, tell):
    tell(hepatic_impairment="purple")

    assert nurse.get(under(patient)).status_code == 200


def test_lists_know_not_asked_from_none_known(nurse, patient):
    address = reverse("candidacy:lists", args=[patient.reference])
    assert nurse.get(address).text.count("Not asked.") == 3
    assert nurse.post(address, {"kind": "allergy", **HOW}).status_code == 422
    nurse.post(address, {"kind": "allergy", "none_known": "on", **HOW})
    nurse.post(address, {"kind": "medicine", "name": "lithium", "detail": "600 mg", **HOW})

    assert ListRow.objects.count() == 2
    text = nurse.get(address).text
    assert (text.count("Not asked."), "asked: none known" in text, "lithium" in text) == (1, True, True)


def test_a_prescriber_decides_and_a_nurse_does_not(prescriber, nurse, patient, tell):
    tell(**WELL)
    address = reverse("candidacy:decide", args=[patient.reference, ID])

    assert nurse.post(address, {"choice": "treat"}).status_code == 403
    assert "none is chosen" in prescriber.post(address, {}).text
    prescriber.post(address, {"choice": "treat"})
    assert Decision.objects.get().summary == "include"
    page = prescriber.get(reverse("candidacy:decision", args=[patient.reference, Decision.objects.get().pk])).text
    assert "the same, rule by rule" in page


def test_going_ahead_against_an_exclusion_takes_a_second_password(prescriber, second, patient, tell):
    tell(**{**WELL, "stroke_or_tia": True})
    address = reverse("candidacy:decide", args=[patient.reference, ID])
    typed = {"choice": "treat", "reason": "old event, neurologist agrees", "second_how": "on_site", "second": "bea"}

    refused = prescriber.post(address, {**typed, "second_password": "wrong"})
    assert (refused.status_code, "do not fit" in refused.text, typed["reason"] in refused.text) == (422, True, True)
    prescriber.post(address, {**typed, "second_password": "a long enough phrase"})
    assert "stroke (second person on site: bea)" in prescriber.get(under(patient)).text


def test_the_clinic_page_signs_switches_and_sets_the_policy(prescriber, patient):
    stand, page = reverse("candidacy:stand", args=["ocd"]), reverse("candidacy:protocols")
    assert "reason: is empty" in prescriber.post(stand, {"act": "off"}, follow=True).text
    prescriber.post(stand, {"act": "off", "reason": "not here"})
    prescriber.post(reverse("candidacy:stand", args=[ID]), {"act": "sign"})
    prescriber.post(reverse("candidacy:policy"), {"ways": ["alone"], "review_days": "5"})
    text = prescriber.get(page).text

    assert all(
        words in text for words in ("Switched off", "signed for this clinic by ada", "alone, with review (5 days)")
    )
    assert "as/ocd/" not in prescriber.get(under(patient)).text
    assert (
        "must be from 1 to 365"
        in prescriber.post(reverse("candidacy:policy"), {"ways": ["alone"], "review_days": "x"}, follow=True).text
    )


def test_an_indication_that_is_not_there_is_not_found(prescriber, patient):
    assert prescriber.get(under(patient, "weather")).status_code == 404


@pytest.mark.parametrize("told", [{}, WELL], ids=["nothing known", "everything known"])
def test_the_page_answers_within_150_ms_of_server_time_with_the_whole_protocol(
    prescriber, patient, tell, told, pytestconfig
):
    """Server time is the processor time of an answer, database in the same process included; a machine that others use too cannot blur it.

    The time on the wall is printed beside it.
    """
    if told:
        tell(**told)
    prescriber.get(under(patient))
    server, wall = [], []
    for _ in range(5):
        begun = time.process_time(), time.perf_counter()
        prescriber.get(under(patient))
        server.append(time.process_time() - begun[0])
        wall.append(time.perf_counter() - begun[1])
    words = (
        f"candidacy page, best of 5: {1000 * min(server):.0f} ms of processor, {1000 * min(wall):.0f} ms on the wall"
    )
    pytestconfig.get_terminal_writer().line(words)

    assert min(server) < 0.15


def test_a_medicine_shows_what_it_does_with_ketamine(nurse, patient):
    address = reverse("candidacy:lists", args=[patient.reference])
    nurse.post(address, {"kind": "medicine", "name": "tranylcypromine", **HOW})

    assert "With ketamine: blood pressure may rise further" in nurse.get(address).text
    assert "listed medicine: tranylcypromine" in nurse.get(under(patient)).text
