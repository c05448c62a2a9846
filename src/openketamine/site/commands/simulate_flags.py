"""What a level alone does not say, beside the numbers of `simulate`: flags as warnings, and receptor occupancy as a span."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from openketamine.core.pharmacology.flags import Flag, occupancy_span
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.substance import Substance
from openketamine.evidence import effects, load
from openketamine.site.commands.simulate_request import Request

SITE = "site of response"
SOONEST_AFTER_H = np.array([0.0, 0.25, 0.5, 1.0, 2.0, 3.0]) / 60
"""How long after the end of a dose the effect site is looked at, besides the times asked for: it follows within seconds."""


def raised(request: Request) -> dict[Flag, Any]:
    """Return the flags that this request raises, each with what raised it."""
    words, found = effects.flag_words(), dict[Flag, Any]()
    weight, amounts = request.subject.person.weight_kg, zip(request.doses, request.asked_amounts_mg, strict=True)
    if weight is not None:
        as_given = [type(dose)(dose.start_h, amount, dose.duration_h, dose.route) for dose, amount in amounts]
        found |= dict.fromkeys(effects.breathing().flags(as_given, weight), weight)
    for flag, said in words.items():
        named = [name for name in request.medicines if said.raised_by(name)]
        found |= {flag: named} if named else {}
    return found | _unresponsive(request)


def sources(request: Request) -> Iterator[str]:
    """Yield the sources of what is said here."""
    for flag in raised(request):
        yield effects.flag_words()[flag].citation.source
    if request.occupancy:
        yield from load.table("effect_flags", "nmda_occupancy")["sources"]


def occupancy(request: Request, level: Floats) -> dict[str, list[float]]:
    """Return the lowest and highest occupancy over published affinities at each time, where it was asked for."""
    if not request.occupancy:
        return {}
    low, high = occupancy_span(effects.affinities(), level)
    return {"nmda_occupancy_lowest": low.tolist(), "nmda_occupancy_highest": high.tolist()}


def _unresponsive(request: Request) -> dict[Flag, float]:
    """The typical person's highest level at the site of response, where the model describes the racemate that was studied."""
    model, rule = request.subject.model, effects.responsiveness()
    if model.substance is not Substance.RACEMATE or not request.doses:
        return {}
    system = model.with_lag(SITE, model.output, rule.equilibration_per_h).system(request.subject.person)
    ends = np.array([dose.start_h + dose.duration_h for dose in request.doses])
    times = np.unique(np.concatenate([np.array(request.times_min) / 60, (ends[:, None] + SOONEST_AFTER_H).ravel()]))
    highest = float(solve(system, request.doses, times)[SITE].max())
    return {Flag.UNRESPONSIVE_RANGE: round(highest, 1)} if rule.flagged(highest) else {}
