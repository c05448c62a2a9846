"""Is it right for this person?

The clinic decides with the facts it has; a fact that nobody knows is asked for and never taken as fine.
The default protocol for racemic ketamine by vein in depression is shown; each clinic edits and signs its own.
"""

import pytest

PROTOCOL = "depression_iv_racemic"


def outcome(command, facts, rule):
    (answer,) = command("assess", {"facts": facts}, "--protocol", PROTOCOL)
    return next(one["outcome"] for one in answer["rules"] if one["id"] == rule)


@pytest.mark.parametrize(
    ("fact", "value", "rule", "result"),
    [
        ("age_years", 17, "age_adult", "absolute"),
        ("age_years", 18, "age_adult", "pass"),
        ("age_years", None, "age_adult", "ask"),
        ("failed_adequate_trials", 1, "failed_trials", "relative"),
        ("failed_adequate_trials", 2, "failed_trials", "pass"),
        ("failed_adequate_trials", None, "failed_trials", "ask"),
    ],
)
def test_a_fact_meets_a_rule_or_counts_against_it_or_is_asked_for(command, fact, value, rule, result):
    assert outcome(command, {fact: value}, rule) == result


def test_when_nothing_is_known_every_fact_is_asked_for_and_nothing_is_included(command):
    (answer,) = command("assess", {"facts": {}}, "--protocol", PROTOCOL)

    assert answer["summary"] == "ask"
    assert "allergy_to_ketamine" in answer["ask"]
    assert {"include"} & {one["outcome"] for one in answer["rules"]} == set()


def test_one_exclusion_criterion_outweighs_everything_that_is_met(command):
    facts = {"age_years": 45, "failed_adequate_trials": 3, "allergy_to_ketamine": True}
    (answer,) = command("assess", {"facts": facts}, "--protocol", PROTOCOL)

    assert answer["summary"] == "absolute"


def test_no_rule_gives_an_order(command):
    """Each says what was found; the decision is the clinician's and is signed with a reason."""
    (answer,) = command("assess", {"facts": {"age_years": 12}}, "--protocol", PROTOCOL)
    first_words = {one["message"].split()[0].lower() for one in answer["rules"] if one["message"]}

    assert first_words & {"stop", "give", "start", "increase", "reduce", "administer", "call", "treat"} == set()
