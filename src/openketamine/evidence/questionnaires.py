"""Questionnaires from their TOML text to core values; every cut-off is cited and every worked example holds."""

from functools import cache
from typing import Any

from openketamine.core.instruments.questionnaire import Band, Choice, Flag, Item, Questionnaire, Urgency, score
from openketamine.evidence import load

KIND = "instruments"


def questionnaire_ids() -> tuple[str, ...]:
    """Return the ids of the questionnaires that ship with the program."""
    return load.names(KIND)


def questionnaire(name: str) -> Questionnaire:
    """Return a shipped questionnaire; raises EvidenceError for an unknown id or an uncited cut-off."""
    if name not in questionnaire_ids():
        raise load.EvidenceError(f"{KIND}: {name!r} is not one of {', '.join(questionnaire_ids())}")
    return questionnaire_of(load.text(KIND, name), f"{KIND}/{name}.toml")


@cache
def questionnaire_of(text: str, where: str) -> Questionnaire:
    """Return a questionnaire from its text."""
    row = load.parse(text, where)
    choices = {name: tuple(Choice(*pair) for pair in pairs) for name, pairs in row["choices"].items()}
    items = tuple(
        Item(
            one["id"], one["words"], choices[one.get("choices", "usual")], one.get("scored", True), one.get("loinc", "")
        )
        for one in row["item"]
    )
    sources = {one["cite"]["source"] for one in (*row.get("band", ()), *row.get("flag", ()))} | set(row["sources"])
    return Questionnaire(
        row["id"], row["title"], row["asks"], items, tuple(_band(one, where) for one in row.get("band", ())),
        tuple(_flag(one, where) for one in row.get("flag", ())), tuple(sorted(sources)), row["licence"],
    )  # fmt: skip


def failed_examples(name: str) -> list[str]:
    """Return which worked examples of a questionnaire do not hold, in words."""
    wanted = questionnaire(name)
    failed = []
    for number, one in enumerate(load.table(KIND, name).get("example", ()), start=1):
        found = score(wanted, one["answers"])
        got = {"score": found.score, "band": found.band or "", "flags": [flag.id for flag in found.flags]}
        expected = {"score": one.get("score"), "band": one.get("band", ""), "flags": one.get("flags", [])}
        if got != expected:
            failed.append(f"{KIND}/{name}.toml: example {number} gives {got}, not {expected}")
    return failed


def checked(name: str) -> Questionnaire:
    """Return a questionnaire whose worked examples all hold; raises EvidenceError naming those that do not."""
    failed = failed_examples(name)
    if failed:
        raise load.EvidenceError("; ".join(failed))
    return questionnaire(name)


def _band(row: dict[str, Any], where: str) -> Band:
    load.citation(row["cite"], f"{where} {row['name']}")
    return Band(float(row["value"]), row["name"])


def _flag(row: dict[str, Any], where: str) -> Flag:
    here = f"{where} {row['id']}"
    says = load.not_an_order(row["says"], here)
    return Flag(row["id"], row["item"], row["value"], Urgency(row["urgency"]), says, load.citation(row["cite"], here))
