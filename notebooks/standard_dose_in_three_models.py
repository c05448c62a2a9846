# %% [markdown]
# # The standard dose in three models
#
# 0.5 mg/kg of racemic ketamine over 40 minutes, 70 kg, in three published models. They differ by half, and the largest
# reason is known: where the blood was sampled. Kamp and Domino describe arteries, Otto veins, and Otto S-ketamine alone.
#
# This file is a notebook in percent format: run it with `python`, or open it in an editor that knows `# %%` cells.

# %%
import numpy as np

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.predict import concentrations
from openketamine.core.pharmacology.substance import Person, Substance
from openketamine.evidence import load
from openketamine.evidence.pharmacology import pk_model

MINUTES = np.array([10, 20, 30, 40, 60, 120])
WHO, DOSE_MG = Person(weight_kg=70.0), 35.0

# %% [markdown]
# A model of S-ketamine enters half of the racemic milligrams. Its level is shown as it is, never doubled in silence.

# %%
levels = {}
for name in ("kamp2020_racemic", "domino_legacy", "otto2021_fanta_esk_venous"):
    model = pk_model(name)
    entered = DOSE_MG if model.substance is Substance.RACEMATE else DOSE_MG / 2
    levels[name] = concentrations(model.system(WHO), [Dose(0, entered, 40 / 60)], MINUTES / 60)[0]
    shown = "  ".join(f"{value:6.1f}" for value in levels[name])
    print(f"{name:28s} {model.substance.value:10s} {model.sampling_site.value:10s} {shown}")

# %% [markdown]
# At the end of the infusion: 253 ng/mL in Kamp's arteries, 240 in Domino's, 79 of S-ketamine in Otto's veins (about 158 of
# the racemate if R-ketamine ran alike).

# %%
peak = {name: float(line[3]) for name, line in levels.items()}
print({name: round(value, 1) for name, value in peak.items()})

# %%
for name in levels:
    for source in pk_model(name).sources:
        print(load.sources()[source].citation)
