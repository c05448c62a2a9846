"""A page of the check before the start that was loaded earlier: it changes only what was changed on it, and is told anew."""

import pytest
from tests.clinic.journey.steps import answer, planned, seated, where

from openketamine.clinic.infusion import before
from openketamine.core.infusion.gate import Asks

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    return seated(nurse, patient)


def loaded(infusion):
    """Return the form as a browser has it once it is loaded: what stands, and what is chosen on it."""
    fields = {}
    for one in before.gate(infusion):
        fields[f"base_{one.id}"] = one.base
        if one.item.asks is Asks.ANSWER and one.answer != "not asked":
            fields[one.id] = one.answer
        if one.item.asks is Asks.NAME and one.said:
            fields[f"{one.id}_name"] = one.said
    return fields


def test_a_form_that_was_loaded_earlier_changes_only_what_was_changed_on_it(nurse, prescriber, infusion, now):
    answer(nurse, infusion)
    stale = loaded(infusion)
    prescriber.post("infusion:gate", infusion.reference, **{**loaded(infusion), "fasting": "no"})

    nurse.post("infusion:gate", infusion.reference, **{**stale, "sober": "no"})

    assert (where(infusion, "fasting").answer, where(infusion, "fasting").by) == ("no", "ada")
    assert (where(infusion, "sober").answer, where(infusion, "sober").by) == ("no", "nils")


def test_who_answers_what_somebody_else_answered_meanwhile_is_told_and_overwrites_nothing(
    nurse, prescriber, infusion, now
):
    stale = loaded(infusion)
    prescriber.post("infusion:gate", infusion.reference, **{**loaded(infusion), "fasting": "no"})

    refused = nurse.post("infusion:gate", infusion.reference, **{**stale, "fasting": "yes", "sober": "yes"})

    assert "Answered by somebody else while you were at it" in refused.text
    assert "no (ada)" in refused.text
    assert (where(infusion, "fasting").answer, where(infusion, "fasting").by) == ("no", "ada")
    assert where(infusion, "sober").answer == "yes"
    nurse.post("infusion:gate", infusion.reference, **{**loaded(infusion), "fasting": "yes"})
    assert (where(infusion, "fasting").answer, where(infusion, "fasting").by) == ("yes", "nils")


def test_the_check_is_told_anew_to_a_page_that_is_open(nurse, prescriber, infusion, now):
    prescriber.post("infusion:gate", infusion.reference, **{**loaded(infusion), "fasting": "no"})

    part = nurse.get("infusion:before", infusion.reference).text
    item = part.partition('id="gate-fasting"')[2].partition("</li>")[0]
    assert 'data-answer="no" data-by="ada"' in item
    assert 'value="no" checked' in item
