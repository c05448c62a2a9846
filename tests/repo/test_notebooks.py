"""The worked notebooks run from end to end and say what they say."""

import runpy
from io import BytesIO
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def run(name):
    return runpy.run_path(str(NOTEBOOKS / f"{name}.py"))


def unsaid(capsys, *words):
    """Return which of these words a notebook did not print."""
    printed = capsys.readouterr().out
    return [word for word in words if word not in printed]


def test_no_notebook_is_left_out():
    assert {path.stem for path in NOTEBOOKS.glob("*.py")} == {
        "standard_dose_in_three_models",
        "slow_titration_with_readings",
        "population_by_weight",
    }


def drawn(found):
    """The one plot of a notebook, which names its axes and can be drawn."""
    (panel,) = found["figure"].axes
    assert panel.get_xlabel()
    assert panel.get_ylabel()
    found["figure"].savefig(BytesIO(), format="svg")
    return panel


def test_the_standard_dose_in_three_models(capsys):
    found = run("standard_dose_in_three_models")
    peak = found["peak"]

    assert peak["kamp2020_racemic"] == pytest.approx(253.05, abs=0.01)
    assert peak["domino_legacy"] == pytest.approx(240.33, abs=0.01)
    assert peak["otto2021_fanta_esk_venous"] == pytest.approx(79.02, abs=0.01)
    lines = drawn(found).get_lines()
    assert [max(line.get_ydata()) for line in lines[:3]] == pytest.approx([253.05, 240.33, 79.02], abs=0.02)
    assert unsaid(capsys, "Kamp J", "doi:10.1097/ALN.0000000000003577", "Otto ME", "Fanta S") == []


def test_a_slow_titration_with_readings(capsys):
    found = run("slow_titration_with_readings")

    high = {name: band["p50"] for name, band in found["bands"].items()}
    assert high["person, current rate"] > high["population, current rate"]
    assert high["person, stopped now"] < high["person, slowed to 20 mg/h"] < high["person, current rate"]
    (cuff,) = drawn(found).get_lines()
    assert list(cuff.get_ydata()) == [9, 14, 13, 17, 21, 24]
    assert unsaid(capsys, "SD", "Kamp J", "Simons P", "Langsjo JW", "exponent, clearance") == []


def test_a_population_by_weight(capsys):
    found = run("population_by_weight")

    assert [found["per_kg"][weight][0] for weight in (50, 70, 100, 130)] == pytest.approx(
        [239.98, 253.05, 267.76, 279.17], abs=6e-3
    )
    assert [found["fixed"][weight][0] for weight in (50, 70, 100, 130)] == pytest.approx(
        [335.97, 253.05, 187.43, 150.32], abs=6e-3
    )
    assert [text.get_text() for text in drawn(found).get_legend().get_texts()] == ["0.5 mg/kg", "35 mg for everybody"]
    assert unsaid(capsys, "ideal_kg", "Kamp J", "Simons P", "exponent, clearance") == []
