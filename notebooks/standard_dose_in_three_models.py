# %% [markdown]
# # The standard dose in three models
#
# 0.5 mg/kg of racemic ketamine over 40 minutes, 70 kg, in three published models. They differ by half, and the largest
# reason is known: where the blood was sampled. Kamp describes arteries; Otto veins, and S-ketamine alone; of Domino
# we do not know.
#
# This file is a notebook in percent format: run it with `python`, or open it in an editor that knows `# %%` cells.

# %%
import numpy as np

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.predict import concentrations
from openketamine.core.pharmacology.substance import Person, Substance
from openketamine.evidence.pharmacology import citation, pk_model

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
# At the end of the infusion: 253 ng/mL in Kamp's arteries, 240 by Domino, 79 of S-ketamine in Otto's veins (about 158 of
# the racemate if R-ketamine ran alike).

# %%
peak = {name: float(line[3]) for name, line in levels.items()}
print({name: round(value, 1) for name, value in peak.items()})

# %% [markdown]
# The three as curves over two hours (this cell needs the extra `plot`). Dashed: S-ketamine alone, so not to be read against the others.

# %%
from matplotlib.figure import Figure

fine = np.linspace(0, 120, 241)
figure = Figure(figsize=(7, 4), layout="constrained")
panel = figure.subplots()
for name in levels:
    model = pk_model(name)
    racemic = model.substance is Substance.RACEMATE
    dose = [Dose(0, DOSE_MG if racemic else DOSE_MG / 2, 40 / 60)]
    line = concentrations(model.system(WHO), dose, fine / 60)[0]
    panel.plot(fine, line, "-" if racemic else "--", label=f"{name}, {model.sampling_site.value}".replace("_", " "))
panel.axvline(40, color="grey", linewidth=0.8)
panel.set(xlabel="minutes", ylabel="ng/mL", title="0.5 mg/kg over 40 minutes, 70 kg: model estimates")
panel.legend(frameon=False)
figure

# %% [markdown]
# What this rests on.

# %%
print(citation(*(pk_model(name) for name in levels)))
