"""`assess FACTS.json --protocol ID`: candidacy rules against facts; one JSON line. The decision stays the clinician's."""

import argparse
from datetime import date

from openketamine.core.candidacy.assess import Assessment, RuleResult, assess
from openketamine.core.candidacy.facts import Fact, FactError, Kind
from openketamine.evidence.protocols import Protocol, protocol, protocol_ids
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.io import BadInput, only_keys, print_json, read_json


def run(argv: list[str]) -> int:
    """Assess one file of facts, or list the facts of a protocol."""
    options = _options(argv)
    if options.protocol not in protocol_ids():
        raise BadInput(f"--protocol = {options.protocol!r}: must be one of {', '.join(protocol_ids())}")
    found = protocol(options.protocol)
    if options.list_facts:
        for fact in found.facts:
            print_json(fact_line(fact))
        return 0
    if options.facts is None:
        raise BadInput("assess: FACTS.json is missing")
    print_json(answer(found, _facts(options.facts), options.on))
    return 0


def answer(found: Protocol, facts: dict[str, object], on: date | None) -> dict[str, object]:
    """Return the assessment as its JSON line; raises BadInput naming the fact that cannot be."""
    try:
        assessment = assess(found.rules, facts, on)
    except FactError as error:
        raise BadInput(f"facts.{error}") from error
    return {**line(assessment), "protocol": found.id, "evidence_sha256": found.sha256}


def line(assessment: Assessment) -> dict[str, object]:
    """Return summary, rules and what to ask."""
    rules = [rule_line(result) for result in assessment.results]
    return {"summary": assessment.summary.value, "rules": rules, "ask": list(assessment.ask)}


def rule_line(result: RuleResult) -> dict[str, object]:
    """Return one rule's result with its value, threshold and source."""
    rule = result.rule
    return {
        "id": rule.id, "outcome": result.outcome.value, "value": result.value, "threshold": rule.condition.threshold,
        "source": rule.cite.source, "grade": rule.cite.grade, "message": result.message,
    }  # fmt: skip


def fact_line(fact: Fact) -> dict[str, object]:
    """Return one fact: its code, what kind of answer it takes within which range, and its question."""
    number = fact.kind is Kind.NUMBER
    return {
        "code": fact.code, "kind": fact.kind.value, "unit": fact.unit if number else None, "question": fact.question,
        "choices": list(fact.choices), "low": fact.low if number else None, "high": fact.high if number else None,
        "dated": fact.dated, "group": fact.group,
    }  # fmt: skip


def _options(argv: list[str]) -> argparse.Namespace:
    parser = Arguments("assess")
    parser.add_argument("facts", nargs="?")
    parser.add_argument("--protocol", required=True)
    parser.add_argument("--on", type=_day)
    parser.add_argument("--list-facts", action="store_true")
    return parser.parse_args(argv)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: must be a date such as 2026-01-31") from error


def _facts(name: str) -> dict[str, object]:
    body = read_json(name)
    only_keys(body, {"facts"})
    if "facts" not in body:
        raise BadInput("facts: missing")
    if not isinstance(body["facts"], dict):
        raise BadInput("facts: must be an object of codes and values")
    return body["facts"]
