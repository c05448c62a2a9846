"""The clinician decides; going ahead against the criteria needs a reason, against an exclusion a second person too."""

from datetime import timedelta

import pytest
from tests.builders import AT
from tests.clinic.candidacy.conftest import ID, WELL

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.candidacy import decisions, standing
from openketamine.clinic.candidacy.models import Choice, Decision, Second
from openketamine.clinic.tasks.models import Task
from openketamine.evidence import protocols

pytestmark = pytest.mark.django_db
NOBODY = decisions.SecondPerson()
REASON = "hypertension treated, cardiologist agrees"


def decide(patient, choice=Choice.TREAT, reason=REASON, second=NOBODY, name=ID, at=AT):
    return decisions.decide(patient=patient, name=name, choice=choice, reason=reason, by="ada", at=at, second=second)


def test_without_anything_against_it_no_reason_is_needed(patient, tell):
    tell(**WELL)

    decision = decide(patient, reason="")
    assert (decision.summary, decision.overridden, decision.second_how) == ("include", [], "")
    assert Entry.objects.filter(action="candidacy decided").count() == 1


@pytest.mark.parametrize("facts", [{}, {**WELL, "takes_maoi": True}])
def test_a_caution_or_an_open_question_needs_a_reason(patient, tell, facts):
    tell(**facts)

    with pytest.raises(decisions.DecisionError, match="reason: is empty"):
        decide(patient, reason=" ")
    assert decide(patient).choice == "treat"


def test_an_exclusion_needs_a_second_person_on_site_until_the_clinic_says_otherwise(patient, tell):
    tell(**{**WELL, "stroke_or_tia": True})

    for second in (
        decisions.SecondPerson(),
        decisions.SecondPerson(Second.ALONE),
        decisions.SecondPerson(Second.ON_SITE, "ada"),
    ):
        with pytest.raises(decisions.DecisionError, match="second person"):
            decide(patient, second=second)
    decision = decide(patient, second=decisions.SecondPerson(Second.ON_SITE, "bea"))
    assert (decision.overridden, decision.second_how, decision.second) == (["stroke"], "on_site", "bea")


def test_alone_is_possible_where_the_clinic_allows_it_and_is_reviewed(patient, tell):
    tell(**{**WELL, "stroke_or_tia": True})
    standing.set_policy(ways=[Second.ALONE, Second.VIDEO], review_days=7, by="ada", at=AT)

    decision = decide(patient, second=decisions.SecondPerson(Second.ALONE))
    assert decision.review_on == AT.date() + timedelta(days=7)
    assert "made alone" in Task.objects.get().says
    decide(patient, second=decisions.SecondPerson(Second.VIDEO, "bea"))
    assert Task.objects.filter(says__contains="bea by video").count() == 1


@pytest.mark.parametrize(
    ("ways", "days", "words"), [([], 7, "none is chosen"), ([Second.ALONE], None, "days: is empty")]
)
def test_a_policy_that_says_nothing_is_refused(db, ways, days, words):
    with pytest.raises(standing.StandingError, match=words):
        standing.set_policy(ways=ways, review_days=days, by="ada", at=AT)


def test_deciding_against_treatment_needs_nobody(patient, tell):
    tell(current_mania=True)

    assert decide(patient, Choice.NOT, reason="").summary == "absolute"


def test_evidence_from_hospitals_only_is_for_viewing(patient, tell):
    with pytest.raises(decisions.DecisionError, match="comes from hospitals"):
        decide(patient, name="migraine")
    assert decide(patient, Choice.NOT, name="migraine").protocol == "migraine"


def test_last_years_summary_is_computed_again_from_the_text_it_used(patient, tell, monkeypatch):
    tell(**{**WELL, "resting_systolic": 150.0})
    old = decide(patient)
    changed = protocols.protocol_text(ID).replace("threshold = 140", "threshold = 160")
    monkeypatch.setattr(decisions, "in_force", lambda _: protocols.parse_protocol(changed))
    monkeypatch.setattr(decisions, "text_in_force", lambda _: changed)
    new = decide(patient, at=AT + timedelta(days=365))

    assert (old.summary, new.summary) == ("relative", "include")
    assert decisions.recomputed(old).summary == "relative"
    assert decisions.recomputed(new).summary == "include"
    assert [[one.rule.id, one.outcome.value, one.message] for one in decisions.recomputed(old).results] == old.results


def test_an_age_is_counted_on_the_day_of_the_decision(patient, tell):
    tell(**WELL)
    old = decide(patient, at=AT)

    assert Decision.objects.get().facts["age_years"] == "1980-01-01"
    age = next(one for one in decisions.recomputed(old).results if one.rule.id == "age_adult")
    assert age.value == 46


def test_a_clinic_switches_an_indication_off_and_signs_a_text(db):
    with pytest.raises(standing.StandingError, match="reason: is empty"):
        standing.switch(name="ocd", is_on=False, reason="", by="ada", at=AT)
    standing.switch(name="ocd", is_on=False, reason="no OCD clinic here", by="ada", at=AT)
    standing.sign(name=ID, by="ada", at=AT)

    stands = {one.protocol.id: one for one in standing.standings()}
    assert (stands["ocd"].is_on, stands["ptsd"].is_on) == (False, True)
    assert "not signed" in stands["ocd"].set_by
    assert stands[ID].set_by == "signed for this clinic by ada, 2026-03-02"
    standing.switch(name="ocd", is_on=True, reason="", by="ada", at=AT)
    assert standing.standing("ocd").is_on


def test_a_signature_under_another_text_does_not_count(db, monkeypatch):
    standing.sign(name=ID, by="ada", at=AT)
    changed = protocols.protocol_text(ID).replace("threshold = 140", "threshold = 150")
    monkeypatch.setattr(standing, "protocol_text", lambda _: changed)

    assert "not signed" in standing.standing(ID).set_by
