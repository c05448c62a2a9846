# %% [markdown]
# # A population by weight
#
# The same mg/kg gives heavier people somewhat higher levels, because clearance is taken to grow with weight to the power of
# 0.75 (an assumption). A fixed 35 mg differs more than twofold between 50 and 130 kg.

# %%
import numpy as np

from openketamine.core.pharmacology.body_weight import body_weights
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.population import bands, population, typical
from openketamine.core.pharmacology.substance import Person, Sex
from openketamine.evidence.interactions import ideal_weight
from openketamine.evidence.subjects import subject

END_H = np.array([40 / 60])
WEIGHTS = (50.0, 70.0, 100.0, 130.0)


def at_end(weight_kg: float, dose_mg: float) -> tuple[float, dict[str, float]]:
    who = subject("kamp2020_racemic", Person(weight_kg=weight_kg), ())
    doses = [Dose(0, dose_mg, 40 / 60)]
    middle = float(who.outputs(typical(who), doses, END_H)["ketamine_ng_per_ml"][0, 0])
    shown = bands(who, population(who, 2000, 1), doses, END_H)["ketamine_ng_per_ml"]
    return middle, {name: round(float(line[0])) for name, line in shown.items()}


# %%
per_kg = {weight: at_end(weight, 0.5 * weight) for weight in WEIGHTS}
fixed = {weight: at_end(weight, 35.0) for weight in WEIGHTS}
for weight in WEIGHTS:
    print(f"{weight:5.0f} kg  0.5 mg/kg {per_kg[weight][0]:6.1f} {per_kg[weight][1]}   35 mg {fixed[weight][0]:6.1f}")

# %% [markdown]
# Actual, ideal and adjusted weight side by side, for a woman of 165 cm. Which one a protocol doses by is its own choice; trials
# used the actual one.

# %%
for weight in WEIGHTS:
    print(body_weights(ideal_weight(), weight, 165.0, Sex.FEMALE))
