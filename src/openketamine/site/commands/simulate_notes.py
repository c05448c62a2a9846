"""What has to be said beside the numbers of `simulate`: warnings, notes and references."""

from collections.abc import Iterator
from typing import Any

from openketamine.core.citation import Mark
from openketamine.core.pharmacology.bands import COUNTED_ERROR, EXACT_PEOPLE
from openketamine.core.pharmacology.flags import Flag
from openketamine.core.pharmacology.studied import outside
from openketamine.core.pharmacology.substance import Route
from openketamine.evidence import effects, load, pharmacology
from openketamine.evidence.basis import basis
from openketamine.evidence.effects import limits_of_use
from openketamine.site.commands import simulate_flags
from openketamine.site.commands.simulate_request import OCCUPANCY, Request

Warning_ = dict[str, Any]
NOT_READ = (Mark.ASSUMED, Mark.DERIVED)
READ_THEM_IN = "docs/clinical/ and src/openketamine/evidence/: each number with source, place and mark"


def warnings(request: Request) -> list[Warning_]:
    """Return everything a reader must know of this answer, in the order of the request's fields."""
    people = (*_population(request), *_effect_people(request))
    return [
        *_substance(request), *_group(request), *_covariates(request), *_nose(request), *_flags(request), *people, *_derived(request),
    ]  # fmt: skip


def notes(request: Request) -> list[Warning_]:
    """Return what nobody here knows of this answer; it neither warns nor reassures."""
    found = (one for one in outside(request.subject.model, request.subject.person) if not one.warns)
    return [_said("studied_range_unknown", f"patient.{one.covariate}", one.value, one.says) for one in found]


def references(request: Request) -> list[dict[str, str]]:
    """Return the sources of the model, of what it borrows, of links, effects and flags."""
    found = pharmacology.references(request.subject, population=request.people > 0)
    flagged = (load.sources()[key] for key in simulate_flags.sources(request))
    return [{"id": one.id, "citation": one.citation, "doi": one.doi} for one in dict.fromkeys([*found, *flagged])]


def marks(request: Request) -> dict[str, Any]:
    """Return how we know the numbers used: how many bear each mark, which are assumed by name, and where to read them all."""
    found = pharmacology.marks(request.subject)
    return {**found.counts, "assumed_values": list(found.assumed), "read_them_in": READ_THEM_IN}


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


def _flags(request: Request) -> Iterator[Warning_]:
    fields = {
        Flag.FAST_BOLUS: "doses", Flag.UNRESPONSIVE_RANGE: "doses",
        Flag.OPIOID_ON_BOARD: "medicines", Flag.BENZODIAZEPINE_ON_BOARD: "medicines",
    }  # fmt: skip
    for flag, value in simulate_flags.raised(request).items():
        yield _said(flag.value, fields[flag], value, effects.flag_words()[flag].says)
    if request.occupancy:
        words = "a span over published affinities, model-dependent and unvalidated: no usable human curve was found"
        yield _said("occupancy_is_a_span", "effects", OCCUPANCY, words)


def _effect_people(request: Request) -> Iterator[Warning_]:
    """Whether the width of an effect's band rests on a source, on our assumption, or on nothing but the level."""
    blocks = {one.id: i for i, one in reversed(request.effects.items())} if request.people else {}
    for name, i in sorted(blocks.items(), key=lambda item: item[1]):
        title, field = request.effects[i].title, f"effects[{i}]"
        spread = [line for line in basis("effects", name).lines if line.what.startswith("spread")]
        if not spread:
            words = (
                f"{title}: how people differ is not known here; the band shows how their levels differ, nothing else"
            )
            yield _said("effect_variability_unknown", field, name, words)
            continue
        by_mark = {
            mark: [
                line.what.removeprefix("spread, ").replace("size, ", "size of ")
                for line in spread
                if line.citation.mark is mark
            ]
            for mark in NOT_READ
        }
        told = "; ".join(f"{mark.value}: {', '.join(what)}" for mark, what in by_mark.items() if what)
        if told:
            words = f"{title}: how people differ is not published; the width of the band rests on what is {told}"
            yield _said("effect_variability_assumed", field, name, words)


def _derived(request: Request) -> Iterator[Warning_]:
    """Effects and links are shown with their limits; most are derived or assumed, and none is validated in patients."""
    said: set[str] = set()
    for i, effect in request.effects.items():
        if effect.id not in said:
            said.add(effect.id)
            yield _said("model_estimate", f"effects[{i}]", effect.id, f"{effect.title}. {limits_of_use(effect.id)}")
    for i, link in enumerate(request.links):
        yield _said("derived_not_validated", f"links[{i}]", link.id, f"{link.title}. {link.limits_of_use}")
