"""A text of alarm rules that comes from outside: every word in it is known, every number is one, and its rules agree."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from openketamine.core.monitoring.rule import Rules
from openketamine.evidence import load
from openketamine.evidence.alarm_limits import Limits, limits_of

SHIPPED = ("limits", "vital_signs")
MADE_BY_A_NUMBER = frozenset({"value", "clear", "cite", "latching"})
MADE_OF_UNSET = frozenset({"composite", "differ"})


def checked(text: str, where: str) -> Limits:
    """Return everything a text says; raises EvidenceError in one line that names the place."""
    row, shipped = load.parse(text, where), load.table(*SHIPPED)
    known = {key for _kind, rule in _rules(shipped, where) for key in rule} | MADE_BY_A_NUMBER
    _only(row, {*shipped} | MADE_OF_UNSET, where)
    names = list[str]()
    for kind, rule in _rules(row, where):
        here = f"{where} [[{kind}]] {rule.get('id', '')}".rstrip()
        _only(rule, known, here)
        _finite(rule, here)
        names.append(str(rule.get("id", "")))
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise load.EvidenceError(f"{where}: the rule {twice!r} is given twice")
    return _agreeing(limits_of(text, where), where)


def _agreeing(limits: Limits, where: str) -> Limits:
    if not limits.rules:
        raise load.EvidenceError(f"{where}: there is no rule in it")
    try:
        Rules(limits.rules)
    except ValueError as error:
        raise load.EvidenceError(f"{where}: {error}") from error
    return limits


def _rules(row: dict[str, Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every rule with its kind; raises EvidenceError for what should be a list of tables and is none."""
    for kind in ("limit", "recheck", "rise", "source", "unset", *sorted(MADE_OF_UNSET)):
        rules = row.get(kind, [])
        if not isinstance(rules, list) or not all(isinstance(one, dict) for one in rules):
            raise load.EvidenceError(f"{where}: {kind} must be written as [[{kind}]]")
        yield from ((kind, one) for one in rules)


def _only(found: Iterable[str], known: set[str] | frozenset[str], here: str) -> None:
    for key in found:
        if key not in known:
            raise load.EvidenceError(f"{here}: {key}: unknown key (known: {', '.join(sorted(known))})")


def _finite(rule: dict[str, Any], here: str) -> None:
    for key, value in rule.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise load.EvidenceError(f"{here}: {key} = {value}: must be a finite number")
