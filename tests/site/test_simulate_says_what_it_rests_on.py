"""`simulate` says beside its numbers what a level alone does not say, what a band rests on, and how its numbers are known."""

import json

import pytest
from tests.site.test_simulate_command import DOSE, ESK, OWN, simulate

__all__ = ["simulate"]


def codes(answer):
    return [(row["code"], row["field"]) for row in answer["warnings"]]


def test_the_width_of_an_effects_band_says_what_it_rests_on(simulate):
    asked = {"effects": ["systolic_rise_mmhg", "perception_olofsen", "cadss_total"], "population": {"n": 20}}
    answer = json.loads(simulate(**asked)[1].out)
    said = {row["value"]: row for row in answer["warnings"] if row["code"].startswith("effect_variability")}

    assert {name: row["code"] for name, row in said.items()} == {
        "haemodynamics_derived": "effect_variability_assumed",
        "perception_olofsen": "effect_variability_unknown",
        "cadss_derived": "effect_variability_assumed",
    }
    assert "assumed: size of pressure, size of heart rate" in said["haemodynamics_derived"]["message"]
    assert "derived: size of dissociation" in said["cadss_derived"]["message"]
    assert "how their levels differ, nothing else" in said["perception_olofsen"]["message"]
    assert not [
        row for row in codes(json.loads(simulate(**asked | {"population": {}})[1].out)) if "variability" in row[0]
    ]


@pytest.mark.parametrize(
    "block",
    [
        "perception_olofsen",
        "drug_high_simons",
        "ventilation_esketamine",
        "chronic_pain_dahan",
        "haemodynamics_biogears",
    ],
)
def test_a_block_of_which_nobody_knows_how_people_differ_says_so(simulate, block):
    answer = json.loads(simulate(effects=[block], population={"n": 20})[1].out)

    assert ("effect_variability_unknown", "effects[0]") in codes(answer)


def test_a_fast_bolus_is_flagged_with_its_source(simulate):
    answer = json.loads(simulate(doses=[{**DOSE, "amount_mg": 77, "duration_min": 2}])[1].out)

    assert ("fast_bolus", "doses") in codes(answer)
    assert "bourke1987" in [row["id"] for row in answer["references"]]
    slower, smaller = {**DOSE, "amount_mg": 77, "duration_min": 3}, {**DOSE, "amount_mg": 76, "duration_min": 2}
    for dose in (slower, smaller):
        assert ("fast_bolus", "doses") not in codes(json.loads(simulate(doses=[dose])[1].out))


def test_racemate_is_held_against_the_fast_bolus_as_it_was_given_and_only_into_a_vein(simulate):
    bolus = {**DOSE, "amount_mg": 77, "duration_min": 2}
    halved = json.loads(simulate(model="simons2022_esk_k_nk_hnk", patient={"weight_kg": 70}, doses=[bolus])[1].out)
    nasal = json.loads(
        simulate(model=ESK, patient={"weight_kg": 70, "age_years": 45}, doses=[{"route": "nasal", "start_min": 0, "amount_mg": 84}])[1].out
    )  # fmt: skip

    assert ("fast_bolus", "doses") in codes(halved)
    assert "fast_bolus" not in [code for code, _field in codes(nasal)]


def test_a_level_in_the_range_of_unresponsiveness_is_flagged_whichever_times_are_asked_for(simulate):
    bolus = {**DOSE, "amount_mg": 140, "duration_min": 1}
    answer = json.loads(simulate(doses=[bolus], times_min=[60])[1].out)
    (flag,) = [row for row in answer["warnings"] if row["code"] == "unresponsive_range"]

    assert flag["value"] > 1060
    assert "sleigh2019" in [row["id"] for row in answer["references"]]


def test_an_opioid_and_a_benzodiazepine_among_the_medicines_are_flagged(simulate):
    answer = json.loads(simulate(medicines=["Morphine 10 mg", "sertraline", "lorazepam 1 mg"])[1].out)

    assert codes(answer) == [("opioid_on_board", "medicines"), ("benzodiazepine_on_board", "medicines")]
    assert [row["value"] for row in answer["warnings"]] == [["Morphine 10 mg"], ["lorazepam 1 mg"]]
    assert "medicines[0] = 5: must be the name of a medicine" in simulate(medicines=[5])[1].err


def test_receptor_occupancy_is_answered_only_when_asked_for_and_only_as_a_span(simulate):
    answer = json.loads(simulate(effects=["nmda_occupancy"], times_min=[0, 40], population={"n": 20})[1].out)
    low, high = (answer["outputs"][f"nmda_occupancy_{end}"] for end in ("lowest", "highest"))

    assert (low[0], high[0]) == (0, 0)
    assert (low[1], high[1]) == pytest.approx((0.16, 0.84), abs=0.02)
    assert ("occupancy_is_a_span", "effects") in codes(answer)
    assert "ebert1997" in [row["id"] for row in answer["references"]]
    assert "describes esketamine" in simulate(model=ESK, **OWN, effects=["nmda_occupancy"])[1].err
    assert "nmda_occupancy_lowest" not in json.loads(simulate()[1].out)["outputs"]


def test_every_level_says_where_it_is_sampled(simulate):
    answer = json.loads(simulate(links=["derived_venous"])[1].out)

    assert answer["sites"] == {"ketamine_ng_per_ml": "arterial", "ketamine_venous_ng_per_ml": "venous"}


def test_the_answer_says_how_its_numbers_are_known_and_which_are_assumed(simulate):
    """Kamp's file: a reference weight, 2 exponents, 6 parameters, 3 variances, 1 scatter; all of these 4 borrowed, and one exponent ours."""
    marks = json.loads(simulate()[1].out)["marks"]

    assert [marks[name] for name in ("read", "transcribed", "derived", "assumed")] == [0, 8, 0, 5]
    assert "kamp2020_racemic: exponent, clearance" in marks["assumed_values"]
    assert "src/openketamine/evidence/" in marks["read_them_in"]
