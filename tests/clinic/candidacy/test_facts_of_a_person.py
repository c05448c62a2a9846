"""Each fact carries its source and its day; nothing is known because nobody asked."""

from datetime import date, timedelta

import pytest
from tests.builders import AT, make_clinic, make_patient

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.candidacy import actions, screens
from openketamine.clinic.candidacy.known import known_facts
from openketamine.clinic.candidacy.models import FactRow, Listed, ListRow, Source
from openketamine.evidence.protocols import protocol

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def patient():
    make_clinic()
    return make_patient()


def tell(patient, on=TODAY, source=Source.PERSON, detail="", at=AT, **facts):
    known = actions.Known(source, on, detail)
    return actions.record_facts(patient=patient, facts=facts, known=known, by="nils", at=at)


def test_a_fact_carries_its_source_and_its_day(patient):
    assert tell(patient, date(2026, 2, 1), Source.RECORD, "letter of Dr Example", stroke_or_tia=False) == 1

    row = actions.rows_of(patient)["stroke_or_tia"]
    assert (row.value, row.source, row.source_detail, row.observed_on) == (
        False, "record", "letter of Dr Example", date(2026, 2, 1),
    )  # fmt: skip
    assert Entry.objects.get().detail == {"codes": ["stroke_or_tia"]}


def test_the_same_facts_again_write_nothing(patient):
    tell(patient, stroke_or_tia=False, age_years=40)

    assert tell(patient, at=AT + timedelta(days=1), stroke_or_tia=False, age_years=40) == 0
    assert Entry.objects.count() == 1


def test_no_is_not_zero(patient):
    tell(patient, value=False)

    assert tell(patient, value=0) == 1


def test_what_was_observed_last_counts_however_late_it_was_written_down(patient):
    tell(patient, date(2026, 3, 1), resting_systolic=150.0)
    tell(patient, date(2026, 1, 1), Source.IMPORTED, at=AT + timedelta(hours=1), resting_systolic=190.0)

    assert actions.facts_of(patient) == {"resting_systolic": 150.0}


def test_of_one_day_what_was_written_last_counts(patient):
    tell(patient, current_mania=False)
    tell(patient, current_mania=True)

    assert actions.facts_of(patient) == {"current_mania": True}


def test_a_row_from_before_days_were_kept_counts_from_when_it_was_written(patient):
    FactRow(patient=patient, code="current_mania", value=True, at=AT, by="nils").save()
    tell(patient, TODAY - timedelta(days=1), current_mania=False)

    assert actions.facts_of(patient) == {"current_mania": True}


def test_not_asked_asked_without_answer_and_none_known_are_three_things(patient):
    tell(patient, allergy_to_ketamine=None)
    known = actions.Known(Source.PERSON, TODAY)
    actions.list_item(patient=patient, kind=Listed.ALLERGY, known=known, by="nils", at=AT, none_known=True)

    assert actions.facts_of(patient) == {"allergy_to_ketamine": None}
    assert [(row.kind, row.none_known) for row in ListRow.objects.all()] == [("allergy", True)]
    assert not ListRow.objects.filter(kind=Listed.MEDICINE).exists()


def test_a_line_is_listed_once_and_needs_a_name(patient):
    known = actions.Known(Source.IMPORTED, TODAY, "Bundle 1")
    for _ in range(2):
        actions.list_item(patient=patient, kind=Listed.MEDICINE, known=known, by="nils", at=AT, name="lithium")

    assert ListRow.objects.count() == 1
    with pytest.raises(ValueError, match="name: write a name"):
        actions.list_item(patient=patient, kind=Listed.MEDICINE, known=known, by="nils", at=AT, name="")


def test_a_listed_medicine_answers_yes_and_never_no(patient):
    known = actions.Known(Source.PERSON, TODAY)
    actions.list_item(
        patient=patient, kind=Listed.MEDICINE, known=known, by="nils", at=AT, name="Lamotrigine 200 mg tablets"
    )
    actions.list_item(
        patient=patient, kind=Listed.MEDICINE, known=known, by="nils", at=AT, name="phenelzine", ended_on=TODAY
    )
    found = known_facts(patient, protocol("depression_iv_racemic"), TODAY)

    assert (found["takes_lamotrigine"].value, found["takes_lamotrigine"].source) == (
        True,
        "listed medicine: Lamotrigine 200 mg tablets",
    )
    assert not {"takes_maoi", "takes_stimulant"} & set(found)


@pytest.mark.parametrize(("instrument", "answers", "value"), [
    ("asq", {"1": 0, "2": 0, "3": 0, "4": 0}, "asq"), ("cssrs_screener", {"1": 0, "2": 0, "6": 0}, "c_ssrs"),
])  # fmt: skip
def test_the_asq_stands_in_for_the_c_ssrs(patient, instrument, answers, value):
    screens.record(patient=patient, instrument=instrument, answers=answers, by="nils", at=AT)

    assert known_facts(patient, protocol("ptsd"), TODAY)["suicide_screen"].value == value
