"""Alarm rules from their TOML files to core values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from openketamine.core.monitoring.rule import (
    Bound,
    CompositeRule,
    DifferRule,
    Direction,
    Kind,
    LimitRule,
    NoRule,
    Priority,
    RecheckRule,
    RiseRule,
    Rule,
    SourceRule,
)
from openketamine.core.monitoring.signal import Signal
from openketamine.evidence import load
from openketamine.evidence.load import cited

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """One file: rules for everybody, rules on a rise over the own baseline, and dangers for which no number is set."""

    rules: tuple[Rule, ...]
    rises: tuple[RiseRule, ...]
    unset: tuple[NoRule, ...]


def limit_ids() -> tuple[str, ...]:
    """Return the ids of the limit files that hold alarm rules."""
    return tuple(name for name in load.names("limits") if "limit" in load.table("limits", name))


def alarm_rules(name: str) -> tuple[Rule, ...]:
    """Return the rules of one file; raises EvidenceError for an unknown file, an uncited number or an order in the text."""
    if name not in limit_ids():
        raise load.EvidenceError(f"limits: {name!r} is not one of {', '.join(limit_ids())}")
    return limits_of(load.text("limits", name), f"limits/{name}.toml").rules


def rules_of(text: str, where: str) -> tuple[Rule, ...]:
    """Return the rules of a text, as it stands in its file or as a clinic keeps it."""
    return limits_of(text, where).rules


def shipped_sources() -> tuple[SourceRule, ...]:
    """Return the rules that ship on a missing signal: what a protocol may require is what they watch for."""
    return tuple(one for one in alarm_rules("vital_signs") if isinstance(one, SourceRule))


@cache
def limits_of(text: str, where: str) -> Limits:
    """Return everything a text says; raises EvidenceError naming the rule."""
    row = load.parse(text, where)
    each = partial(_each, row, where)
    rules: tuple[Rule, ...] = (
        *each("limit", _limit), *each("recheck", partial(_recheck, rows=row.get("recheck", ()))), *each("source", _source),
        *each("composite", _composite), *each("differ", _differ),
    )  # fmt: skip
    return Limits(rules, each("rise", _rise), each("unset", _unset))


def _each(row: dict[str, Any], where: str, kind: str, read: Callable[[dict[str, Any], str], T]) -> tuple[T, ...]:
    """Read the rules of one kind; raises EvidenceError naming the rule."""
    found = list[T]()
    for number, rule in enumerate(row.get(kind, ()), start=1):
        try:
            found.append(read(rule, where))
        except load.EvidenceError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            name = rule.get("id", number) if isinstance(rule, dict) else number
            says = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise load.EvidenceError(f"{where} [[{kind}]] {name}: {says}") from error
    return tuple(found)


def escalate_after_s(text: str, where: str) -> float:
    """Return after how many seconds an urgent alarm that nobody answers calls a second nurse."""
    return _seconds(text, where, "escalation")


def over_after_s(text: str, where: str) -> float:
    """Return for how many seconds an alarm that nobody has answered must be clear before it counts as over."""
    return _seconds(text, where, "escalation_over")


def quiet_s(text: str, where: str) -> float:
    """Return for how many seconds an acknowledged alarm is quiet."""
    return _seconds(text, where, "acknowledged")


def snooze_s(text: str, where: str) -> float:
    """Return for how many seconds one direction of one signal can be snoozed."""
    return _seconds(text, where, "snooze")


@cache
def _seconds(text: str, where: str, name: str) -> float:
    row = load.parse(text, where)
    # A text kept before this number existed is read with the number of the file as it stands now.
    own = row if name in row else load.table("limits", "vital_signs")
    return cited(own[name], "s", where)


def _limit(row: dict[str, Any], where: str) -> LimitRule:
    here, signal = f"{where} {row['id']}", Signal(row["signal"])
    stand_in = Signal(row["stand_in"]) if "stand_in" in row else None
    return LimitRule(
        id=row["id"], signal=signal, direction=Direction(row["direction"]), limit=cited(row, signal.unit, here),
        inclusive=row["inclusive"], clear=float(row["clear"]), hold_s=float(row["hold_s"]), readings=row["readings"],
        span_s=float(row["span_s"]), priority=Priority(row["priority"]), says=load.not_an_order(row["says"], here),
        cite=load.citation(row["cite"], here), despite=row.get("despite", ""), stand_in=stand_in,
        stand_in_after_s=float(row.get("stand_in_after_s", 0)), release_s=float(row.get("release_s", 0)), under=tuple(row.get("under", ())),
        latching=row.get("latching", False),
    )  # fmt: skip


def _rise(row: dict[str, Any], where: str) -> RiseRule:
    here, signal = f"{where} {row['id']}", Signal(row["signal"])
    return RiseRule(
        id=row["id"], signal=signal, rise=cited(row, signal.unit, here), clear=float(row["clear"]), inclusive=row["inclusive"],
        hold_s=float(row["hold_s"]), readings=row["readings"], priority=Priority(row["priority"]),
        says=load.not_an_order(row["says"], here), cite=load.citation(row["cite"], here), under=tuple(row.get("under", ())),
        direction=Direction(row.get("direction", Direction.ABOVE)), latching=row.get("latching", False),
    )  # fmt: skip


def _recheck(row: dict[str, Any], where: str, rows: Sequence[dict[str, Any]]) -> RecheckRule:
    """Return a rule whose bounds and interval may be those of another: a number that several rules share stands once."""
    here = f"{where} {row['id']}"
    shared = next((one for one in rows if one["id"] == row.get("bounds_of")), row)
    return RecheckRule(
        id=row["id"], bounds=_bounds(shared, row.get("clear", {})), due_s=cited(shared, "s", here), after_s=float(row["after_s"]), kind=Kind(row["kind"]),
        priority=Priority(row["priority"]), says=load.not_an_order(row["says"], here), cite=load.citation(row["cite"], here), span_s=float(row.get("span_s", 0)),
        under=tuple(row.get("under", ())), readings=row.get("readings", 1), latching=row.get("latching", False),
    )  # fmt: skip


def _bounds(row: dict[str, Any], clear: dict[str, float]) -> tuple[Bound, ...]:
    return tuple(
        Bound(
            Signal(one["signal"]), Direction(one["direction"]), float(one["limit"]), one["inclusive"],
            float(clear[one["signal"]]) if one["signal"] in clear else None,
        )
        for one in row["bound"]
    )  # fmt: skip


def _source(row: dict[str, Any], where: str) -> SourceRule:
    here = f"{where} {row['id']}"
    seconds = cited(row, "s", here)
    at_intervals = (
        "stream_s" in row
    )  # its number is then the interval that is due; what sends faster than `stream_s` is a stream
    return SourceRule(
        id=row["id"], signal=Signal(row["signal"]), stale_s=float(row.get("stream_s", seconds)), priority=Priority(row["priority"]),
        says=load.not_an_order(row["says"], here), cite=load.citation(row["cite"], here), grace_s=float(row.get("grace_s", 0)),
        off_s=float(row["off_s"]) if "off_s" in row else None, beside=Signal(row["beside"]) if "beside" in row else None,
        says_beside=load.not_an_order(row.get("says_beside", ""), here), every_s=seconds if at_intervals else None,
    )  # fmt: skip


def _composite(row: dict[str, Any], where: str) -> CompositeRule:
    here = f"{where} {row['id']}"
    return CompositeRule(
        id=row["id"], count=int(cited(row, "1", here)), priorities=frozenset(Priority(one) for one in row["priorities"]),
        priority=Priority(row["priority"]), says=load.not_an_order(row["says"], here), cite=load.citation(row["cite"], here),
    )  # fmt: skip


def _differ(row: dict[str, Any], where: str) -> DifferRule:
    here, signal = f"{where} {row['id']}", Signal(row["signal"])
    return DifferRule(
        id=row["id"], signal=signal, beside=Signal(row["beside"]), limit=cited(row, signal.unit, here), clear=float(row["clear"]),
        hold_s=float(row["hold_s"]), fresh_s=float(row["fresh_s"]), priority=Priority(row["priority"]),
        says=load.not_an_order(row["says"], here), cite=load.citation(row["cite"], here),
    )  # fmt: skip


def _unset(row: dict[str, Any], _where: str) -> NoRule:
    unit = row["unit"] if "becomes" in row else ""
    return NoRule(row["id"], Signal(row["signal"]), Direction(row["direction"]), row["says"], unit)
