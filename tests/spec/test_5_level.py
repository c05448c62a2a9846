"""The predicted level

A model estimate for the person in front of us: drawn differently from a measurement, and never a reason to quiet an alarm.
The values are those of Kamp 2020 for 70 kg, arterial, the typical patient.
"""

import pytest


def level(command, doses, minutes, **more):
    body = {"model": "kamp2020_racemic", "patient": {"weight_kg": 70}, "doses": doses, "times_min": minutes, **more}
    (answer,) = command("simulate", body)
    return answer


@pytest.mark.parametrize(("minute", "ng_per_ml"), [(10, 154.5), (20, 198.3), (40, 253.1), (60, 95.9), (120, 49.9)])
def test_35_mg_over_40_minutes(command, minute, ng_per_ml):
    answer = level(command, [{"route": "iv", "start_min": 0, "amount_mg": 35, "duration_min": 40}], [minute])

    assert answer["outputs"]["ketamine_ng_per_ml"][0] == pytest.approx(ng_per_ml, abs=0.06)


def test_a_band_is_the_range_of_virtual_people_and_never_a_percentage_around_a_line(command):
    doses = [{"route": "iv", "start_min": 0, "amount_mg": 35, "duration_min": 40}]
    band = level(command, doses, [20, 40], population={"n": 400, "seed": 1})["bands"]["ketamine_ng_per_ml"]
    below = [low / middle for low, middle in zip(band["p05"], band["p50"], strict=True)]

    assert all(
        low < middle < high for low, middle, high in zip(*(band[key] for key in ("p05", "p50", "p95")), strict=True)
    )
    assert below[0] != pytest.approx(below[1], rel=1e-3)


def test_what_a_level_is_computed_from_is_named_with_it(command):
    answer = level(command, [{"route": "iv", "start_min": 0, "amount_mg": 35}], [5])

    assert answer["sampling_site"] == "arterial"
    assert [one["id"] for one in answer["references"]]
