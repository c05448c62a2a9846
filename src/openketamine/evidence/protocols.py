"""Protocols from their TOML text to core values: one indication, how good its evidence is, candidacy rules with worked examples.

A protocol shares rules by naming parts of `protocols/shared/` in `include`; its whole text is its own followed by theirs, and that text
is what a clinic keeps by its SHA-256. `protocol(id)` reads a shipped one, `parse_protocol(text)` a kept one; both go through the same
checks: every number cites a known source, no text gives an order, every rule shows its worked examples.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from openketamine.core.candidacy.assess import Outcome, assess
from openketamine.core.candidacy.facts import Fact, Kind
from openketamine.core.candidacy.rules import Comparator, Condition, Position, Role, Rule, Weight
from openketamine.core.citation import Citation
from openketamine.evidence import load

SHARED = "protocols/shared"
TEXTS = ("criterion", "says", "question")


class Tier(StrEnum):
    """How good the evidence for an indication is, plainly."""

    ESTABLISHED = "established"
    LIMITED = "limited"
    WEAK = "weak"
    EXPERIMENTAL = "experimental"


class Side(StrEnum):
    """Whether a study speaks for the treatment or against it."""

    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Example:
    """Facts, and what a rule says about them."""

    facts: Mapping[str, object]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Trial:
    """One study, on its side, with the route and the setting in which it was done."""

    side: Side
    says: str
    route: str
    setting: str
    cite: Citation


@dataclass(frozen=True, slots=True)
class Evidence:
    """How good the evidence is, and the route and setting it comes from."""

    tier: Tier
    says: str
    route: str
    setting: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol in force: its indication, its evidence beside our own route and setting, its facts, rules and worked examples."""

    id: str
    name: str
    title: str
    scope: str
    route: str
    setting: str
    evidence: Evidence
    facts: tuple[Fact, ...]
    rules: tuple[Rule, ...]
    examples: Mapping[str, tuple[Example, ...]]
    sha256: str

    @property
    def view_only(self) -> bool:
        """Say whether all its evidence comes from a hospital and we are none: such a protocol is shown and not decided by."""
        return self.evidence.setting == "inpatient" != self.setting


def protocol_ids() -> tuple[str, ...]:
    """Return the ids of the protocols that ship with the program."""
    return load.names("protocols")


@cache
def protocol_text(name: str) -> str:
    """Return the whole text of a shipped protocol, shared parts included; raises EvidenceError for an unknown id or part."""
    if name not in protocol_ids():
        raise load.EvidenceError(f"protocols: {name!r} is not one of {', '.join(protocol_ids())}")
    own = load.text("protocols", name)
    parts = load.parse(own, f"protocols/{name}.toml").get("include", [])
    unknown = set(parts) - set(load.names(SHARED))
    if unknown:
        raise load.EvidenceError(
            f"protocols/{name}.toml: includes {', '.join(sorted(unknown))}, which is not in {SHARED}"
        )
    return "\n".join([own, *(load.text(SHARED, part) for part in parts)])


@cache
def protocol(name: str) -> Protocol:
    """Return a shipped protocol; raises EvidenceError for an unknown id or a text that does not say what it must."""
    return parse_protocol(protocol_text(name))


@cache
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
    except (TypeError, AttributeError, ValueError) as error:
        raise load.EvidenceError(str(error) if str(error).startswith(where) else f"{where}: {error}") from error


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


def _protocol(row: dict[str, Any], where: str, sha256: str) -> Protocol:
    _each_once([fact["code"] for fact in row["fact"]], where)
    facts = {fact["code"]: fact_of(fact) for fact in row["fact"]}
    rules = tuple(_rule(rule, facts, where) for rule in row["rule"])
    _each_once([rule.id for rule in rules], where)
    unused = set(facts) - {fact.code for rule in rules for fact in rule.facts}
    if unused:
        raise load.EvidenceError(f"{where}: no rule uses {', '.join(sorted(unused))}")
    examples = {
        rule["id"]: tuple(Example(one["facts"], Outcome(one["outcome"])) for one in rule["examples"])
        for rule in row["rule"]
    }
    return Protocol(
        id=row["id"], name=row["name"], title=row["title"], scope=row["scope"], route=row["route"], setting=row["setting"], evidence=_evidence(row, where),
        facts=tuple(facts.values()), rules=rules, examples=examples, sha256=sha256,
    )  # fmt: skip


def _evidence(row: dict[str, Any], where: str) -> Evidence:
    told = row["evidence"]
    trials = tuple(
        Trial(
            Side(one["side"]),
            one["says"],
            one["route"],
            one["setting"],
            load.citation(one.get("cite"), f"{where} trial"),
        )
        for one in row["trial"]
    )
    return Evidence(Tier(told["tier"]), told["says"], told["route"], told["setting"], trials)


def fact_of(row: dict[str, Any]) -> Fact:
    """Return one question of a text; raises KeyError or ValueError when a part is missing."""
    usual, mass = row.get("usual"), row.get("molar_mass")
    return Fact(
        row["code"], Kind(row["kind"]), row["question"], row.get("unit", ""), float(row.get("low", 0)), float(row.get("high", 0)),
        tuple(row.get("choices", ())), row.get("dated", False), row["group"], row.get("from", ""), tuple(row.get("also", ())),
        load.cited(mass, "g/mol", row["code"]) if mass else None, (float(usual[0]), float(usual[1])) if usual else None,
    )  # fmt: skip


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
            disagrees=tuple(
                Position(one["says"], load.citation(one["cite"], here)) for one in row.get("disagrees", ())
            ),
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
