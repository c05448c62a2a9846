"""`simulate`: a contract that scripts rely on."""

import json

import pytest

from openketamine.site import cli

REQUEST = {
    "model": "kamp2020_racemic", "substance": "racemate",
    "patient": {"weight_kg": 70, "age_years": 45, "height_cm": 170, "sex": "female"},
    "doses": [{"route": "iv", "start_min": 0, "amount_mg": 35, "duration_min": 40}],
    "times_min": [10, 20, 40, 60], "population": {"n": 0, "seed": 1}, "effects": [], "links": [],
}  # fmt: skip


@pytest.fixture
def simulate(tmp_path, capsys):
    def ask(**changes):
        path = tmp_path / "request.json"
        path.write_text(json.dumps({**REQUEST, **changes}))
        code = cli.run(["simulate", str(path)])
        return code, capsys.readouterr()

    return ask


def test_the_example_of_the_contract(simulate):
    code, captured = simulate()
    answer = json.loads(captured.out)

    assert code == 0
    assert captured.err == ""
    assert list(answer) == ["model", "sampling_site", "times_min", "outputs", "bands", "warnings", "references"]
    assert answer["sampling_site"] == "arterial"
    assert answer["outputs"]["ketamine_ng_per_ml"] == pytest.approx([154.532, 198.271, 253.052, 95.860], abs=5.001e-4)
    assert (answer["bands"], answer["warnings"]) == ({}, [])
    assert answer["references"][0]["doi"] == "10.1097/ALN.0000000000003577"


def test_times_are_answered_in_the_order_asked(simulate):
    answer = json.loads(simulate(times_min=[60, 0, 10])[1].out)

    assert answer["times_min"] == [60, 0, 10]
    assert answer["outputs"]["ketamine_ng_per_ml"] == pytest.approx([95.860, 0, 154.532], abs=5.001e-4)


def test_bands_come_with_their_assumption_and_the_same_bytes(simulate):
    asked = {"population": {"n": 400, "seed": 7}, "effects": ["systolic_rise_mmhg"]}
    first, again = (simulate(**asked)[1].out for _ in range(2))
    answer = json.loads(first)

    assert first == again
    assert set(answer["bands"]) == {"ketamine_ng_per_ml", "systolic_rise_mmhg"}
    assert answer["warnings"][0]["code"] == "variability_borrowed"
    band = answer["bands"]["systolic_rise_mmhg"]
    assert all(low < middle < high for low, middle, high in zip(band["p05"], band["p50"], band["p95"], strict=True))


def test_a_block_of_effects_gives_all_three(simulate):
    answer = json.loads(simulate(effects=["haemodynamics_derived"])[1].out)

    assert set(answer["outputs"]) == {
        "ketamine_ng_per_ml",
        "systolic_rise_mmhg",
        "diastolic_rise_mmhg",
        "heart_rate_rise_per_min",
    }


DOSE = REQUEST["doses"][0]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"doses": [{**DOSE, "amount_mg": -5}]}, "doses[0].amount_mg = -5: must be greater than 0"),
        ({"doses": [{**DOSE, "amount_mg": 10**400}]}, "is too large"),
        ({"doses": [{**DOSE, "route": "im"}]}, "doses[0].route = 'im': model kamp2020_racemic has no im parameters"),
        ({"doses": [{**DOSE, "route": "IV"}]}, "doses[0].route = 'IV': must be one of iv, im"),
        ({"doses": [{**DOSE, "start_min": -1}]}, "doses[0].start_min = -1: must be at least 0"),
        ({"doses": [{**DOSE, "mg": 1}]}, "doses[0].mg: unknown key"),
        ({"doses": [{"route": "iv", "start_min": 0}]}, "doses[0].amount_mg: missing"),
        ({"doses": {}}, "doses = {}: must be a list"),
        ({"doses": [5]}, "doses[0] = 5: must be an object"),
        ({"model": "domino"}, "model = 'domino': must be one of"),
        ({"model": 7}, "model = 7: must be text"),
        ({"substance": "esketamine"}, "substance = 'esketamine': model kamp2020_racemic describes racemate only"),
        ({"substance": None}, "substance = None: must be one of"),
        ({"patient": {"age_years": 45}}, "patient.weight_kg: missing"),
        ({"patient": {"weight_kg": "70"}}, "patient.weight_kg = '70': must be a number"),
        ({"patient": {"weight_kg": True}}, "patient.weight_kg = True: must be a number"),
        ({"patient": {"weight_kg": 7}}, "patient.weight_kg = 7: must be at least 20"),
        ({"patient": {"weight_kg": 700}}, "patient.weight_kg = 700: must be at most 350"),
        ({"patient": {"weight_kg": 70, "sex": 1}}, "patient.sex = 1: must be one of female, male"),
        ({"patient": []}, "patient = []: must be an object"),
        ({"times_min": [-1]}, "times_min[0] = -1: must be at least 0"),
        ({"population": {"n": 1_000_001}}, "population.n = 1000001: must be from 0 to 1000000"),
        ({"population": {"n": 1.5}}, "population.n = 1.5: must be a whole number"),
        ({"population": 3}, "population = 3: must be an object"),
        ({"effects": ["sleep"]}, "effects[0] = 'sleep': must be one of"),
        ({"links": ["derived_venous"]}, "links[0] = 'derived_venous'"),
        ({"colour": 1}, "colour: unknown key"),
    ],
)
def test_bad_input_is_one_line_that_names_field_value_and_limit(simulate, change, line):
    code, captured = simulate(**change)

    assert code == 2
    assert captured.out == ""
    assert captured.err.startswith("openketamine: ")
    assert line in captured.err
    assert captured.err.count("\n") == 1


def test_a_list_longer_than_we_answer_is_refused(simulate):
    assert "at most 10000" in simulate(times_min=[0] * 10001)[1].err


def test_a_missing_file_name_is_bad_input(capsys):
    assert cli.run(["simulate"]) == 2
    assert "simulate: the following arguments are required" in capsys.readouterr().err
