"""`simulate FILE|-`: predicted levels and effects of given doses, as one JSON object."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from openketamine.core.pharmacology.effects import Effect
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Floats, PkModel
from openketamine.core.pharmacology.population import bands, population, typical
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person, Route, Substance
from openketamine.evidence import load, pharmacology
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.io import BadInput, only_keys, print_json, read_json
from openketamine.site.commands.json_fields import choice, listed, number, text, whole

KEYS = {"model", "substance", "patient", "doses", "times_min", "population", "effects", "links"}
PATIENT = {"weight_kg": "kg", "age_years": "a", "height_cm": "cm"}
MOST_PEOPLE = 1_000_000
MOST_ROWS = 10_000
MINUTES = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request."""

    subject: Subject
    doses: tuple[Dose, ...]
    times_min: tuple[float, ...]
    people: int
    seed: int
    asked_effects: tuple[str, ...]


def run(argv: list[str]) -> int:
    """Answer one request."""
    parser = Arguments("simulate")
    parser.add_argument("file", metavar="FILE|-")
    print_json(answer(checked(read_json(parser.parse_args(argv).file))))
    return 0


def answer(request: Request) -> dict[str, Any]:
    """Return the answer to a checked request."""
    times_h = np.array(request.times_min) / MINUTES
    model = request.subject.model
    wanted = {model.output, *request.asked_effects}
    lines = request.subject.outputs(typical(request.subject), request.doses, times_h)
    return {
        "model": model.id,
        "sampling_site": model.sampling_site.value,
        "times_min": list(request.times_min),
        "outputs": {name: line[0].tolist() for name, line in lines.items() if name in wanted},
        "bands": _bands(request, times_h, wanted),
        "warnings": _warnings(request),
        "references": _references(request),
    }


def checked(body: dict[str, Any]) -> Request:
    """Check a request; raises BadInput naming the first field that is wrong, its value and the limit."""
    only_keys(body, KEYS)
    model = _model(body)
    weight_kg = _patient(body.get("patient", {}), model)
    doses = tuple(_dose(row, f"doses[{i}]", model) for i, row in enumerate(listed(body, "doses", MOST_ROWS)))
    times = tuple(
        number(value, f"times_min[{i}]", low=0) for i, value in enumerate(listed(body, "times_min", MOST_ROWS))
    )
    people, seed = _population(body.get("population", {}), model)
    if listed(body, "links", MOST_ROWS, required=False):
        raise BadInput(f"links[0] = {body['links'][0]!r}: model {model.id} has no links here")
    effects, asked = _effects(body, model)
    return Request(Subject(model, Person(weight_kg), effects), doses, times, people, seed, asked)


def _model(body: dict[str, Any]) -> PkModel:
    name = text(body, "model")
    if name not in load.names("pk_models"):
        raise BadInput(f"model = {name!r}: must be one of {', '.join(load.names('pk_models'))}")
    model = pharmacology.pk_model(name)
    substance = choice(body.get("substance", model.substance.value), "substance", [item.value for item in Substance])
    if substance != model.substance.value:
        raise BadInput(f"substance = {substance!r}: model {model.id} describes {model.substance.value} only")
    return model


def _patient(row: Any, model: PkModel) -> float:
    if not isinstance(row, dict):
        raise BadInput(f"patient = {row!r}: must be an object")
    only_keys(row, {*PATIENT, "sex"}, "patient.")
    ranges = load.table("limits", "person")
    for name in PATIENT:
        if name in row:
            number(row[name], f"patient.{name}", low=ranges[name]["low"], high=ranges[name]["high"])
    if "sex" in row:
        choice(row["sex"], "patient.sex", ["female", "male"])
    for name in sorted(model.covariates):
        if name not in row:
            raise BadInput(f"patient.{name}: missing; model {model.id} needs it")
    return float(row["weight_kg"])


def _dose(row: Any, where: str, model: PkModel) -> Dose:
    if not isinstance(row, dict):
        raise BadInput(f"{where} = {row!r}: must be an object")
    only_keys(row, {"route", "start_min", "amount_mg", "duration_min"}, f"{where}.")
    for name in ("route", "start_min", "amount_mg"):
        if name not in row:
            raise BadInput(f"{where}.{name}: missing")
    route = Route(choice(row["route"], f"{where}.route", [item.value for item in Route]))
    if route not in model.routes:
        raise BadInput(f"{where}.route = {route.value!r}: model {model.id} has no {route.value} parameters")
    start = number(row["start_min"], f"{where}.start_min", low=0)
    amount = number(row["amount_mg"], f"{where}.amount_mg", above=0)
    duration = number(row.get("duration_min", 0), f"{where}.duration_min", low=0)
    return Dose(start / MINUTES, amount, duration / MINUTES)


def _population(row: Any, model: PkModel) -> tuple[int, int]:
    if not isinstance(row, dict):
        raise BadInput(f"population = {row!r}: must be an object")
    only_keys(row, {"n", "seed"}, "population.")
    people = whole(row.get("n", 0), "population.n", 0, MOST_PEOPLE)
    seed = whole(row.get("seed", 1), "population.seed", 0, 2**63 - 1)
    if people and model.variability is None:
        raise BadInput(f"population.n = {people}: model {model.id} has no variability; use 0")
    return people, seed


def _effects(body: dict[str, Any], model: PkModel) -> tuple[tuple[Effect, ...], tuple[str, ...]]:
    """Effects are asked for by block, or by output: an output alone means the default block that answers it."""
    known = {name: pharmacology.effect(name) for name in load.names("effects")}
    defaults = {output: one.id for one in known.values() for output in one.outputs if not one.comparator}
    blocks: dict[str, Effect] = {}
    names: list[str] = []
    for i, name in enumerate(listed(body, "effects", MOST_ROWS, required=False)):
        where = f"effects[{i}]"
        choice(name, where, sorted({*known, *defaults}))
        block = known[defaults.get(name, name)]
        rivals = [one.id for one in blocks.values() if one.id != block.id and set(one.outputs) & set(block.outputs)]
        if rivals:
            raise BadInput(f"{where} = {name!r}: answers the same output as {rivals[0]}; ask for one of them")
        try:
            block.share(model.substance)
        except ValueError as error:
            raise BadInput(f"{where} = {name!r}: {error}") from error
        blocks[block.id] = block
        names += block.outputs if name in known else [name]
    return tuple(blocks.values()), tuple(names)


def _bands(request: Request, times_h: Floats, wanted: set[str]) -> dict[str, dict[str, list[float]]]:
    if not request.people:
        return {}
    drawn = population(request.subject, request.people, request.seed)
    found = bands(request.subject, drawn, request.doses, times_h)
    return {name: {q: line.tolist() for q, line in rows.items()} for name, rows in found.items() if name in wanted}


def _warnings(request: Request) -> list[dict[str, Any]]:
    spread = request.subject.model.variability
    if not request.people or spread is None or not spread.borrowed_from:
        return []
    message = (
        f"between-subject variability is borrowed from {spread.borrowed_from}: an assumption, not this model's own"
    )
    return [{"code": "variability_borrowed", "field": "population.n", "value": request.people, "message": message}]


def _references(request: Request) -> list[dict[str, str]]:
    spread = request.subject.model.variability
    borrowed = [spread.borrowed_from] if spread and request.people and spread.borrowed_from else []
    effects = [source for one in request.subject.effects for source in one.sources]
    ids = [*request.subject.model.sources, *borrowed, *effects]
    known = load.sources()
    return [{"id": key, "citation": known[key].citation, "doi": known[key].doi} for key in dict.fromkeys(ids)]
