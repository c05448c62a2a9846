"""The numbers of the alarm rules that ship, one by one, and the text in which a clinic has set some of them otherwise.

A changed rule is cited to who signed it, names what it was, and says its own number.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from openketamine.core.monitoring.signal import Signal
from openketamine.evidence import load
from openketamine.evidence.plausible import ranges
from openketamine.evidence.regimen_edit import Signed

TIMES = ("escalation", "escalation_over", "acknowledged", "snooze")
HOLDS = ("hold_s", "release_s", "grace_s", "off_s")
WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One number of one rule: its value, its unit, and between which values it can be meant; `latching` is yes or no."""

    name: str
    value: float
    unit: str
    low: float
    high: float

    @property
    def rule(self) -> str:
        """The rule it belongs to, or the table."""
        return self.name.split(".")[0]

    @property
    def field(self) -> str:
        """What it is of its rule."""
        return self.name.partition(".")[2]

    @property
    def yes_or_no(self) -> bool:
        """Whether it is switched and not counted."""
        return self.field == "latching"


@cache
def settings(text: str) -> tuple[Setting, ...]:
    """Return every number that a clinic may set otherwise, in the order of the text."""
    row = load.parse(text, "limits")
    return (
        *(one for rule in row["limit"] for one in (*_level(rule, ranges()[rule["signal"]]), *_lasting(rule))),
        *(one for rule in row.get("recheck", ()) for one in (*_pressure(rule), *_lasting(rule))),
        *(one for rule in row.get("rise", ()) for one in (*_level(rule, _between("rises")), *_lasting(rule))),
        *(one for rule in row.get("source", ()) for one in (_wait(f"{rule['id']}.value", rule["value"]), *_holds(rule))),
        *(_wait(f"{name}.value", row[name]["value"]) for name in TIMES if name in row),
    )  # fmt: skip


def _level(rule: Mapping[str, Any], between: tuple[float, float]) -> Iterator[Setting]:
    """The number that is beyond, and the one at which it is back."""
    for field in ("value", "clear"):
        yield Setting(f"{rule['id']}.{field}", float(rule[field]), rule["unit"], *between)


def _pressure(rule: Mapping[str, Any]) -> Iterator[Setting]:
    """Both numbers of a cuff, when the next reading is due, and when it is overdue."""
    levels = {f"limit.{bound['signal']}": bound["limit"] for bound in rule.get("bound", ())}
    levels |= {f"clear.{signal}": value for signal, value in rule.get("clear", {}).items()}
    for field, value in levels.items():
        signal = Signal(field.partition(".")[2])
        yield Setting(f"{rule['id']}.{field}", float(value), signal.unit, *ranges()[signal])
    for field in ("value", "after_s"):
        if rule.get(field):
            yield _wait(f"{rule['id']}.{field}", rule[field])


def _lasting(rule: Mapping[str, Any]) -> Iterator[Setting]:
    """How long and how often it must be wrong, and whether it stays until somebody has seen it."""
    yield from _holds(rule)
    if "readings" in rule:
        yield Setting(f"{rule['id']}.readings", float(rule["readings"]), "", *_between("readings"))
    yield Setting(f"{rule['id']}.latching", float(rule.get("latching", False)), "", 0, 1)


def _holds(rule: Mapping[str, Any]) -> Iterator[Setting]:
    for field in HOLDS:
        if field in rule:
            yield Setting(f"{rule['id']}.{field}", float(rule[field]), "s", *_between("holds"))


def _wait(name: str, value: float) -> Setting:
    return Setting(name, float(value), "s", *_between("waits"))


def _between(what: str) -> tuple[float, float]:
    row = load.table("limits", "plausible")[what]
    load.citation(row["cite"], f"limits/plausible.toml {what}")
    return float(row["low"]), float(row["value"])


