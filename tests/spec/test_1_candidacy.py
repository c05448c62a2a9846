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


@pytest.mark.parametrize(
    ("alt", "alp", "ggt", "result"),
    [
        (30, 80, 20, "normal"),
        (41, 80, 20, "raised"),
        (121, 80, 20, "above_three_times_the_limit"),
        (30, 80, None, None),
    ],
)
def test_liver_tests_are_held_against_the_laboratorys_own_limits_and_normal_needs_all_of_them(alt, alp, ggt, result):
    """The laboratory's upper limits here: ALT 40, ALP 120, GGT 60 U/L."""
    from openketamine.core.candidacy.laboratory import LaboratoryValue
    from openketamine.evidence.measured import liver

    given = {"alt": (alt, 40), "alp": (alp, 120), "ggt": (ggt, 60)}
    assert liver({code: LaboratoryValue(*pair) for code, pair in given.items() if pair[0] is not None}) == result


@pytest.mark.parametrize(
    ("code", "typed", "unit", "means"),
    [("bilirubin", 1.2, "mg/dL", 20.52), ("creatinine", 1, "mg/dL", 88.4), ("qtc", 0.43, "s", 430), ("body_weight", 154, "[lb_av]", 69.85)],
)  # fmt: skip
def test_a_number_in_another_unit_is_converted_and_what_was_typed_is_kept(code, typed, unit, means):
    from openketamine.evidence.measured import measured

    fact = next(one for one in measured() if one.code == code)
    assert fact.converted(typed, unit) == pytest.approx(means, abs=0.01)
