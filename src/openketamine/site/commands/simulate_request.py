"""What `simulate` accepts: every field checked, the first fault named with its value and its limit."""

from dataclasses import dataclass, field
from typing import Any

from openketamine.core.pharmacology.effects import Effect
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Link, PkModel
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person, Route, Sex, Substance
from openketamine.evidence import load, person, pharmacology
from openketamine.evidence.pk_models import links_of
from openketamine.site.commands.io import BadInput, only_keys
from openketamine.site.commands.json_fields import choice, listed, number, text, whole

KEYS = {"model", "substance", "patient", "doses", "times_min", "population", "effects", "links", "group", "medicines"}
MOST_PEOPLE = 1_000_000
MOST_ROWS = 10_000
OCCUPANCY = "nmda_occupancy"
MINUTES = 60.0
# Guards of the arithmetic, not of a clinic: beyond them numbers overflow or times can no longer be told apart.
MOST_MINUTES, MOST_MG, SHORTEST_MIN = 1e7, 1e6, 1e-3


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request. `racemate_given` says that its doses are half of the racemate asked for."""

    subject: Subject
    doses: tuple[Dose, ...]
    times_min: tuple[float, ...]
    people: int
    seed: int
    asked_effects: tuple[str, ...]
    racemate_given: bool
    asked_amounts_mg: tuple[float, ...]
    effects: dict[int, Effect] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    occupancy: bool = False
    medicines: tuple[str, ...] = ()


def checked(body: dict[str, Any]) -> Request:
    """Check a request; raises BadInput naming the first field that is wrong, its value and the limit."""
    only_keys(body, KEYS)
    model, substance = _model(body)
    model = _grouped(body, model)
    who = _person(body.get("patient", {}), model)
    doses = tuple(_dose(row, f"doses[{i}]", model) for i, row in enumerate(listed(body, "doses", MOST_ROWS)))
    times = tuple(
        number(value, f"times_min[{i}]", low=0, high=MOST_MINUTES)
        for i, value in enumerate(listed(body, "times_min", MOST_ROWS))
    )
    people, seed = _population(body.get("population", {}), model)
    links = _links(body, model)
    for link in links:
        model = model.with_link(link)
    effects, asked = _effects(body, model)
    occupancy = _occupancy(body, model)
    halved = substance is Substance.RACEMATE and model.substance is Substance.ESKETAMINE
    blocks = tuple({one.id: one for one in effects.values()}.values())
    return Request(
        Subject(model, who, blocks), tuple(_halved(dose) for dose in doses) if halved else doses, times, people, seed,
        asked, halved, tuple(dose.amount_mg for dose in doses), effects, links, occupancy, _medicines(body),
    )  # fmt: skip


def _model(body: dict[str, Any]) -> tuple[PkModel, Substance]:
    name = text(body, "model")
    if name not in load.names("pk_models"):
        raise BadInput(f"model = {name!r}: must be one of {', '.join(load.names('pk_models'))}")
    model = pharmacology.pk_model(name)
    known = [item.value for item in Substance]
    substance = Substance(choice(body.get("substance", model.substance.value), "substance", known))
    if substance is Substance.ESKETAMINE and model.substance is Substance.RACEMATE:
        raise BadInput(f"substance = {substance.value!r}: model {model.id} describes {model.substance.value} only")
    return model, substance


def _person(row: Any, model: PkModel) -> Person:
    if not isinstance(row, dict):
        raise BadInput(f"patient = {row!r}: must be an object")
    only_keys(row, {*person.limits(), "sex"}, "patient.")
    found = {
        name: number(row[name], f"patient.{name}", low=low, high=high)
        for name, (low, high) in person.limits().items()
        if name in row
    }
    sex = Sex(choice(row["sex"], "patient.sex", [item.value for item in Sex])) if "sex" in row else None
    for name in sorted(model.covariates):
        if name not in row:
            raise BadInput(f"patient.{name}: missing; model {model.id} needs it")
    return Person(**found, sex=sex)


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
    start = number(row["start_min"], f"{where}.start_min", low=0, high=MOST_MINUTES)
    amount = number(row["amount_mg"], f"{where}.amount_mg", above=0, high=MOST_MG)
    return Dose(start / MINUTES, amount, _duration(row, where, route) / MINUTES, route)


def _duration(row: dict[str, Any], where: str, route: Route) -> float:
    found = number(row.get("duration_min", 0), f"{where}.duration_min", low=0, high=MOST_MINUTES)
    if found > 0 and route is not Route.IV:
        raise BadInput(
            f"{where}.duration_min = {found:g}: a {route.value} dose is given at once; leave it out or use 0"
        )
    if 0 < found < SHORTEST_MIN:
        raise BadInput(f"{where}.duration_min = {found:g}: must be 0 (a bolus) or at least {SHORTEST_MIN:g}")
    return found


def _halved(dose: Dose) -> Dose:
    return Dose(dose.start_h, dose.amount_mg / 2, dose.duration_h, dose.route)


def _population(row: Any, model: PkModel) -> tuple[int, int]:
    if not isinstance(row, dict):
        raise BadInput(f"population = {row!r}: must be an object")
    only_keys(row, {"n", "seed"}, "population.")
    people = whole(row.get("n", 0), "population.n", 0, MOST_PEOPLE)
    seed = whole(row.get("seed", 1), "population.seed", 0, 2**63 - 1)
    if people and model.variability is None:
        raise BadInput(f"population.n = {people}: model {model.id} has no variability; use 0")
    return people, seed


def _grouped(body: dict[str, Any], model: PkModel) -> PkModel:
    """A group is one of the paper's own, and only what the request says: no name and no record leads to it."""
    if "group" not in body:
        return model
    if not model.groups:
        raise BadInput(f"group = {body['group']!r}: model {model.id} has no groups")
    return model.with_group(choice(body["group"], "group", sorted(model.groups)))