def with_settings(text: str, after: Mapping[str, float], signed: Signed) -> str:
    """Return the text with other numbers; raises EvidenceError naming one that is not there or cannot be meant."""
    known = {one.name: one for one in settings(text)}
    for name, value in after.items():
        if name not in known:
            raise load.EvidenceError(f"{name} = {value:g}: this text has no such number")
        one = known[name]
        if not one.low <= value <= one.high or (one.unit == "" and value != int(value)):
            raise load.EvidenceError(
                f"{name} = {value:g}: must be between {one.low:g} and {one.high:g} {one.unit}".rstrip()
            )
        if value != one.value:
            text = _with(text, one, value, signed)
    return text


def _with(text: str, one: Setting, value: float, signed: Signed) -> str:
    start, end = _place(text, one.rule)
    block = _cited(_changed(text[start:end], one, value), one, signed)
    text = text[:start] + block + text[end:]
    shared = _sharing(text, one.rule) if one.field.startswith("limit.") else [one.rule]
    for rule in shared:
        start, end = _place(text, rule)
        block = _reworded(text[start:end], one, value)
        text = text[:start] + (block if rule == one.rule else _cited(block, one, signed)) + text[end:]
    return text


def _place(text: str, rule: str) -> tuple[int, int]:
    head = rf"\[{rule}\]" if rule in TIMES else rf'\[\[\w+\]\]\nid = "{re.escape(rule)}"'
    found = re.search(rf"(?ms)^{head}\n.*?(?=^\[|^#|^$|\Z)", text)
    if found is None:
        raise load.EvidenceError(f"{rule}: this text has no such rule")
    return found.span()


def _sharing(text: str, rule: str) -> list[str]:
    """Return the rules that have the bounds of this one."""
    rows = load.parse(text, "limits").get("recheck", ())
    return [rule, *(one["id"] for one in rows if one.get("bounds_of") == rule)]


def _changed(block: str, one: Setting, value: float) -> str:
    kind, _, signal = one.field.partition(".")
    if one.yes_or_no:
        rest = re.sub(r"(?m)^latching = .*\n", "", block)
        return re.sub(r'(?m)^(id = ".*"\n)', rf"\g<1>latching = {'true' if value else 'false'}\n", rest, count=1)
    if kind == "limit":
        return re.sub(rf'(signal = "{signal}", direction = "\w+", limit = )[\d.]+', rf"\g<1>{value:g}", block)
    if signal:
        return re.sub(rf"(?m)(^clear = .*\b{signal} = )[\d.]+", rf"\g<1>{value:g}", block)
    return re.sub(rf"(?m)^{kind} = .*$", f"{kind} = {value:g}", block)


def _cited(block: str, one: Setting, signed: Signed) -> str:
    """Cite a rule to the person who signed it, with what it shipped as."""
    before = load.parse(re.sub(r"(?ms)^\[.*?\]+\n", "", block, count=1), one.rule)["cite"]
    was = f"{one.name.partition('.')[2]} shipped as {one.value:g}, {before['source']}"
    if before["source"] == "clinic-protocol":
        locus = f"{before['locus']}; {was.rsplit(',', 1)[0]}"
    else:
        locus = f"set by {signed.by} on {signed.on:%Y-%m-%d}: {was}"
    words, checked = (json.dumps(one_text, ensure_ascii=False) for one_text in (locus, signed.by))
    cite = (
        f'source = "clinic-protocol", locus = {words}, mark = "assumed", grade = "your clinic", checked_by = {checked}'
    )
    return re.sub(r"(?m)^cite = .*$", lambda _found: f"cite = {{ {cite} }}", block)


def _reworded(block: str, one: Setting, value: float) -> str:
    """Say the number that counts: in its unit, seconds as minutes, readings in a word."""
    pairs = [(f"{one.value:g}", f"{value:g}")]
    if one.unit == "s":
        pairs = [(f"{one.value / 60:g} minute", f"{value / 60:g} minute")]
    if one.field == "readings":
        pairs = [(f"{WORDS[int(one.value)]} cuff", f"{WORDS[int(value)]} cuff")]
    if one.yes_or_no or one.field.startswith("clear"):
        pairs = []
    for old, new in pairs:
        said = re.compile(rf"(?m)^(says = .*?)(?<![\d.]){re.escape(old)}(?![\d.])")
        block = said.sub(rf"\g<1>{new}", block)
    return block
