"""Published concentration curves, digitised by others, held against the models: OPENKETAMINE_SAMPLES=DIR make proof ARGS=digitised_curves.

Mean curves, not individual people; the data stay outside the project. Errors are reported as they are: nothing is tuned to them,
except where a figure's name says that the option was derived from the very curve.
"""

import csv
import os
from pathlib import Path

import numpy as np
from tests.proofs.registry import Unavailable, proof

from openketamine.core.pharmacology.infusion import Dose, from_rates
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.substance import Person
from openketamine.evidence.pharmacology import pk_link, pk_model

WEIGHT_KG = 70.0
MOLAR_MASS = {"ketamine": 237.73, "norketamine": 223.70, "hydroxynorketamine": 239.70}
STEPS_MG_PER_KG_H = {"racemate": (0.28, 0.57, 1.14), "esketamine": (0.14, 0.28, 0.57)}
ACCEPTED_PER_CENT = 15.0


@proof(seed=1, small={"earliest_min": 15}, full={"earliest_min": 15})
def digitised_curves(_rng, *, earliest_min):
    """Median absolute errors of the models against digitised mean curves of Kamp 2020 and Hasan 2021, as they are; the default model's is within 15 per cent."""
    folder = Path(os.environ.get("OPENKETAMINE_SAMPLES", "/nonexistent")) / "ketamine"
    if not folder.is_dir():
        raise Unavailable("set OPENKETAMINE_SAMPLES to a folder that holds ketamine/*.csv")
    kamp, hasan = rows(folder / "kamp2020_racemic_esketamine.csv"), rows(folder / "hasan2021_iv5mg.csv")
    figures: dict[str, float | int] = {}
    for name, seen, found in (*stepped(kamp, earliest_min / 60), *five_milligrams(hasan, earliest_min / 60)):
        relative = found / seen - 1
        figures[f"{name}_points"] = int(seen.size)
        figures[f"{name}_median_absolute_error_per_cent"] = round(float(100 * np.median(np.abs(relative))), 1)
        figures[f"{name}_median_error_per_cent"] = round(float(100 * np.median(relative)), 1)

    assert figures["kamp2020_ketamine_median_absolute_error_per_cent"] <= ACCEPTED_PER_CENT
    return figures


def rows(path):
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def stepped(table, earliest_h):
    """Three steps of an hour, arterial: the racemic models against the racemate, those of esketamine against its curves."""
    racemic = doses_of("racemate")
    hours, seen = summed(table, "racemic", ("S-ketamine", "R-ketamine"), "ketamine", earliest_h)
    for model in ("kamp2020_racemic", "domino_legacy", "clements250_legacy"):
        name = {"kamp2020_racemic": "kamp2020", "domino_legacy": "domino", "clements250_legacy": "clements"}[model]
        yield f"{name}_ketamine", seen, level(pk_model(model), racemic, hours, "ketamine_ng_per_ml")
    hours, seen = summed(table, "racemic", ("S-norketamine",), "norketamine", earliest_h)
    linked = pk_model("kamp2020_racemic").with_link(pk_link("derived_racemic_nk"))
    half = level(linked, racemic, hours, "norketamine_ng_per_ml") / 2
    yield "derived_norketamine_from_this_study_s_norketamine", seen, half
    for model, name in (("simons2022_esk_k_nk_hnk", "simons2022"), ("otto2021_fanta_esk_venous", "otto2021_venous")):
        yield f"{name}_s_norketamine", seen, level(pk_model(model), halves(racemic), hours, "noresketamine_ng_per_ml")
        when, pure = summed(table, "esketamine", ("S-ketamine",), "ketamine", earliest_h)
        yield f"{name}_s_ketamine", pure, level(pk_model(model), doses_of("esketamine"), when, "esketamine_ng_per_ml")


def halves(doses):
    """The S-ketamine in doses of racemate."""
    return tuple(Dose(dose.start_h, dose.amount_mg / 2, dose.duration_h) for dose in doses)


def five_milligrams(table, earliest_h):
    """5 mg of racemate over half an hour, S-ketamine in a vein: half of the derived venous level, and the venous model."""
    kept = [row for row in table if row["analyte"] == "S-ketamine" and float(row["time_h"]) >= earliest_h]
    hours, seen = (np.array([float(row[name]) for row in kept]) for name in ("time_h", "conc_ng_mL"))
    venous = pk_model("kamp2020_racemic").with_link(pk_link("derived_venous"))
    half = level(venous, (Dose(0, 5.0, 0.5),), hours, "ketamine_venous_ng_per_ml") / 2
    yield "derived_venous_from_this_study_s_ketamine", seen, half
    yield (
        "otto2021_hasan_s_ketamine",
        seen,
        level(pk_model("otto2021_fanta_esk_venous"), (Dose(0, 2.5, 0.5),), hours, "esketamine_ng_per_ml"),
    )


def doses_of(substance):
    steps = [(float(i), rate * WEIGHT_KG) for i, rate in enumerate(STEPS_MG_PER_KG_H[substance])]
    return from_rates(steps, 3.0)


def level(model, doses, hours, output):
    return solve(model.system(Person(WEIGHT_KG, 30)), doses, hours)[output][0]


def summed(table, formulation, analytes, substance, earliest_h):
    """Times and levels in ng/mL of the sum of analytes, at the times at which all of them were digitised."""
    curves = [
        {round(float(row["time_h"]), 3): float(row["conc_nmol_per_mL"]) for row in table
         if row["analyte"] == analyte and row["formulation"] == formulation}
        for analyte in analytes
    ]  # fmt: skip
    hours = sorted(set.intersection(*(set(curve) for curve in curves)))
    kept = [hour for hour in hours if hour >= earliest_h and all(curve[hour] > 0 for curve in curves)]
    return np.array(kept), np.array([sum(curve[hour] for curve in curves) for hour in kept]) * MOLAR_MASS[substance]
