"""Where each criterion of readiness to leave stands, and how we know."""

from dataclasses import dataclass
from datetime import datetime

from openketamine.clinic.infusion import queries as infusions
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.recovery.models import CriterionTick
from openketamine.core.recovery import readiness
from openketamine.core.recovery.readiness import Pressure, Standing
from openketamine.evidence.regimen import Criterion, Recovery


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion, its standing, and how we know."""

    id: str
    says: str
    ticked: bool
    standing: Standing
    how: str


def criteria(infusion: Infusion, *, at: datetime) -> list[CriterionRow]:
    """Return all criteria with their standing at an instant."""
    rules = infusions.regimen_in_force(infusion).recovery
    return [_row(infusion, rules, one, at) for one in rules.criteria]


def ready(rows: list[CriterionRow]) -> bool:
    """Say whether every criterion is met."""
    return readiness.ready([row.id for row in rows], {row.id: row.standing for row in rows})


def _row(infusion: Infusion, rules: Recovery, one: Criterion, at: datetime) -> CriterionRow:
    standing, how = _ticked(infusion, one, at) if one.ticked else _read(infusion, rules, one, at)
    return CriterionRow(one.id, one.says, one.ticked, standing, how)


def _ticked(infusion: Infusion, one: Criterion, at: datetime) -> tuple[Standing, str]:
    last = CriterionTick.objects.filter(infusion=infusion, criterion=one.id, at__lte=at).order_by("pk").last()
    if last is None:
        return Standing.UNKNOWN, ""
    return Standing.MET if last.met else Standing.NOT_MET, f"{last.by} {last.note}".strip()


def _read(infusion: Infusion, rules: Recovery, one: Criterion, at: datetime) -> tuple[Standing, str]:
    if one.id == "observation_time":
        course = infusions.course_of(infusion)
        return readiness.observed_long_enough(course.stopped_at, course.started_at, at, rules.observation_min), ""
    if one.id == "blood_pressure":
        return _pressure(infusion, rules, at)
    signal, limit = ("spo2", rules.spo2_above) if one.id == "spo2" else ("moaas", rules.moaas_at_least)
    value = _after_stop(infusion, signal, at)
    how = "" if value is None else f"{value:g}"
    return (readiness.above if one.id == "spo2" else readiness.at_least)(value, limit), how


def _pressure(infusion: Infusion, rules: Recovery, at: datetime) -> tuple[Standing, str]:
    systolic, diastolic = (_after_stop(infusion, f"nibp_{part}", at) for part in ("systolic", "diastolic"))
    now = None if systolic is None or diastolic is None else Pressure(systolic, diastolic)
    standing = readiness.pressure_settled(_before(infusion), now, rules.pressure_within_percent, rules.pressure_at_most)
    return standing, "" if now is None else f"{now.systolic:g}/{now.diastolic:g}"


def _before(infusion: Infusion) -> Pressure | None:
    systolic = infusions.baseline(infusion)
    if systolic is None or systolic.value is None:
        return None
    rows = Reading.objects.filter(watch=infusion.watch, signal="nibp_diastolic", observed_at=systolic.observed_at)
    diastolic = rows.exclude(value=None).first()
    return Pressure(systolic.value, float(diastolic.value)) if diastolic else None


def _after_stop(infusion: Infusion, signal: str, at: datetime) -> float | None:
    """Return the newest value since the infusion ended; an older one says nothing about leaving."""
    stopped = infusions.course_of(infusion).stopped_at
    if stopped is None:
        return None
    rows = Reading.objects.filter(watch=infusion.watch, signal=signal, observed_at__gte=stopped, observed_at__lte=at)
    last = rows.exclude(value=None).order_by("observed_at", "pk").last()
    return float(last.value) if last else None
