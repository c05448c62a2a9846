"""What a newer text of the alarm rules says otherwise than an older one, rule by rule; words and citations alone are no difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openketamine.evidence import load
from openketamine.evidence.limits_settings import TIMES

WORDS = frozenset({"id", "cite", "says", "says_beside", "when_set"})
ABSENT = "—"


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule that came, went or changed: what it says now (of one that went: said), and each field with old and new."""

    rule: str
    says: str
    fields: tuple[tuple[str, str, str], ...]
    came: bool
    went: bool


def differences(before: str, after: str) -> tuple[Difference, ...]:
    """Return in what the rules of one text differ from those of an earlier one, in the order of the newer text."""
    old, new = _rules(before), _rules(after)
    found = (_difference(name, old.get(name, {}), new.get(name, {})) for name in {**new, **old})
    return tuple(one for one in found if one.fields)


def _rules(text: str) -> dict[str, Mapping[str, Any]]:
    row = load.parse(text, "limits")
    rules = {one["id"]: {**one, "kind": kind} for kind, rows in row.items() if isinstance(rows, list) for one in rows}
    return {**rules, **{name: row[name] for name in TIMES if name in row}}


def _difference(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    changed = [field for field in {**new, **old} if field not in WORDS and old.get(field) != new.get(field)]
    fields = tuple((field, _said(old.get(field)), _said(new.get(field))) for field in changed)
    return Difference(name, (new or old).get("says", ""), fields, came=not old, went=not new)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_said(one) for one in value.values())
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value)
    return ABSENT if value is None else f"{value:g}" if isinstance(value, float) else str(value)
