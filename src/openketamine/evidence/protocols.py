"""Protocols from their TOML text to core values: candidacy rules with their worked examples, and cited tables for later rooms.

`protocol(id)` reads a file that ships with the program; `parse_protocol(text)` reads a text that a clinic keeps by its SHA-256.
Both go through the same checks: every number cites a known source, no text gives an order, every rule shows its worked examples.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from openketamine.core.candidacy.assess import Outcome, assess
from openketamine.core.candidacy.facts import Fact, Kind
from openketamine.core.candidacy.rules import Comparator, Condition, Role, Rule, Weight
from openketamine.core.quantity import Quantity, UnitError
from openketamine.evidence import load
from openketamine.evidence.pharmacology import cited

SECTIONS = ("regimen", "gate", "recovery", "course")
TEXTS = ("criterion", "says", "question")


@dataclass(frozen=True, slots=True)
class Example:
    """Facts, and what a rule says about them."""

    facts: Mapping[str, object]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol in force: its candidacy facts and rules, its worked examples by rule, and its cited tables."""

    id: str
    title: str
    scope: str
    facts: tuple[Fact, ...]
    rules: tuple[Rule, ...]
    examples: Mapping[str, tuple[Example, ...]]
    tables: Mapping[str, Mapping[str, Any]]
    sha256: str

    def table(self, section: str) -> Mapping[str, Any]:
        """Return one section as it stands in the text; raises EvidenceError for a section that is not there."""
        if section not in self.tables:
            raise load.EvidenceError(f"protocols/{self.id}: {section!r} is not one of {', '.join(self.tables)}")
        return self.tables[section]

    def number(self, section: str, name: str, unit: str) -> float:
        """Return one cited number in a unit; raises EvidenceError when it is not there or the clinic has to set it."""
        where, row = f"protocols/{self.id}: {section}.{name}", self.table(section).get(name)
        if not isinstance(row, dict) or "value" not in row:
            reason = row.get("absent", "has no value") if isinstance(row, dict) else "is missing"
            raise load.EvidenceError(f"{where}: {reason}")
        try:
            return cited(row, unit, where)
        except UnitError as error:
            raise load.EvidenceError(f"{where}: {error}") from error


def protocol_ids() -> tuple[str, ...]:
    """Return the ids of the protocols that ship with the program."""
    return load.names("protocols")


def protocol_text(name: str) -> str:
    """Return the text of a shipped protocol; raises EvidenceError for an unknown id."""
    if name not in protocol_ids():
        raise load.EvidenceError(f"protocols: {name!r} is not one of {', '.join(protocol_ids())}")
    return load.text("protocols", name)


@cache
def protocol(name: str) -> Protocol:
    """Return a shipped protocol; raises EvidenceError for an unknown id or a text that does not say what it must."""
    return parse_protocol(protocol_text(name))


def parse_protocol(text: str) -> Protocol:
    """Return the protocol of a text; raises EvidenceError naming the place and what is missing."""
    row = load.parse(text, "protocol")
    where = f"protocols/{row.get('id', '?')}.toml"
    refuse_uncited(row, where)
    refuse_orders(row, where)
    try:
        return _protocol(row, where, load.sha256(text))
    except KeyError as error:
        raise load.EvidenceError(f"{where}: {error} is missing") from error
    except (TypeError, AttributeError) as error:
        raise load.EvidenceError(f"{where}: {error}") from error


def checked(name: str) -> Protocol:
    """Return a shipped protocol whose every worked example holds; raises EvidenceError naming those that do not."""
    found = protocol(name)
    faults = failed_examples(found)
    if faults:
        raise load.EvidenceError("; ".join(faults))
    return found


def failed_examples(found: Protocol) -> list[str]:
    """Return the worked examples that do not hold, and the rules that lack one that counts against, passes or asks."""
    faults = []
    for rule in found.rules:
        examples = found.examples[rule.id]
        missing = {Outcome(rule.weight), Outcome.PASS, Outcome.ASK} - {example.outcome for example in examples}
        faults += [f"rule {rule.id}: no worked example of {outcome}" for outcome in sorted(missing)]
        faults += [fault for example in examples if (fault := _fault(rule, example))]
    return faults


def refuse_uncited(row: Any, where: str, *, covered: bool = False) -> None:
    """Raise EvidenceError for the first number that stands under no `cite` of a known source."""
    if isinstance(row, dict):
        if "cite" in row:
            load.citation(row["cite"], where)
        for key, item in row.items():
            refuse_uncited(item, f"{where} {key}", covered=covered or "cite" in row)
    elif isinstance(row, list):
        for number, item in enumerate(row):
            refuse_uncited(item, f"{where}[{number}]", covered=covered)
    elif isinstance(row, int | float) and not isinstance(row, bool) and not covered:
        raise load.EvidenceError(f"{where} = {row}: has no cite = {{ source, locus, mark }}")


