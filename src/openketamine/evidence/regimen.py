"""How an infusion of one kind is run: dose, caps, days, check before the start, pressure checks, readiness to leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from openketamine.core.citation import Citation
from openketamine.core.followup.checkpoint import Checkpoint, Remission
from openketamine.core.followup.response import Lines
from openketamine.core.infusion.gate import GateItem
from openketamine.core.monitoring.signal import SEDATION, Signal, on_scale
from openketamine.core.plan.dose import Basis, Rules
from openketamine.core.plan.protocol import Caps, DurationLines
from openketamine.core.recovery.readiness import Pressure
from openketamine.evidence import gate as gates
from openketamine.evidence import load
from openketamine.evidence.check_schedule import CheckSchedule
from openketamine.evidence.load import cited
from openketamine.evidence.regimen_first import of_today
from openketamine.evidence.regimen_numbers import (
    AFTER_SEDATIVE,
    FROM_END,
    RASS_FROM,
    RASS_TO,
    UNSET,
    Number,
    asked_later,
    number_of,
    value_of,
)

KIND, PARTS, SHARED_PART = "regimens", "sessions", "outpatient"
CAPS = {"per_kg": "mg/kg", "per_kg_per_hour": "mg/kg/h", "per_hour": "mg/h", "per_session": "mg", "per_day": "mg"}
SECOND_CHECKS = ("at_the_draw", "before_start")
AWAKE, ESCORT, WEIGHED = "awake", "escort", "weighed"
LATER = ("pump", "before_start")
SCORES = ("aldrete", "padss")
MEASURED_BY = {
    "observation_time": ("observation", "first_observation", "first_sessions"),
    "recovery_score": SCORES,
    "blood_pressure": ("pressure_within", "systolic_at_most"),
    "spo2": ("spo2_above",),
    "awake": ("moaas", "rass_from", "rass_to"),
}
"""Criterion: the numbers that decide it."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of readiness to leave: found in readings, added up in a score, observed on a scale, asked, ticked by a nurse, or a reading that a nurse weighs."""

    id: str
    says: str
    needs: str
    cites: tuple[Citation, ...] = ()

    @property
    def ticked(self) -> bool:
        """Whether a nurse looks and ticks, with or without a reading."""
        return self.needs in {"tick", WEIGHED}


@dataclass(frozen=True, slots=True)
class FirstSessions:
    """The first sessions of a person: how many they are, and how long each is observed from the end of the infusion."""

    sessions: int
    from_end_min: float


