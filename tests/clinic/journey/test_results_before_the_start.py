"""Pregnancy test and urine drug screen before the start: looked up in the record, held against the clinic's own interval."""

from datetime import date, timedelta

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import GATE, go_to, phase, planned, seated, started

from openketamine.clinic.candidacy import actions, validity
from openketamine.clinic.candidacy.models import Examined, FactRow, Source
from openketamine.clinic.infusion import before
from openketamine.clinic.plan import standing
from openketamine.clinic.recovery.record import record
from openketamine.core.infusion.gate import InDate, Stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    return seated(nurse, patient)


def kept(patient, *, days_ago, source=Source.MEASURED, **facts):
    on = date(2026, 3, 2) - timedelta(days=days_ago)
    actions.record_facts(patient=patient, facts=facts, known=actions.Known(source, on), by="nora", at=AT)


def counts_for(days, kind=Examined.PREGNANCY):
    validity.set_validity(kind=kind, days=days, reason="house rule", by="ada", at=AT - timedelta(days=1))


def item(infusion, name="pregnancy"):
    return next(one for one in before.gate(infusion) if one.id == name)


def test_without_an_interval_it_says_so_beside_the_last_result_and_asks(nurse, infusion, patient):
    kept(patient, days_ago=10, pregnant=False)

    assert item(infusion).said == "negative, 2026-02-20, 10 days ago; no interval set by your clinic"
    assert item(infusion).stand is Stand.NOT_ASKED
    nurse.post("infusion:gate", infusion.reference, pregnancy="yes")
    assert (item(infusion).stand, item(infusion).by) == (Stand.DONE, "nils")


def test_nothing_recorded_and_no_interval_is_said_and_asked(infusion):
    assert item(infusion).said == "none recorded; no interval set by your clinic"
    assert item(infusion, "drug_screen").said == "none recorded; no interval set by your clinic"


def test_a_result_in_date_answers_the_item_and_nobody_is_asked(nurse, infusion, patient):
    counts_for(14)
    kept(patient, days_ago=10, pregnant=False)

    assert item(infusion).said == "negative, 2026-02-20, 10 days ago; in date until 2026-03-06"
    assert (item(infusion).stand, item(infusion).by) == (Stand.DONE, "nora")
    nurse.post("infusion:gate", infusion.reference, **{**GATE, "pregnancy": ""})
    assert phase(nurse, infusion) == "checked"


def test_one_that_is_due_blocks_whatever_is_ticked_until_a_result_of_today_is_recorded_beside_it(
    nurse, infusion, patient, now
):
    counts_for(7)
    kept(patient, days_ago=10, pregnant=False)
    nurse.post("infusion:gate", infusion.reference, **GATE)

    assert item(infusion).said == "negative, 2026-02-20, 10 days ago; due: was valid until 2026-02-27"
    assert item(infusion).stand is Stand.BLOCKS
    assert phase(nurse, infusion) == "arrived"
    assert "a prescriber&#x27;s reason is needed, or a result of today" in nurse.get("infusion:chair", infusion.reference).text  # fmt: skip

    nurse.post("infusion:gate", infusion.reference, result_pregnancy="false")

    assert item(infusion).said == "negative, 2026-03-02, today; in date until 2026-03-09"
    assert phase(nurse, infusion) == "checked"
    row = FactRow.objects.get(source_detail__contains=infusion.reference)
    assert (row.code, row.value, row.source, row.observed_on, row.by) == ("pregnant", False, "measured", AT.date(), "nils")  # fmt: skip


def test_none_recorded_is_opened_by_a_prescribers_reason_alone_which_is_printed(nurse, prescriber, infusion):
    counts_for(7)
    nurse.post("infusion:gate", infusion.reference, note_pregnancy="says no")
    assert (item(infusion).said, item(infusion).stand) == ("none recorded", Stand.BLOCKS)

    prescriber.post("infusion:gate", infusion.reference, note_pregnancy="seen by ultrasound")
    assert item(infusion).stand is Stand.REASON_GIVEN
    assert "none recorded; reason: seen by ultrasound; ada" in [note for _question, _answer, note in record(infusion)["before"]]  # fmt: skip


def test_a_positive_result_of_today_blocks_and_reaches_candidacy_and_one_typed_wrongly_is_put_right(
    nurse, infusion, now
):
    nurse.post("infusion:gate", infusion.reference, result_pregnancy="true")
    assert (item(infusion).said, item(infusion).stand) == ("positive, 2026-03-02, today; no interval set by your clinic", Stand.BLOCKS)  # fmt: skip

    go_to(now, 1)
    nurse.post("infusion:gate", infusion.reference, result_pregnancy="false")
    assert (item(infusion).said, item(infusion).stand) == ("negative, 2026-03-02, today", Stand.DONE)
    assert FactRow.objects.filter(code="pregnant").count() == 2


def test_what_the_person_says_is_no_test(infusion, patient):
    counts_for(14)
    kept(patient, days_ago=1, source=Source.PERSON, pregnant=False)
    assert item(infusion).looked.stands is InDate.NONE_RECORDED


def test_not_applicable_is_said_from_the_record_with_day_and_source(nurse, infusion, patient):
    counts_for(14)
    kept(patient, days_ago=30, source=Source.PERSON, pregnancy_or_breastfeeding_possible=False)

    assert item(infusion).said == "not applicable: recorded on 2026-01-31 as not possible (the person said so)"
    assert (item(infusion).stand, item(infusion).choices) == (Stand.DONE, [])
    shown = [one for one in standing.validities(patient, AT.date()) if one.says.startswith("Pregnancy test")]
    assert [(one.says, one.against) for one in shown] == [("Pregnancy test: not applicable: recorded as not possible", False)]  # fmt: skip


def test_a_drug_screen_informs_and_holds_nothing(nurse, infusion, patient):
    counts_for(30, Examined.DRUG_SCREEN)
    kept(patient, days_ago=31, urine_drug_screen="negative")
    assert item(infusion, "drug_screen").said == "negative, 2026-01-30, 31 days ago; due: was valid until 2026-03-01"
    assert item(infusion, "drug_screen").stand is Stand.INFORMS

    nurse.post("infusion:gate", infusion.reference, result_drug_screen='"explained_by_prescription"')
    assert (
        item(infusion, "drug_screen").said == "explained by prescription, 2026-03-02, today; in date until 2026-04-01"
    )
    assert item(infusion, "drug_screen").stand is Stand.DONE


def test_a_result_or_an_interval_of_later_changes_nothing_in_a_session_that_was_started(nurse, infusion, patient, now):
    started(nurse, infusion)
    stood = record(infusion)["before"]
    go_to(now, 20)
    validity.set_validity(kind=Examined.PREGNANCY, days=7, reason="house rule", by="ada", at=now["at"])
    refused = nurse.post("infusion:gate", infusion.reference, result_pregnancy="true")

    assert refused.status_code == 409
    assert not FactRow.objects.filter(code="pregnant").exists()
    actions.record_facts(patient=patient, facts={"pregnant": True}, known=actions.Known(Source.MEASURED, AT.date()), by="nora", at=now["at"])  # fmt: skip
    assert record(infusion)["before"] == stood


def test_something_that_is_no_result_is_not_recorded(nurse, infusion):
    nurse.post("infusion:gate", infusion.reference, result_pregnancy="maybe", result_drug_screen='"clean"')
    assert not FactRow.objects.exists()
