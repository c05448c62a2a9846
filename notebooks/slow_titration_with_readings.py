# %% [markdown]
# # A slow titration with blood-pressure readings
#
# A person of 82 kg is started at 25 mg/h, raised to 40 mg/h, and her cuff is read every five minutes. Virtual people drawn
# from the assumed variability are re-weighted by what the cuff shows; then three questions are put to them.

# %%
import numpy as np

from openketamine.core.pharmacology.individualise import individualise, learned
from openketamine.core.pharmacology.infusion import from_rates
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.population import chance_of, population, weighted_quantiles
from openketamine.core.pharmacology.substance import Person
from openketamine.core.pharmacology.what_if import Scenario, SoFar, doses_if, rate_under
from openketamine.evidence.pharmacology import citation, marks
from openketamine.evidence.subjects import subject

WHO = subject("kamp2020_racemic", Person(weight_kg=82.0))
GIVEN = ((0.0, 25.0), (20 / 60, 40.0))
NOW_H, END_H, ORDERED_MG = 30 / 60, 60 / 60, 35.0
RISES = {5: 9, 10: 14, 15: 13, 20: 17, 25: 21, 30: 24}
seen = [Observation(minute / 60, Kind.SYSTOLIC, float(rise)) for minute, rise in RISES.items()]

# %%
doses_so_far = from_rates(GIVEN, NOW_H)
person = individualise(WHO, WHO.lasting, doses_so_far, seen, 1000, chance_of(1))
print(f"effective people {person.effective_people:.0f} of 1000, observations believed {person.believed:.2f}")

# %% [markdown]
# The band of this person against the band of the population, at the planned end if the rate stays.


# %%
def band(draws, weights, scenario, rate=None):
    doses = doses_if(SoFar(GIVEN, NOW_H, GIVEN, ORDERED_MG), scenario, rate)
    rise = WHO.outputs(draws, doses, np.array([END_H]))["systolic_rise_mmhg"]
    return {name: round(float(line[0]), 1) for name, line in weighted_quantiles(rise, weights).items()}


anybody = population(WHO, 1000, 1)
bands = {
    "population, current rate": band(anybody, np.full(1000, 1e-3), Scenario.CURRENT_RATE),
    "person, current rate": band(person.draws, person.weights, Scenario.CURRENT_RATE),
    "person, slowed to 20 mg/h": band(person.draws, person.weights, Scenario.SET_TO, 20.0),
    "person, stopped now": band(person.draws, person.weights, Scenario.STOPPED_NOW),
}
for name, shown in bands.items():
    print(f"{name:28s} {shown}")

# %% [markdown]
# Which constant rate from now on would keep nine of ten virtual people under a rise of 30 mmHg? Information, never an order.

# %%
answer = rate_under(WHO, person.draws, person.weights, doses_so_far, (NOW_H, END_H), 30.0, 60.0)
print({f"{share:.0%}": round(rate, 1) for share, rate in answer.rates_mg_per_h.items()})

# %% [markdown]
# What is kept for the next session: a mean and a covariance, nothing else.

# %%
kept = learned(person, WHO.lasting.names)
before = np.sqrt(np.diag(WHO.lasting.covariance))
after = np.sqrt(np.diag(kept.covariance))
for name, wide, narrow in zip(kept.names, before, after, strict=True):
    print(f"{name:48s} SD {wide:.2f} -> {narrow:.2f}")

# %% [markdown]
# Her readings among the virtual people that they leave, and among anybody's (this cell needs the extra `plot`).

# %%
from matplotlib.figure import Figure

minutes = np.linspace(0, 30, 61)
figure = Figure(figsize=(7, 4), layout="constrained")
panel = figure.subplots()
for label, draws, weights in (
    ("5 to 95 % of anybody", anybody, np.full(1000, 1e-3)),
    ("5 to 95 % once her cuff is read", person.draws, person.weights),
):
    rises = WHO.outputs(draws, doses_so_far, minutes / 60)["systolic_rise_mmhg"]
    shown = weighted_quantiles(rises, weights)
    panel.fill_between(minutes, shown["p05"], shown["p95"], alpha=0.3, linewidth=0, label=label)
panel.plot(list(RISES), list(RISES.values()), "ko", label="her cuff")
panel.set(xlabel="minutes", ylabel="rise of systolic pressure, mmHg", title="Model estimates and readings")
panel.legend(frameon=False, loc="upper left")
figure

# %% [markdown]
# What this rests on, and how well its numbers are known.

# %%
print(marks(WHO))
print(citation(WHO, population=True))
