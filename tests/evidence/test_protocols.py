"""The protocol that ships: its rules, their worked examples, its numbers, and what a text must not say."""

import pytest

from openketamine.core.candidacy.assess import Summary, assess
from openketamine.evidence import load, protocols

ID = "depression_iv_racemic"
TEXT = protocols.protocol_text(ID)
PROTOCOL = protocols.protocol(ID)
NO = {fact.code: False for fact in PROTOCOL.facts if fact.kind == "boolean"}
WELL = {
    **NO, "has_capacity": True, "age_years": 40, "diagnosis": "mdd_without_psychosis", "failed_adequate_trials": 3,
    "episode_weeks": 30, "severity_scale": "phq9", "phq9_total": 19, "ymrs_total": 2, "moca_total": 28, "resting_systolic": 122,
    "resting_diastolic": 78, "hepatic_impairment": "none", "benzodiazepine_mg_per_day": 0, "icsi_total": 1, "ecg": "nothing_of_note",
    "liver_tests": "normal", "urine_drug_screen": "negative", "suicide_screen": "asq",
}  # fmt: skip


def weights(**changes):
    results = assess(PROTOCOL.rules, {**WELL, **changes}).results
    return {result.rule.id: result.outcome.value for result in results if result.outcome != "pass"}


def test_every_worked_example_holds():
    assert protocols.failed_examples(PROTOCOL) == []
    assert protocols.checked(ID) is PROTOCOL


def test_a_person_without_any_exclusion_is_included():
    assert assess(PROTOCOL.rules, WELL).summary is Summary.INCLUDE


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"age_years": 17}, {"age_adult": "absolute"}),
        ({"age_years": 65}, {"age_older": "relative"}),
        ({"resting_systolic": 141}, {"systolic_raised": "relative"}),
        ({"resting_systolic": 181}, {"systolic_too_high": "absolute", "systolic_raised": "relative"}),
        ({"resting_diastolic": 101}, {"diastolic_too_high": "absolute", "diastolic_raised": "relative"}),
        ({"coronary_event_ever": True}, {"coronary_event": "ask"}),
        ({"coronary_event_ever": True, "months_since_coronary_event": 11}, {"coronary_event": "absolute"}),
        ({"coronary_event_ever": True, "months_since_coronary_event": 12}, {}),
        ({"pregnancy_or_breastfeeding_possible": True, "pregnant": True}, {"pregnancy": "absolute"}),
        ({"severity_scale": "madrs", "madrs_total": 20}, {"severity_madrs": "relative"}),
        ({"phq9_total": 14}, {"severity_phq9": "relative"}),
        ({"hepatic_impairment": "moderate"}, {"liver_moderate": "relative"}),
        ({"hepatic_impairment": "severe"}, {"liver_severe": "absolute"}),
        ({"benzodiazepine_mg_per_day": 8.5}, {"benzodiazepine": "relative"}),
        ({"icsi_total": 6}, {"bladder": "relative"}),
        ({"has_capacity": False}, {"capacity": "absolute"}),
        (
            {"diagnosis": "bipolar_depression"},
            {"diagnosis_in_scope": "relative", "bipolar": "relative", "bipolar_mood_stabiliser": "relative"},
        ),
    ],
)
def test_one_fact_changes_exactly_its_own_rules(changes, found):
    assert weights(**changes) == found


def test_no_fact_known_asks_every_fact_that_does_not_depend_on_another():
    found = assess(PROTOCOL.rules, {})

    assert found.summary is Summary.ASK
    assert {result.outcome.value for result in found.results} == {"ask"}
    dependent = {"madrs_total", "phq9_total", "months_since_coronary_event", "takes_mood_stabiliser"}
    dependent |= {"pregnant", "breastfeeding", "pre_eclampsia"}
    assert {fact.code for fact in PROTOCOL.facts} - set(found.ask) == dependent


def test_a_kept_text_is_read_like_the_shipped_one_and_named_by_its_hash():
    changed = TEXT.replace('threshold = 18\nunit = "a"', 'threshold = 21\nunit = "a"')
    kept = protocols.parse_protocol(changed)

    assert kept.sha256 == load.sha256(changed) != PROTOCOL.sha256
    assert weights(age_years=20) == {}
    assert assess(kept.rules, {**WELL, "age_years": 20}).summary is Summary.ABSOLUTE
    assert protocols.failed_examples(kept) == ["rule age_adult: example {'age_years': 18} says absolute, expected pass"]


def test_an_unknown_protocol_is_named():
    with pytest.raises(load.EvidenceError, match=r"'mine' is not one of anxiety, .*ptsd"):
        protocols.protocol("mine")


