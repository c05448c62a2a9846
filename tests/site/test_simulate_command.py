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
    assert list(answer) == [
        "model",
        "sampling_site",
        "times_min",
        "outputs",
        "bands",
        "warnings",
        "references",
        "notes",
        "sites",
        "marks",
    ]
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
        (
            {"links": ["derived_arterial"]},
            "links[0] = 'derived_arterial': must be one of derived_racemic_nk, derived_venous",
        ),
        ({"group": "asian"}, "group = 'asian': model kamp2020_racemic has no groups"),
        (
            {"model": "perezruixo2021_esk_multiroute", "group": "any"},
            "group = 'any': must be one of asian, japanese",
        ),
        ({"links": ["derived_venous", "derived_venous"]}, "links[1] = 'derived_venous': given twice"),
        (
            {"model": "domino_legacy", "links": ["derived_venous"]},
            "links[0] = 'derived_venous': model domino_legacy has no links",
        ),
        (
            {"model": "domino_legacy", "population": {"n": 5}},
            "population.n = 5: model domino_legacy has no variability; use 0",
        ),
        (
            {"doses": [{**DOSE, "duration_min": 1e-9}]},
            "doses[0].duration_min = 1e-09: must be 0 (a bolus) or at least 0.001",
        ),
        ({"doses": [{**DOSE, "amount_mg": 1e300}]}, "doses[0].amount_mg = 1e+300: must be at most 1e+06"),
        ({"times_min": [1e300]}, "times_min[0] = 1e+300: must be at most 1e+07"),
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


ESK = "perezruixo2021_esk_multiroute"
OWN = {"substance": "esketamine", "patient": {"age_years": 45}}


@pytest.mark.parametrize(
    ("model", "names", "site"),
    [
        ("simons2022_esk_k_nk_hnk", ["esketamine", "noresketamine", "hydroxynoresketamine"], "arterial"),
        ("otto2021_fanta_esk_venous", ["esketamine", "noresketamine"], "venous"),
        (ESK, ["esketamine", "noresketamine"], "venous"),
        ("domino_legacy", ["ketamine"], "not_stated"),
        ("clements250_legacy", ["ketamine"], "not_stated"),
    ],
)
def test_every_model_answers_under_the_names_of_the_contract(simulate, model, names, site):
    answer = json.loads(simulate(model=model)[1].out)

    assert list(answer["outputs"]) == [f"{name}_ng_per_ml" for name in names]
    assert answer["sampling_site"] == site
    assert answer["references"]


def test_racemate_enters_an_esketamine_model_as_half_with_a_warning(simulate):
    """A14: 28 mg of esketamine over 40 minutes; 56 mg of racemate are the same."""
    pure = json.loads(
        simulate(model=ESK, **OWN, doses=[{**DOSE, "amount_mg": 28}], times_min=[40, 60, 120, 360, 1440])[1].out
    )
    racemate = json.loads(
        simulate(model=ESK, doses=[{**DOSE, "amount_mg": 56}], times_min=[40, 60, 120, 360, 1440])[1].out
    )

    assert pure["outputs"]["esketamine_ng_per_ml"] == pytest.approx([99.874, 70.278, 32.329, 8.996, 1.305], abs=5.1e-4)
    assert racemate["outputs"] == pure["outputs"]
    assert pure["warnings"] == []
    (warning,) = racemate["warnings"]
    assert (warning["code"], warning["field"], warning["value"]) == (
        "racemate_as_half_esketamine",
        "substance",
        "racemate",
    )


def test_only_covariates_that_the_model_uses_are_required(simulate):
    assert simulate(model=ESK, **OWN)[0] == 0
    assert (
        "patient.age_years: missing; model perezruixo2021_esk_multiroute needs it"
        in simulate(model=ESK, patient={"weight_kg": 70})[1].err
    )
    assert simulate(patient={"weight_kg": 70})[0] == 0


def test_a_covariate_outside_what_was_studied_is_said_with_the_range(simulate):
    answer = json.loads(simulate(model="simons2022_esk_k_nk_hnk", substance="esketamine")[1].out)
    (warning,) = answer["warnings"]

    assert warning["code"] == "covariate_outside_studied_range"
    assert (warning["field"], warning["value"]) == ("patient.age_years", 45)
    assert "19 to 32" in warning["message"]


def test_a_range_that_nobody_here_knows_is_a_note_and_no_warning(simulate):
    answer = json.loads(simulate()[1].out)

    assert answer["warnings"] == []
    assert [(row["code"], row["field"], row["value"]) for row in answer["notes"]] == [
        ("studied_range_unknown", "patient.weight_kg", 70),
        ("studied_range_unknown", "patient.age_years", 45),
    ]
    assert "the paper's studied range of weight is not known here" in answer["notes"][0]["message"]
    assert json.loads(simulate(model=ESK, **OWN)[1].out)["notes"] == []


@pytest.mark.parametrize("route", ["im", "sc"])
@pytest.mark.parametrize(
    "model",
    [
        "kamp2020_racemic",
        "simons2022_esk_k_nk_hnk",
        ESK,
        "otto2021_fanta_esk_venous",
        "domino_legacy",
        "clements250_legacy",
    ],
)
def test_no_model_invents_an_absorption_rate(simulate, model, route):
    code, captured = simulate(model=model, doses=[{"route": route, "start_min": 0, "amount_mg": 10}])

    assert code == 2
    assert captured.err == f"openketamine: doses[0].route = '{route}': model {model} has no {route} parameters\n"


