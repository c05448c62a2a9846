"""How an infusion of one kind is run: dose, days, check before the start, pressure checks, readiness to leave."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from openketamine.core.followup.response import Lines
from openketamine.core.plan.dose import DoseLimits
from openketamine.core.recovery.readiness import Pressure
from openketamine.evidence import load
from openketamine.evidence.pharmacology import cited

KIND = "regimens"


@dataclass(frozen=True, slots=True)
class GateItem:
    """One question of the check before the start."""

    id: str
    question: str
    source: str


@dataclass(frozen=True, slots=True)
class CheckSchedule:
    """Minutes at which pressure is due in the infusion, the interval afterwards, and the window that counts as on time."""

    infusion_min: tuple[int, ...]
    interval_min: int
    until_min: int
    early_min: int
    late_min: int

    def minutes(self, ended_min: float | None) -> tuple[int, ...]:
        """Return the minutes at which a check is due, given the minute at which the infusion ended (None: it runs)."""
        during = tuple(minute for minute in self.infusion_min if ended_min is None or minute <= ended_min)
        if ended_min is None:
            return during
        first = int(ended_min) + self.interval_min
        return during + tuple(range(first, self.until_min, self.interval_min))


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of readiness to leave: found in readings, or ticked by a nurse."""

    id: str
    says: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Recovery:
    """The criteria of readiness to leave and their numbers."""

    criteria: tuple[Criterion, ...]
    observation_min: float
    pressure_within_percent: float
    pressure_at_most: Pressure
    spo2_above: float
    moaas_at_least: float


@dataclass(frozen=True, slots=True)
class Regimen:
    """Everything one regimen file says."""

    id: str
    title: str
    dose_mg_per_kg: Decimal
    limits: DoseLimits
    duration_min: Decimal
    bag_ml: Decimal
    infusions: int
    per_week: int
    gate: tuple[GateItem, ...]
    checks: CheckSchedule
    recovery: Recovery
    response: Lines


def regimen(name: str) -> Regimen:
    """Return a regimen by id; raises EvidenceError for an unknown id or an uncited number."""
    return regimen_of(load.text(KIND, name) if name in load.names(KIND) else "", f"{KIND}/{name}.toml")


@cache
def regimen_of(text: str, where: str) -> Regimen:
    """Return a regimen from its text, as it stands in its file or as a clinic keeps it."""
    row = load.parse(text, where)
    if "regimen" not in row:
        raise load.EvidenceError(f"{where}: is not one of {', '.join(load.names(KIND))}")
    plan = row["regimen"]

    def exact(name: str, unit: str) -> Decimal:
        return Decimal(repr(cited(plan[name], unit, where))).normalize()

    return Regimen(
        id=row["id"], title=row["title"], dose_mg_per_kg=exact("dose", "mg/kg"),
        limits=DoseLimits(exact("highest_dose", "mg/kg"), None), duration_min=exact("duration", "min"), bag_ml=exact("bag", "mL"),
        infusions=int(exact("infusions", "1")), per_week=int(exact("per_week", "1")),
        gate=tuple(_gate(item, where) for item in row["gate"]), checks=_checks(row["checks"], where),
        recovery=_recovery(row["recovery"], where), response=_lines(row["course"], where),
    )  # fmt: skip


def _gate(row: dict[str, Any], where: str) -> GateItem:
    here = f"{where} {row['id']}"
    return GateItem(row["id"], load.not_an_order(row["question"], here), load.citation(row["cite"], here).source)


def _checks(row: dict[str, Any], where: str) -> CheckSchedule:
    interval = int(cited(row, "min", where))
    return CheckSchedule(tuple(row["infusion_min"]), interval, row["until_min"], row["early_min"], row["late_min"])


def _recovery(row: dict[str, Any], where: str) -> Recovery:
    at_most = Pressure(*(cited(row[name], "mm[Hg]", where) for name in ("systolic_at_most", "diastolic_at_most")))
    criteria = tuple(Criterion(one["id"], one["says"], one["needs"] == "tick") for one in row["criterion"])
    return Recovery(
        criteria, cited(row["observation"], "min", where), cited(row["pressure_within"], "%", where), at_most,
        cited(row["spo2_above"], "%", where), cited(row["moaas"], "{score}", where),
    )  # fmt: skip


def _lines(row: dict[str, Any], where: str) -> Lines:
    return Lines(cited(row["response"], "%", where), cited(row["remission_below"], "{score}", where))
