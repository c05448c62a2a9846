"""What has to be said beside the numbers of `simulate`: warnings, notes and references."""

from collections.abc import Iterator
from typing import Any

from openketamine.core.pharmacology.bands import COUNTED_ERROR, EXACT_PEOPLE
from openketamine.core.pharmacology.studied import outside
from openketamine.core.pharmacology.substance import Route
from openketamine.evidence import load
from openketamine.evidence.effects import limits_of_use
from openketamine.site.commands.simulate_request import Request

Warning_ = dict[str, Any]


def warnings(request: Request) -> list[Warning_]:
    """Return everything a reader must know of this answer, in the order of the request's fields."""
    return [
        *_substance(request),
        *_group(request),
        *_covariates(request),
        *_nose(request),
        *_population(request),
        *_derived(request),
    ]


def notes(request: Request) -> list[Warning_]:
    """Return what nobody here knows of this answer; it neither warns nor reassures."""
    found = (one for one in outside(request.subject.model, request.subject.person) if not one.warns)
    return [_said("studied_range_unknown", f"patient.{one.covariate}", one.value, one.says) for one in found]


def references(request: Request) -> list[dict[str, str]]:
    """Return the sources of the model, of what it borrows, of links and effects."""
    spread = request.subject.model.variability
    borrowed = [spread.borrowed_from] if spread and request.people and spread.borrowed_from else []
    effects = [source for one in request.subject.effects for source in one.sources]
    known = load.sources()
    ids = dict.fromkeys([*request.subject.model.sources, *borrowed, *effects])
    return [{"id": key, "citation": known[key].citation, "doi": known[key].doi} for key in ids]


def _said(code: str, field: str, value: Any, message: str) -> Warning_:
    return {"code": code, "field": field, "value": value, "message": message}


def _substance(request: Request) -> Iterator[Warning_]:
    if request.racemate_given:
        words = f"model {request.subject.model.id} describes esketamine: half of each racemic dose enters it"
        yield _said("racemate_as_half_esketamine", "substance", "racemate", words)


def _group(request: Request) -> Iterator[Warning_]:
    model = request.subject.model
    if model.group:
        one = model.groups[model.group]
        factors = ", ".join(f"{name.replace('_', ' ')} x {factor:g}" for name, factor in one.factors.items())
        words = f"{one.title}: {factors}. Means of people in one study; they say little about one person."
        yield _said("group_of_the_paper", "group", one.id, words)


def _covariates(request: Request) -> Iterator[Warning_]:
    for one in outside(request.subject.model, request.subject.person):
        if one.warns:
            yield _said("covariate_outside_studied_range", f"patient.{one.covariate}", one.value, one.says)


def _nose(request: Request) -> Iterator[Warning_]:
    model, nasal = request.subject.model, [i for i, dose in enumerate(request.doses) if dose.route is Route.NASAL]
    for i in nasal:
        device = model.parameters[model.entries[Route.NASAL][0].spray_mg].value
        if request.doses[i].amount_mg > device:
            words = f"counted as devices of {device:g} mg, of which the second and later absorb less through the nose"
            yield _said("nasal_dose_in_devices", f"doses[{i}].amount_mg", request.asked_amounts_mg[i], words)
    if len(nasal) > 1:
        words = "each nasal row counts as a session of its own; devices of one session belong in one row"
        yield _said("nasal_rows_are_sessions", "doses", len(nasal), words)


def _population(request: Request) -> Iterator[Warning_]:
    spread = request.subject.model.variability
    if not request.people or spread is None:
        return
    if spread.borrowed_from:
        words = (
            f"between-subject variability is borrowed from {spread.borrowed_from}: an assumption, not this model's own"
        )
        yield _said("variability_borrowed", "population.n", request.people, words)
    if spread.assumed:
        words = f"the variance of {', '.join(spread.assumed)} is not published: an assumption"
        yield _said("variability_assumed", "population.n", request.people, words)
    if request.people > EXACT_PEOPLE:
        words = f"quantiles are read from counts of people in bins: relative error at most {100 * COUNTED_ERROR:.3f} %"
        yield _said("quantiles_counted", "population.n", request.people, words)


def _derived(request: Request) -> Iterator[Warning_]:
    """Effects and links are shown with their limits; most are derived or assumed, and none is validated in patients."""
    said: set[str] = set()
    for i, effect in request.effects.items():
        if effect.id not in said:
            said.add(effect.id)
            yield _said("model_estimate", f"effects[{i}]", effect.id, f"{effect.title}. {limits_of_use(effect.id)}")
    for i, link in enumerate(request.links):
        yield _said("derived_not_validated", f"links[{i}]", link.id, f"{link.title}. {link.limits_of_use}")
