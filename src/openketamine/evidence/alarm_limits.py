"""Alarm rules from their TOML files to core values."""

from functools import cache
from typing import Any

from openketamine.core.monitoring.rule import Direction, LimitRule, Priority, Rule, SourceRule
from openketamine.core.monitoring.signal import Signal
from openketamine.evidence import load
from openketamine.evidence.pharmacology import cited


def limit_ids() -> tuple[str, ...]:
    """Return the ids of the limit files that hold alarm rules."""
    return tuple(name for name in load.names("limits") if "limit" in load.table("limits", name))


def alarm_rules(name: str) -> tuple[Rule, ...]:
    """Return the rules of one file; raises EvidenceError for an unknown file, an uncited number or an order in the text."""
    if name not in limit_ids():
        raise load.EvidenceError(f"limits: {name!r} is not one of {', '.join(limit_ids())}")
    return rules_of(load.text("limits", name), f"limits/{name}.toml")


@cache
def rules_of(text: str, where: str) -> tuple[Rule, ...]:
    """Return the rules of a text, as it stands in its file or as a clinic keeps it."""
    row = load.parse(text, where)
    return (*(_limit(rule, where) for rule in row["limit"]), *(_source(rule, where) for rule in row.get("source", ())))


@cache
def escalate_after_s(text: str, where: str) -> float:
    """Return after how many seconds an urgent alarm that nobody answers calls a second nurse."""
    return cited(load.parse(text, where)["escalation"], "s", where)


def _limit(row: dict[str, Any], where: str) -> LimitRule:
    here, signal = f"{where} {row['id']}", Signal(row["signal"])
    return LimitRule(
        id=row["id"], signal=signal, direction=Direction(row["direction"]), limit=cited(row, signal.unit, here),
        inclusive=row["inclusive"], clear=float(row["clear"]), hold_s=float(row["hold_s"]), readings=row["readings"],
        span_s=float(row["span_s"]), priority=Priority(row["priority"]), says=load.not_an_order(row["says"], here),
        cite=load.citation(row["cite"], here),
    )  # fmt: skip


def _source(row: dict[str, Any], where: str) -> SourceRule:
    here = f"{where} {row['id']}"
    says = load.not_an_order(row["says"], here)
    return SourceRule(
        row["id"],
        Signal(row["signal"]),
        cited(row, "s", here),
        Priority(row["priority"]),
        says,
        load.citation(row["cite"], here),
    )
