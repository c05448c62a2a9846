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
from openketamine.evidence.pharmacology import citation, marks
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

# %% [markdown]
# Both rules side by side (this cell needs the extra `plot`): the middle virtual person, and from 5 to 95 % of them.

# %%
from matplotlib.figure import Figure

figure = Figure(figsize=(7, 4), layout="constrained")
panel = figure.subplots()
for label, found, aside in (("0.5 mg/kg", per_kg, -1.5), ("35 mg for everybody", fixed, 1.5)):
    middle = np.array([found[weight][1]["p50"] for weight in WEIGHTS])
    ends = [[abs(found[weight][1][name] - found[weight][1]["p50"]) for weight in WEIGHTS] for name in ("p05", "p95")]
    panel.errorbar(np.array(WEIGHTS) + aside, middle, yerr=ends, fmt="o", capsize=4, label=label)
panel.set(xlabel="weight, kg", ylabel="arterial ng/mL at the end of 40 minutes", title="Kamp 2020: model estimates")
panel.legend(frameon=False)
figure

# %% [markdown]
# What this rests on, and how well its numbers are known.

# %%
print(marks(subject("kamp2020_racemic", Person(weight_kg=70.0), ())))
print(citation(subject("kamp2020_racemic", Person(weight_kg=70.0), ()), population=True))