def test_a_nasal_session_is_counted_in_devices(simulate):
    rows = [{"route": "nasal", "start_min": 0, "amount_mg": 84}, {"route": "nasal", "start_min": 5, "amount_mg": 28}]
    answer = json.loads(simulate(model=ESK, **OWN, doses=rows)[1].out)

    assert [(row["code"], row["field"]) for row in answer["warnings"]] == [
        ("nasal_dose_in_devices", "doses[0].amount_mg"),
        ("nasal_rows_are_sessions", "doses"),
    ]
    assert "give it at once" not in simulate(model=ESK, **OWN, doses=rows)[1].err
    assert "a nasal dose is given at once" in simulate(model=ESK, **OWN, doses=[{**rows[0], "duration_min": 3}])[1].err


def test_a_group_of_the_paper_is_off_unless_it_is_asked_for_and_then_says_so(simulate):
    asked = {
        "model": "perezruixo2021_esk_multiroute",
        "substance": "esketamine",
        "doses": [{"route": "nasal", "start_min": 0, "amount_mg": 28}],
    }
    plain, grouped = (json.loads(simulate(**asked, **more)[1].out) for more in ({}, {"group": "japanese"}))

    assert "group_of_the_paper" not in {one["code"] for one in plain["warnings"]}
    (said,) = [one for one in grouped["warnings"] if one["code"] == "group_of_the_paper"]
    assert "nasal fraction x 1.34" in said["message"]
    assert max(grouped["outputs"]["esketamine_ng_per_ml"]) > 1.2 * max(plain["outputs"]["esketamine_ng_per_ml"])


def test_links_add_outputs_and_say_what_they_are(simulate):
    answer = json.loads(
        simulate(links=["derived_venous", "derived_racemic_nk"], times_min=[42], population={"n": 50})[1].out
    )

    assert set(answer["outputs"]) == {"ketamine_ng_per_ml", "norketamine_ng_per_ml", "ketamine_venous_ng_per_ml"}
    assert answer["outputs"]["ketamine_venous_ng_per_ml"][0] == pytest.approx(209, abs=0.5)
    assert set(answer["bands"]) == set(answer["outputs"])
    assert [row["field"] for row in answer["warnings"] if row["code"] == "derived_not_validated"] == [
        "links[0]",
        "links[1]",
    ]
    assert "hasan2021" in [row["id"] for row in answer["references"]]


def test_overlapping_doses_add_and_a_bolus_counts_at_its_instant(simulate):
    bolus = {"route": "iv", "start_min": 20, "amount_mg": 7}
    both = json.loads(simulate(doses=[DOSE, bolus], times_min=[19.999999, 20, 30])[1].out)["outputs"][
        "ketamine_ng_per_ml"
    ]
    alone = json.loads(simulate(times_min=[19.999999, 20, 30])[1].out)["outputs"]["ketamine_ng_per_ml"]

    assert both[1] - alone[1] == pytest.approx(7 / 25 * 1000, rel=1e-9)
    assert both[0] == pytest.approx(alone[0], rel=1e-12)
    assert both[2] - alone[2] == pytest.approx(253.11 / 5, abs=0.01)


def test_a_population_too_large_to_keep_is_counted_and_says_how_well(simulate, monkeypatch):
    monkeypatch.setattr("openketamine.core.pharmacology.bands.EXACT_PEOPLE", 300)
    monkeypatch.setattr("openketamine.site.commands.simulate_notes.EXACT_PEOPLE", 300)
    exact, counted = (json.loads(simulate(population={"n": n})[1].out) for n in (300, 301))

    assert [row["code"] for row in counted["warnings"]] == ["variability_borrowed", "quantiles_counted"]
    assert "0.049 %" in counted["warnings"][1]["message"]
    assert [row["code"] for row in exact["warnings"]] == ["variability_borrowed"]


def test_a_picture_of_the_answer(simulate, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="the optional extra `plot` is not installed")
    request = tmp_path / "one.json"
    request.write_text(json.dumps({**REQUEST, "population": {"n": 40}, "effects": ["systolic_rise_mmhg"]}))
    pictures = [tmp_path / name for name in ("one.png", "one.svg", "again.svg")]
    for picture in pictures:
        assert cli.run(["simulate", str(request), "--plot", str(picture)]) == 0
    png, svg, again = (picture.read_bytes() for picture in pictures)

    assert png.startswith(b"\x89PNG")
    assert svg == again
    assert svg.startswith(b"<?xml")
    assert capsys.readouterr().out.count("\n") == 3


@pytest.mark.parametrize(
    ("name", "line"),
    [("a.pdf", "must end in .png or .svg"), ("nowhere/a.svg", "cannot be written (No such file or directory)")],
)
def test_a_picture_that_cannot_be_made_is_bad_input(simulate, tmp_path, capsys, name, line):
    request = tmp_path / "one.json"
    request.write_text(json.dumps(REQUEST))

    assert cli.run(["simulate", str(request), "--plot", str(tmp_path / name)]) == 2
    assert line in capsys.readouterr().err