def _occupancy(body: dict[str, Any], model: PkModel) -> bool:
    """Say whether the span of receptor occupancy is asked for; its affinities are held against racemic levels alone."""
    rows = listed(body, "effects", MOST_ROWS, required=False)
    if OCCUPANCY not in rows:
        return False
    if model.substance is not Substance.RACEMATE:
        where = f"effects[{rows.index(OCCUPANCY)}] = {OCCUPANCY!r}"
        raise BadInput(f"{where}: is reckoned from racemic levels; model {model.id} describes esketamine")
    return True


def _medicines(body: dict[str, Any]) -> tuple[str, ...]:
    rows = listed(body, "medicines", MOST_ROWS, required=False)
    for i, name in enumerate(rows):
        if not isinstance(name, str) or not name.strip():
            raise BadInput(f"medicines[{i}] = {name!r}: must be the name of a medicine")
    return tuple(rows)


def _links(body: dict[str, Any], model: PkModel) -> tuple[Link, ...]:
    known, found = list(links_of(model.id)), list[Link]()
    for i, name in enumerate(listed(body, "links", MOST_ROWS, required=False)):
        if not known:
            raise BadInput(f"links[{i}] = {name!r}: model {model.id} has no links")
        link = pharmacology.pk_link(choice(name, f"links[{i}]", known))
        if link in found:
            raise BadInput(f"links[{i}] = {name!r}: given twice")
        found.append(link)
    return tuple(found)


def _effects(body: dict[str, Any], model: PkModel) -> tuple[dict[int, Effect], tuple[str, ...]]:
    """Effects are asked for by block, or by output: an output alone means the default block that answers it."""
    known = {name: pharmacology.effect(name) for name in load.names("effects")}
    defaults = {output: one.id for one in known.values() for output in one.outputs if not one.comparator}
    blocks: dict[int, Effect] = {}
    names: list[str] = []
    for i, name in enumerate(listed(body, "effects", MOST_ROWS, required=False)):
        where = f"effects[{i}]"
        choice(name, where, sorted({*known, *defaults, OCCUPANCY}))
        if name == OCCUPANCY:
            continue
        block = known[defaults.get(name, name)]
        rivals = [one.id for one in blocks.values() if one.id != block.id and set(one.outputs) & set(block.outputs)]
        if rivals:
            raise BadInput(f"{where} = {name!r}: answers the same output as {rivals[0]}; ask for one of them")
        try:
            block.share(model.substance)
        except ValueError as error:
            raise BadInput(f"{where} = {name!r}: {error}") from error
        blocks[i] = block
        names += block.outputs if name in known else [name]
    return blocks, tuple(dict.fromkeys(names))
