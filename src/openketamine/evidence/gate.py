"""What a regimen text says of the check before the start, of signals that must be there, and of the checks that fall due."""

from typing import Any

from openketamine.core.infusion.gate import Asks, GateItem, Severity, Tier
from openketamine.evidence import load
from openketamine.evidence.alarm_limits import shipped_sources

CONTINUOUS_UNSAID = ("spo2", "heart_rate")
PARTS_UNSAID = ("nibp_systolic",)


def gate(rows: list[dict[str, Any]], where: str) -> tuple[GateItem, ...]:
    """Return the items in the order of the text; one of an older text that names no severity blocks, as it did then."""
    return tuple(_item(row, f"{where} {row['id']}") for row in rows)


def _item(row: dict[str, Any], where: str) -> GateItem:
    severity = _one_of(Severity, row.get("severity", Severity.BLOCKS.value), where)
    blocks = severity is Severity.BLOCKS
    return GateItem(
        row["id"], load.not_an_order(row["question"], where), load.citation(row["cite"], where).source, severity,
        _one_of(Asks, row.get("asks", Asks.ANSWER.value), where), row.get("final", False),
        blocks or row.get("reason_by") == "prescriber", tuple(row.get("signals", ())),
        tuple(_tier(one, where) for one in row.get("tiers", ())), row.get("result", ""), tuple(row.get("clears", ())),
    )  # fmt: skip


def _tier(row: dict[str, Any], where: str) -> Tier:
    load.citation(row["cite"], where)
    severity = _one_of(Severity, row["severity"], where)
    return Tier(float(row["systolic_above"]), float(row["diastolic_above"]), severity, row["says"])


def _one_of(kind: Any, word: str, where: str) -> Any:
    try:
        return kind(word)
    except ValueError as error:
        raise load.EvidenceError(f"{where}: {word!r} is not one of {', '.join(kind)}") from error


def required(row: dict[str, Any], where: str) -> tuple[str, ...]:
    """Return the signals whose absence is an alarm; a text that does not say keeps those of the first edition."""
    if "required" not in row:
        return CONTINUOUS_UNSAID
    load.citation(row["required"]["cite"], f"{where} required")
    watched = [one.signal.value for one in shipped_sources()]
    for signal in row["required"]["signals"]:
        if signal not in watched:
            raise load.EvidenceError(
                f"{where} required: no rule watches for the absence of {signal!r}; one of {', '.join(watched)}"
            )
    return tuple(row["required"]["signals"])


def parts(row: dict[str, Any], where: str) -> tuple[str, ...]:
    """Return what one check consists of; a text that does not say asks for a cuff pressure, as it did then."""
    if "each_check" not in row:
        return PARTS_UNSAID
    load.citation(row["each_check"]["cite"], f"{where} each_check")
    return tuple(row["each_check"]["parts"])