def refuse_unmeasured(row: Any, where: str) -> None:
    """Raise EvidenceError for the first `value` that is not a finite number in a unit we know."""
    if isinstance(row, list):
        for number, item in enumerate(row):
            refuse_unmeasured(item, f"{where}[{number}]")
    if isinstance(row, dict):
        for key, item in row.items():
            refuse_unmeasured(item, f"{where} {key}")
        if "value" in row:
            _measured(row, where)


def refuse_orders(row: Any, where: str) -> None:
    """Raise EvidenceError for the first text that begins with an order verb."""
    if isinstance(row, list):
        for number, item in enumerate(row):
            refuse_orders(item, f"{where}[{number}]")
    if isinstance(row, dict):
        for key, item in row.items():
            if key in TEXTS and isinstance(item, str):
                load.not_an_order(item, f"{where} {key}")
            refuse_orders(item, f"{where} {key}")


def _measured(row: dict[str, Any], where: str) -> Quantity:
    try:
        return Quantity(float(row["value"]), row.get("unit", ""))
    except (ValueError, TypeError) as error:
        raise load.EvidenceError(f"{where}: {error}") from error


def _protocol(row: dict[str, Any], where: str, sha256: str) -> Protocol:
    _each_once([fact["code"] for fact in row["fact"]], where)
    facts = {fact["code"]: _fact(fact, where) for fact in row["fact"]}
    rules = tuple(_rule(rule, facts, where) for rule in row["rule"])
    _each_once([rule.id for rule in rules], where)
    unused = set(facts) - {fact.code for rule in rules for fact in rule.facts}
    if unused:
        raise load.EvidenceError(f"{where}: no rule uses {', '.join(sorted(unused))}")
    examples = {rule["id"]: tuple(_example(one, where) for one in rule["examples"]) for rule in row["rule"]}
    tables = {section: row[section] for section in SECTIONS}
    refuse_unmeasured(tables, where)
    return Protocol(row["id"], row["title"], row["scope"], tuple(facts.values()), rules, examples, tables, sha256)


def _fact(row: dict[str, Any], where: str) -> Fact:
    try:
        return Fact(
            row["code"], Kind(row["kind"]), row["question"], row.get("unit", ""), float(row.get("low", 0)),
            float(row.get("high", 0)), tuple(row.get("choices", ())), row.get("dated", False),
        )  # fmt: skip
    except ValueError as error:
        raise load.EvidenceError(f"{where}: {error}") from error


def _rule(row: dict[str, Any], facts: dict[str, Fact], where: str) -> Rule:
    here = f"{where} {row['id']}"
    try:
        return Rule(
            id=row["id"],
            role=Role(row["role"]),
            condition=_condition(row, facts),
            weight=Weight(row["weight"]),
            criterion=row["criterion"],
            says=row["says"],
            cite=load.citation(row.get("cite"), here),
            applies_if=_condition(row["applies_if"], facts) if "applies_if" in row else None,
        )
    except ValueError as error:
        raise load.EvidenceError(f"{here}: {error}") from error


def _condition(row: dict[str, Any], facts: dict[str, Fact]) -> Condition:
    if row["fact"] not in facts:
        raise load.EvidenceError(f"{row['fact']!r} is not a fact of this protocol")
    fact, threshold = facts[row["fact"]], row["threshold"]
    if row.get("unit", "") != fact.unit:
        raise load.EvidenceError(f"threshold in {row.get('unit', '')!r}, fact {fact.code} in {fact.unit!r}")
    return Condition(fact, Comparator(row["test"]), tuple(threshold) if isinstance(threshold, list) else threshold)


def _example(row: dict[str, Any], where: str) -> Example:
    try:
        return Example(row["facts"], Outcome(row["outcome"]))
    except ValueError as error:
        raise load.EvidenceError(f"{where}: {error}") from error


def _fault(rule: Rule, example: Example) -> str:
    try:
        said = assess([rule], example.facts).results[0].outcome
    except ValueError as error:
        return f"rule {rule.id}: example {dict(example.facts)}: {error}"
    if said is example.outcome:
        return ""
    return f"rule {rule.id}: example {dict(example.facts)} says {said}, expected {example.outcome}"


def _each_once(names: list[str], where: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise load.EvidenceError(f"{where}: {', '.join(twice)} given twice")