CITE = 'cite = { source = "fava2018", locus = "abstract: outpatients 18 to 70 years old", mark = "read", grade = "trial criterion", checked_by = "" }\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "', 'heading = "', "'title' is missing"),
        (CITE, "", "has no cite"),
        ('source = "fava2018"', 'source = "somebody"', "'somebody' is not in sources.toml"),
        ('says = "younger than 18', 'says = "Stop below 18', "begins with an order verb"),
        ('question = "How old', 'question = "Give the age: How old', "begins with an order verb"),
        ('says = "Guideline: single', 'says = "Give a single', "begins with an order verb"),
        ('tier = "established"', 'tier = "proven"', "'proven' is not a valid Tier"),
        ('side = "against"', 'side = "perhaps"', "'perhaps' is not a valid Side"),
        ('fact = "age_years"\ntest = ">="', 'fact = "years"\ntest = ">="', "age_adult: 'years' is not a fact"),
        ('test = ">="', 'test = "is"', "is does not suit a number"),
        ('test = ">="', 'test = "=="', "'==' is not a valid Comparator"),
        ('unit = "a"\nweight', 'unit = "mo"\nweight', "threshold in 'mo', fact age_years in 'a'"),
        ('role = "inclusion"', 'role = "wish"', "'wish' is not a valid Role"),
        ('kind = "boolean"', 'kind = "mood"', "'mood' is not a valid Kind"),
        ('outcome = "pass"', 'outcome = "fine"', "'fine' is not a valid Outcome"),
        ('id = "diagnosis_in_scope"', 'id = "age_adult"', "age_adult given twice"),
        ('code = "diagnosis"', 'code = "age_years"', "age_years given twice"),
        ('fact = "porphyria"', 'fact = "takes_maoi"', "no rule uses porphyria"),
        ('id = "depression_iv_racemic"', 'id = "depression_iv_racemic"\nfact = 5', "protocol: "),
        ('include = ["adult"', 'again = 4\ninclude = ["adult"', "again = 4: has no cite"),
    ],
)
def test_a_text_that_does_not_say_what_it_must_is_refused(old, new, words):
    assert old in TEXT

    with pytest.raises(load.EvidenceError, match=words):
        protocols.parse_protocol(TEXT.replace(old, new, 1))


def test_a_part_of_the_wrong_shape_is_refused():
    with pytest.raises(load.EvidenceError, match=r"protocols/x\.toml: "):
        protocols.parse_protocol('id = "x"\nfact = []\nrule = ["y"]\n')


def test_a_rule_without_its_three_kinds_of_example_is_a_fault(monkeypatch):
    lacking = protocols.parse_protocol(TEXT.replace("  { facts = { age_years = 0 }, outcome = \"absolute\" },\n", "").replace(
        "  { facts = { age_years = 17 }, outcome = \"absolute\" },\n", "  { facts = { age_years = -1 }, outcome = \"ask\" },\n"))  # fmt: skip

    assert protocols.failed_examples(lacking) == [
        "rule age_adult: no worked example of absolute",
        "rule age_adult: example {'age_years': -1}: age_years = -1: must be from 0 to 120 a",
    ]
    monkeypatch.setattr(protocols, "protocol", lambda _: lacking)
    with pytest.raises(load.EvidenceError, match="no worked example of absolute"):
        protocols.checked(ID)


def test_these_indications_ship_and_say_how_good_their_evidence_is():
    tiers = {name: protocols.protocol(name).evidence.tier.value for name in protocols.protocol_ids()}

    assert tiers == {
        "depression_iv_racemic": "established", "depression_suicidal": "limited", "bipolar_depression": "weak",
        "anxiety": "experimental", "ocd": "experimental", "ptsd": "experimental", "crps": "limited", "chronic_pain": "weak",
        "migraine": "weak",
    }  # fmt: skip


@pytest.mark.parametrize("name", protocols.protocol_ids())
def test_every_protocol_holds_its_worked_examples(name):
    assert protocols.failed_examples(protocols.protocol(name)) == []


@pytest.mark.parametrize("name", protocols.protocol_ids())
def test_every_protocol_asks_about_the_body(name):
    asked = {fact.code for fact in protocols.protocol(name).facts}

    assert {
        "allergy_to_ketamine",
        "stroke_or_tia",
        "resting_systolic",
        "pregnant",
        "age_years",
        "current_psychosis",
    } <= asked


def test_what_was_studied_in_hospital_only_is_for_viewing():
    viewed = {name for name in protocols.protocol_ids() if protocols.protocol(name).view_only}

    assert viewed == {"depression_suicidal", "migraine"}


@pytest.mark.parametrize("name", ["ptsd", "ocd", "crps", "depression_iv_racemic", "bipolar_depression"])
def test_where_studies_conflict_both_sides_are_there(name):
    assert {trial.side.value for trial in protocols.protocol(name).evidence.trials} == {"for", "against"}


def test_the_route_and_setting_of_the_evidence_stand_beside_ours():
    found = protocols.protocol("anxiety")

    assert (found.route, found.setting, found.evidence.route, found.evidence.setting) == (
        "iv", "outpatient", "sc and iv", "outpatient",
    )  # fmt: skip


def test_rules_say_where_other_sources_disagree():
    rules = {rule.id: [one.says for one in rule.disagrees] for rule in PROTOCOL.rules}

    assert rules["systolic_too_high"] == [
        "a trial excluded from above 160", "the esketamine label weighs a delay from above 140",
    ]  # fmt: skip
    assert len(rules["failed_trials"]) == 2


def test_a_part_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(load, "text", lambda _kind, _name: 'include = ["weather"]')

    with pytest.raises(load.EvidenceError, match="includes weather"):
        protocols.protocol_text.__wrapped__("ocd")