@dataclass(frozen=True, slots=True)
class Recovery:
    """The criteria of readiness to leave and their numbers. `first_observation` is empty in texts that do not know it.

    `after_sedative` is the observation that the last sedative restarts, `from_end` the least from the end of a later session; the value of each is None until a clinic has set one. Dissociation is held against its value
    before the start on each of `dissociation_scales`; `rass_awake` are the lowest and highest level of RASS that count as fully awake, None until a clinic has set them; `stays_after_sedative` are the criteria that need not be looked at anew once a sedative was given; `thoughts` is the instrument and the item that are asked before leaving, `thoughts_before`
    the item of each screen that they are held against.
    """

    criteria: tuple[Criterion, ...]
    observation_min: float
    first_observation: FirstSessions | None
    scores: Mapping[str, float]
    pressure_within_percent: float
    pressure_at_most: Pressure
    spo2_above: float
    moaas_at_least: float
    after_sedative: Number
    from_end: Number
    rass_awake: tuple[float, float] | None = None
    stays_after_sedative: frozenset[str] = frozenset()
    dissociation_scales: tuple[str, ...] = ()
    thoughts: tuple[str, str] | None = None
    thoughts_before: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a regimen with what it rests on: a position of the evidence, an option of titration, of maintenance."""

    id: str
    says: str
    cite: Citation


@dataclass(frozen=True, slots=True)
class Regimen:
    """Everything one regimen text says; `protocol` is the id of the candidacy protocol that it belongs to. A dose of None is one that a clinic has to set in a version of its own."""

    id: str
    title: str
    indication: str
    protocol: str
    tier: str
    setting: str
    view_only: bool
    positions: tuple[Statement, ...]
    dose_mg_per_kg: Decimal | None
    rules: Rules
    duration_min: Decimal
    bag_ml: Decimal
    diluents: tuple[tuple[str, str], ...]
    infusions: int
    per_week: int
    minimum_interval_days: int | None
    titration: tuple[Statement, ...]
    maintenance: tuple[Statement, ...]
    review_months: int | None
    second_check: str
    sedation: Signal
    weight_choice: Statement
    gate: tuple[GateItem, ...]
    required: tuple[str, ...]
    pump_differs_ml: float | None
    oldest_before_start_min: float | None
    measured_again_min: float | None
    checks: CheckSchedule
    recovery: Recovery
    instruments: tuple[str, ...]
    overlapping_recall: frozenset[str]
    response_percent: float | None
    remissions: tuple[Remission, ...]
    checkpoints: tuple[Checkpoint, ...]
    numbers: tuple[Number, ...]

    @property
    def orderable(self) -> bool:
        """Whether an order can be signed from this text: outpatient evidence, and a dose."""
        return not self.view_only and self.dose_mg_per_kg is not None

    @property
    def response(self) -> Lines:
        """The response and remission lines of the PHQ-9."""
        found = [one.value for one in self.remissions if one.instrument == "phq9" and not one.inclusive]
        return Lines(self.response_percent, found[0] if found else None)


def text_of(name: str) -> str:
    """Return the whole text of a shipped regimen: its own file, then the parts of the session that it names."""
    return _text_in(load.FOLDER, name)


@cache
def _text_in(_folder: Path, name: str) -> str:
    """What ships does not change while a process runs; reading a dozen files for one page is felt."""
    if name not in load.names(KIND):
        raise load.EvidenceError(f"{KIND}/{name}.toml: is not one of {', '.join(load.names(KIND))}")
    own = load.text(KIND, name)
    parts = load.parse(own, f"{KIND}/{name}.toml").get("session", [])
    return "\n".join([own, *(load.text(PARTS, part) for part in parts)])


def regimen(name: str) -> Regimen:
    """Return a shipped regimen by id; raises EvidenceError for an unknown id or an uncited number."""
    return regimen_of(text_of(name), f"{KIND}/{name}.toml")


@cache
def regimen_of(text: str, where: str) -> Regimen:
    """Return a regimen from its whole text, as it ships or as a clinic keeps it."""
    shared = load.text(PARTS, SHARED_PART)
    # A text kept before these numbers stood in it is read with those of the file as it stands now.
    row = {**{name: load.parse(shared, PARTS)[name] for name in LATER}, **of_today(load.parse(text, where), shared)}
    try:
        return _regimen(row, where)
    except KeyError as error:
        raise load.EvidenceError(f"{where}: {error} is missing") from error


def _regimen(row: dict[str, Any], where: str) -> Regimen:
    numbers = {one.name: one for one in _numbers(row, where)}

    def whole(name: str) -> int:
        return int(value_of(numbers[name], where))

    dose, interval, review, response, tolerance, oldest, again = (
        numbers[name].value
        for name in (
            "regimen.dose",
            "regimen.minimum_interval",
            "maintenance_review",
            "course.response",
            "pump.differs",
            "before_start.oldest",
            "before_start.again",
        )
    )
    return Regimen(
        id=row["id"], title=row["title"], indication=row["indication"], protocol=row["protocol"], tier=row["tier"], setting=row["setting"],
        view_only=row["view_only"], positions=_statements(row.get("position", []), where), dose_mg_per_kg=dose,
        rules=_rules(row, numbers, where), duration_min=value_of(numbers["regimen.duration"], where),
        bag_ml=value_of(numbers["regimen.bag"], where), diluents=tuple((one["id"], one["says"]) for one in row["diluent"]),
        infusions=whole("regimen.infusions"), per_week=whole("regimen.per_week"),
        minimum_interval_days=None if interval is None else int(interval),
        titration=_titration(row.get("titration", []), where), maintenance=_statements(row.get("maintenance", []), where),
        review_months=None if review is None else int(review), second_check=_second_check(row["policy"], where), sedation=_sedation(row, where),
        weight_choice=_statements([row["weight"]], where)[0],
        gate=gates.gate(row["gate"], where), required=gates.required(row, where), pump_differs_ml=_float(tolerance),
        oldest_before_start_min=_float(oldest), measured_again_min=_float(again), checks=_checks(row, where),
        recovery=_recovery(row["recovery"], _sedation(row, where), where), instruments=tuple(row["course"]["instruments"]),
        overlapping_recall=frozenset(row["course"]["overlapping_recall"]),
        response_percent=_float(response),
        remissions=tuple(_remission(one, where) for one in row["course"].get("remission", [])),
        checkpoints=_checkpoints(row["course"], where), numbers=tuple(numbers.values()),
    )  # fmt: skip


def _numbers(row: dict[str, Any], where: str) -> list[Number]:
    """Return every number that a clinic may set, in the order of the text."""
    found = [
        number_of(f"{section}.{name}", row[section][name], where)
        for section in ("regimen", "caps", "duration")
        for name in row[section]
    ]
    found += [number_of("course.response", row["course"]["response"], where)]
    found += [number_of("maintenance_review", row["maintenance_review"], where)]
    found += [number_of("weight.oldest", row["weight"]["oldest"], where)]
    found += [number_of("recovery.observation", row["recovery"]["observation"], where)]
    found += [asked_later(name, row["recovery"], where) for name in UNSET]
    found += [number_of("pump.differs", row["pump"]["differs"], where)]
    return [
        *found,
        *(number_of(f"before_start.{name}", row["before_start"][name], where) for name in ("oldest", "again")),
    ]


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _rules(row: dict[str, Any], numbers: dict[str, Number], where: str) -> Rules:
    caps = Caps(**{name: numbers[f"caps.{name}"].value for name in CAPS})
    studied = max(value_of(numbers["duration.usual_to"], where), value_of(numbers["regimen.duration"], where))
    lines = DurationLines(studied, max(value_of(numbers["duration.weak_to"], where), studied))
    vials = row["vials"]
    load.citation(vials.get("cite"), f"{where} vials")
    load.citation(row["weight"].get("cite"), f"{where} weight")
    return Rules(
        caps, lines, tuple(Decimal(one) for one in vials["strengths_mg_per_ml"]), Decimal(vials["never_undiluted_mg_per_ml"]),
        float(value_of(numbers["weight.oldest"], where)), Basis(row["weight"]["basis"]),
    )  # fmt: skip


def _statements(rows: list[dict[str, Any]], where: str) -> tuple[Statement, ...]:
    return tuple(
        Statement(one.get("id", ""), load.not_an_order(one["says"], where), load.citation(one["cite"], where))
        for one in rows
    )


def _titration(rows: list[dict[str, Any]], where: str) -> tuple[Statement, ...]:
    return tuple(
        Statement(one["id"], f"{one['when']}: {cited(one, 'mg/kg', where):g} mg/kg", load.citation(one["cite"], where))
        for one in rows
    )


def _second_check(row: dict[str, Any], where: str) -> str:
    load.citation(row.get("cite"), f"{where} policy")
    if row["second_check"] not in SECOND_CHECKS:
        raise load.EvidenceError(f"{where} policy: {row['second_check']!r} is not one of {', '.join(SECOND_CHECKS)}")
    return str(row["second_check"])


def _sedation(row: dict[str, Any], where: str) -> Signal:
    """Return the scale on which sedation is observed; a text kept before there was a choice has MOAA/S."""
    if "sedation" not in row:
        return Signal.MOAAS
    load.citation(row["sedation"].get("cite"), f"{where} sedation")
    scale = row["sedation"]["sedation_scale"]
    if scale not in SEDATION:
        raise load.EvidenceError(f"{where} sedation: {scale!r} is not one of {', '.join(SEDATION)}")
    return Signal(scale)


def _checks(text: dict[str, Any], where: str) -> CheckSchedule:
    row = text["checks"]
    interval = int(cited(row, "min", where))
    minutes = tuple(row["infusion_min"])
    parts = on_scale(gates.parts(text, where), _sedation(text, where))
    return CheckSchedule(minutes, interval, row["early_min"], row["late_min"], parts)


def _recovery(row: dict[str, Any], scale: Signal, where: str) -> Recovery:
    at_most = Pressure(*(cited(row[name], "mm[Hg]", where) for name in ("systolic_at_most", "diastolic_at_most")))
    return Recovery(
        tuple(_criterion(one, row, scale, where) for one in row["criterion"]), cited(row["observation"], "min", where), _first(row, where),
        {name: cited(row[name], "{score}", where) for name in SCORES if name in row}, cited(row["pressure_within"], "%", where), at_most,
        cited(row["spo2_above"], "%", where), cited(row["moaas"], "{score}", where), asked_later(AFTER_SEDATIVE, row, where),
        asked_later(FROM_END, row, where), _rass_awake(row, where), _stays(row, where), *_asked(row, where),
    )  # fmt: skip


def _stays(row: dict[str, Any], where: str) -> frozenset[str]:
    """Return the criteria that say nothing of a sedated person; in a text that names none everything is asked anew."""
    if "stays_after_sedative" not in row:
        return frozenset()
    load.citation(row["stays_after_sedative"]["cite"], f"{where} stays_after_sedative")
    return frozenset(row["stays_after_sedative"]["criteria"])


def _rass_awake(row: dict[str, Any], where: str) -> tuple[float, float] | None:
    """Return from and to which level of RASS somebody is fully awake; None until both are set."""
    low, high = (asked_later(name, row, where).value for name in (RASS_FROM, RASS_TO))
    if low is None and high is None:
        return None
    if low is None or high is None or low > high:
        raise load.EvidenceError(
            f"{where} fully awake on RASS, from {low} to {high}: set both levels, the lower one first, or neither"
        )
    return float(low), float(high)


def _asked(row: dict[str, Any], where: str) -> tuple[tuple[str, ...], tuple[str, str] | None, dict[str, str]]:
    """Return the scales of dissociation, the question about suicidal thoughts and the items that it is held against.

    A text in which a nurse ticks both names neither.
    """
    for name in ("dissociation", "thoughts"):
        if name in row:
            load.citation(row[name]["cite"], f"{where} {name}")
    for one in row.get("thoughts_before", ()):
        load.citation(one["cite"], f"{where} thoughts_before")
    scales, asks = tuple(row.get("dissociation", {}).get("scales", ())), row.get("thoughts")
    if not asks:
        return scales, None, {}
    held_against = {one["instrument"]: one["item"] for one in (asks, *row.get("thoughts_before", ()))}
    return scales, (asks["instrument"], asks["item"]), held_against


def _first(row: dict[str, Any], where: str) -> FirstSessions | None:
    if "first_observation" not in row:
        return None
    sessions = int(cited(row["first_sessions"], "1", where))
    return FirstSessions(sessions, cited(row["first_observation"], "min", where))


def _criterion(one: dict[str, Any], row: dict[str, Any], scale: Signal, where: str) -> Criterion:
    """Return a criterion with the citations of its own, or of the numbers that it is measured by."""
    by = [name for name in MEASURED_BY.get(one["id"], ()) if one["id"] != AWAKE or name.startswith(scale.value)]
    numbers = [row[name]["cite"] for name in by if "cite" in row.get(name, {})]
    cites = [one["cite"]] if "cite" in one else numbers
    weighed = one["id"] == AWAKE and scale is Signal.RASS and not numbers
    needs = WEIGHED if weighed else one["needs"]
    return Criterion(one["id"], one["says"], needs, tuple(load.citation(cite, where) for cite in cites))


def _remission(row: dict[str, Any], where: str) -> Remission:
    value = cited(row, "{score}", f"{where} {row['id']}")
    return Remission(row["id"], row["says"], row["instrument"], value, inclusive=row["test"] == "at_most")


def _checkpoints(course: dict[str, Any], where: str) -> tuple[Checkpoint, ...]:
    rows = course.get("checkpoint", [])
    delay = cited(course["checkpoint_delay"], "h", where) if rows else 0.0
    return tuple(
        Checkpoint(
            one["id"], load.not_an_order(one["says"], where), int(cited(one["after_infusion"], "1", where)),
            cited(one["improvement_below"], "%", where), delay, one["proposes"], one["after_infusion"]["cite"]["source"],
        )
        for one in rows
    )  # fmt: skip
