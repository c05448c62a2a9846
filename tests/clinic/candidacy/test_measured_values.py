"""Electrocardiogram and laboratory as values: as typed, with unit, source and day; what expires; what a clinic has set for it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.clinic.candidacy.conftest import ID, TODAY, WELL

from openketamine.clinic.candidacy import criteria, known, validity
from openketamine.clinic.candidacy.models import Examined, FactRow, Validity
from openketamine.clinic.ui import clock

HOW = {"known_source": "record", "known_detail": "laboratory of the referrer", "known_on": ""}


def address(patient):
    return reverse("candidacy:work-up", args=[patient.reference])


def typed(**values):
    return {**values, **HOW}


def test_a_value_is_kept_as_typed_with_its_unit_and_converted(nurse, patient):
    nurse.post(
        address(patient), typed(bilirubin="1.2", bilirubin_unit="mg/dL", qtc="0.43", qtc_unit="s", body_weight="154 lb")
    )

    rows = {row.code: (round(row.value, 2), row.typed, row.typed_unit, row.source) for row in FactRow.objects.all()}
    assert rows == {
        "bilirubin": (20.52, "1.2", "mg/dL", "record"), "qtc": (430.0, "0.43", "s", "record"),
        "body_weight": (69.85, "154", "[lb_av]", "record"),
    }  # fmt: skip
    page = nurse.get(address(patient)).text
    assert all(words in page for words in ("20.52 µmol/L", "1.2 mg/dL", "laboratory of the referrer"))


def test_nothing_is_lost_when_one_value_cannot_be(nurse, patient):
    response = nurse.post(address(patient), typed(alt="35", bilirubin="900", bilirubin_unit="mg/dL", tsh="low"))

    assert response.status_code == 422
    assert "bilirubin = 900 mg/dL: must be from 0 to 87.7 mg/dL" in response.text
    assert all(f'value="{one}"' in response.text for one in ("35", "900", "low"))
    assert '<option value="mg/dL" selected>' in response.text
    assert not FactRow.objects.exists()


def test_an_unusual_value_is_asked_about_once_more(nurse, patient):
    asked = nurse.post(address(patient), typed(qtc="610"))
    assert (asked.status_code, "610 ms is unusual (mostly 330 to 520 ms)" in asked.text) == (422, True)

    nurse.post(address(patient), typed(qtc="610", meant="on"))
    assert FactRow.objects.get().value == 610.0


def test_pressure_may_be_written_in_kilopascals(nurse, patient):
    nurse.post(
        reverse("candidacy:under", args=[patient.reference, ID]),
        typed(resting_systolic="16", resting_systolic_unit="kPa"),
    )

    row = FactRow.objects.get()
    assert (round(row.value), row.typed, row.typed_unit) == (120, "16", "kPa")
    assert "typed 16 kPa" in nurse.get(reverse("candidacy:answers", args=[patient.reference, ID])).text


def liver(tell, on=TODAY, limit_on=TODAY, **values):
    tell(on=on, **values)
    tell(on=limit_on, alt_upper_limit=40.0, alp_upper_limit=120.0, ggt_upper_limit=60.0)


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"alt": 30.0, "alp": 80.0, "ggt": 20.0}, "pass"), ({"alt": 30.0}, "ask"), ({"alt": 60.0}, "relative"), ({"alt": 130.0}, "relative"),
    ],
)  # fmt: skip
def test_laboratory_values_answer_the_question_about_the_liver(patient, tell, values, outcome):
    tell(**{code: value for code, value in WELL.items() if code != "liver_tests"})
    liver(tell, **values)

    results = {one.rule.id: one for one in criteria.page(patient, ID, clock.now()).assessment.results}
    assert results["liver_tests_read"].outcome.value == outcome


def test_a_limit_of_another_day_is_not_the_limit_of_this_value(patient, tell):
    liver(tell, limit_on=TODAY - timedelta(days=1), alt=130.0)

    assert known.laboratory_values(known.rows_of(patient)) == {}


def test_until_a_clinic_sets_it_nothing_expires_and_the_page_says_so(nurse, patient, tell):
    tell(on=TODAY - timedelta(days=4000), qtc=420.0)

    assert [one.trouble(TODAY) for one in validity.of(patient)] == ["", "", "", "", ""]
    assert nurse.get(address(patient)).text.count("no validity set by your clinic") == 5


def test_a_clinic_sets_a_validity_with_its_reason(prescriber, nurse, patient, tell):
    tell(on=TODAY - timedelta(days=40), qtc=420.0)
    page, setting = reverse("candidacy:protocols"), reverse("candidacy:validity")

    assert nurse.post(setting, {"kind": "ecg", "days": "30", "reason": "ours"}).status_code == 403
    for wrong, words in (
        ({"kind": "ecg", "days": "x", "reason": "ours"}, "days = x: must be from 1 to"),
        ({"kind": "ecg", "days": "30"}, "reason: is empty"),
        ({"days": "30", "reason": "ours"}, "is not chosen"),
    ):
        assert words in prescriber.post(setting, wrong, follow=True).text
    prescriber.post(setting, {"kind": "ecg", "days": "30", "reason": "house rule 7"})

    assert "house rule 7" in prescriber.get(page).text
    found = {one.kind: one for one in validity.of(patient)}
    assert found[Examined.ELECTROCARDIOGRAM].trouble(TODAY - timedelta(days=10)) == ""
    assert "electrocardiogram of" in found[Examined.ELECTROCARDIOGRAM].trouble(TODAY)
    prescriber.post(setting, {"kind": "ecg", "days": "", "reason": "taken back"})
    assert (validity.in_force(), Validity.objects.count()) == ({}, 2)


def test_what_was_never_recorded_is_missing_once_a_validity_is_set(patient):
    validity.set_validity(kind=Examined.LABORATORY, days=90, reason="house rule", by="ada", at=clock.now())

    found = {one.kind: one for one in validity.of(patient)}
    assert found[Examined.LABORATORY].trouble(TODAY) == "laboratory: none is recorded"
