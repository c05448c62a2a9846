"""The protocol that ships: its rules, their worked examples, its numbers, and what a text must not say."""

import pytest

from openketamine.core.candidacy.assess import Summary, assess
from openketamine.evidence import load, protocols, regimen

ID = "depression_iv_racemic"
TEXT = protocols.protocol_text(ID)
PROTOCOL = protocols.protocol(ID)
NO = {fact.code: False for fact in PROTOCOL.facts if fact.kind == "boolean"}
WELL = {
    **NO, "has_capacity": True, "age_years": 40, "diagnosis": "mdd_without_psychosis", "failed_adequate_trials": 3,
    "episode_weeks": 30, "severity_scale": "phq9", "phq9_total": 19, "ymrs_total": 2, "moca_total": 28, "resting_systolic": 122,
    "resting_diastolic": 78, "hepatic_impairment": "none", "benzodiazepine_mg_per_day": 0, "icsi_total": 1,
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


@pytest.mark.parametrize(
    ("section", "name", "unit", "value"),
    [
        ("regimen", "dose_per_kg", "mg/kg", 0.5),
        ("regimen", "duration", "min", 40),
        ("regimen", "infusions", "1", 6),
        ("regimen", "per_week", "1", 2),
        ("regimen", "weeks", "d", 21),
        ("regimen", "minimum_interval", "d", 2),
        ("regimen", "dilution_volume", "mL", 100),
        ("regimen", "max_dose_per_kg", "mg/kg", 1),
        ("gate", "bp_recheck_systolic", "mm[Hg]", 140),
        ("gate", "bp_no_start_diastolic", "mm[Hg]", 100),
        ("gate", "fasting_solids", "h", 6),
        ("gate", "fasting_clear_fluids", "min", 120),
        ("recovery", "min_observation", "min", 120),
        ("recovery", "bp_within", "%", 20),
        ("recovery", "spo2_above", "%", 92),
        ("recovery", "moaas", "{score}", 5),
        ("recovery", "aldrete", "{score}", 9),
        ("course", "response", "%", 50),
        ("course", "remission_phq9_below", "{score}", 5),
    ],
)
def test_later_rooms_read_cited_numbers(section, name, unit, value):
    assert PROTOCOL.number(section, name, unit) == pytest.approx(value)


def test_the_cap_in_milligrams_has_no_default():
    with pytest.raises(load.EvidenceError, match=r"regimen\.cap: the clinic sets it"):
        PROTOCOL.number("regimen", "cap", "mg")


@pytest.mark.parametrize(
    ("section", "name", "unit", "words"),
    [
        ("regimen", "colour", "mg", "is missing"),
        ("regimen", "duration", "mg", "duration: 'min' is a time"),
        ("recovery", "criterion", "1", "is missing"),
        ("weather", "rain", "mm[Hg]", "'weather' is not one of regimen, gate, recovery, course"),
    ],
)
def test_a_number_that_is_not_there_is_named(section, name, unit, words):
    with pytest.raises(load.EvidenceError, match=words):
        PROTOCOL.number(section, name, unit)


def test_eight_criteria_of_recovery():
    criteria = PROTOCOL.table("recovery")["criterion"]

    assert [(one["id"], one["needs"]) for one in criteria] == [
        ("observation_time", "reading"),
        ("blood_pressure", "reading"),
        ("spo2", "reading"),
        ("awake", "reading"),
        ("oriented_and_steady", "tick"),
        ("dissociation_resolved", "tick"),
        ("no_new_suicidal_thoughts", "tick"),
        ("escort", "tick"),
    ]


def test_the_regimen_of_the_same_name_says_the_same():
    same = regimen.regimen(ID)

    assert float(same.dose_mg_per_kg) == PROTOCOL.number("regimen", "dose_per_kg", "mg/kg")
    assert float(same.rules.caps.per_kg) == PROTOCOL.number("regimen", "max_dose_per_kg", "mg/kg")
    assert float(same.duration_min) == PROTOCOL.number("regimen", "duration", "min")
    assert float(same.bag_ml) == PROTOCOL.number("regimen", "dilution_volume", "mL")
    assert same.infusions == PROTOCOL.number("regimen", "infusions", "1")
    assert same.per_week == PROTOCOL.number("regimen", "per_week", "1")
    assert same.recovery.observation_min == PROTOCOL.number("recovery", "min_observation", "min")
    assert same.recovery.spo2_above == PROTOCOL.number("recovery", "spo2_above", "%")
    assert [one.id for one in same.recovery.criteria] == [one["id"] for one in PROTOCOL.table("recovery")["criterion"]]
    assert same.response.response_percent == PROTOCOL.number("course", "response", "%")
    assert same.response.remission_below == PROTOCOL.number("course", "remission_phq9_below", "{score}")


def test_a_kept_text_is_read_like_the_shipped_one_and_named_by_its_hash():
    changed = TEXT.replace('threshold = 18\nunit = "a"', 'threshold = 21\nunit = "a"')
    kept = protocols.parse_protocol(changed)

    assert kept.sha256 == load.sha256(changed) != PROTOCOL.sha256
    assert weights(age_years=20) == {}
    assert assess(kept.rules, {**WELL, "age_years": 20}).summary is Summary.ABSOLUTE
    assert protocols.failed_examples(kept) == ["rule age_adult: example {'age_years': 18} says absolute, expected pass"]


def test_an_unknown_protocol_is_named():
    with pytest.raises(load.EvidenceError, match=f"'mine' is not one of {ID}"):
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
        ('says = "SpO2 above', 'says = "Do not leave before SpO2 is above', "begins with an order verb"),
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
        ('value = 40\nunit = "min"', 'value = 40\nunit = "minutes"', "'minutes' is not a UCUM code"),
        ('value = 40\nunit = "min"', 'value = "forty"\nunit = "min"', "could not convert"),
        ("[[course.checkpoint]]", "[[course.checkpoint]]\nagain = 4", "again = 4: has no cite"),
        ('id = "depression_iv_racemic"', 'id = "depression_iv_racemic"\nfact = 5', "protocol: "),
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
