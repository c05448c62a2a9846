"""Questionnaires from their TOML text to core values; every cut-off is cited and every worked example holds."""

from dataclasses import replace
from functools import cache
from typing import Any

from openketamine.core.instruments.pattern import Pattern
from openketamine.core.instruments.questionnaire import (
    TOTAL,
    Band,
    Choice,
    Flag,
    Item,
    Licence,
    Method,
    Questionnaire,
    Remission,
    Subscale,
    TextSource,
    Tier,
    Urgency,
)
from openketamine.core.instruments.scoring import score
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
    """Return a questionnaire from its text; raises EvidenceError naming the place and what is missing."""
    row = load.parse(text, where)
    try:
        return _questionnaire(row, where)
    except KeyError as error:
        raise load.EvidenceError(f"{where}: {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise load.EvidenceError(f"{where}: {error}") from error


def with_words(asks: Questionnaire, words: dict[str, str], source: TextSource) -> Questionnaire:
    """Return a questionnaire whose items carry licensed words; raises EvidenceError for an item that is not there or is left out."""
    named = {item.id for item in asks.items}
    if set(words) != named:
        raise load.EvidenceError(f"{asks.id}: words are needed for exactly these items: {', '.join(sorted(named))}")
    return replace(asks, items=tuple(replace(item, words=words[item.id]) for item in asks.items), text=source)


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


def _questionnaire(row: dict[str, Any], where: str) -> Questionnaire:
    choices = {name: tuple(Choice(*pair) for pair in pairs) for name, pairs in row.get("choices", {}).items()}
    cited = [one for part in ("band", "flag", "remission") for one in row.get(part, ())]
    sources = {one["cite"]["source"] for one in cited if "cite" in one} | set(row["sources"])
    unknown = sources - set(load.sources())
    if unknown:
        raise load.EvidenceError(f"{where}: {', '.join(sorted(unknown))} is not in sources.toml")
    licence = _licence(row["licence"])
    return Questionnaire(
        id=row["id"], title=row["title"], asks=row["asks"], items=tuple(_item(one, choices) for one in row.get("item", ())),
        bands=tuple(_band(one, where) for one in row.get("band", ())), flags=tuple(_flag(one, where) for one in row.get("flag", ())),
        sources=tuple(sorted(sources)), licence=licence, method=Method(row.get("method", "sum")),
        factor=_cited_number(row, "factor", 1, where), variant=row.get("variant", ""), recall_days=_cited_number(row, "recall", None, where),
        loinc_panel=row.get("loinc_panel", ""), loinc_score=row.get("loinc_score", ""),
        remissions=tuple(Remission(one["name"], float(one["value"]), load.citation(one["cite"], where)) for one in row.get("remission", ())),
        subscales=tuple(Subscale(one["id"], one["name"], tuple(one["items"])) for one in row.get("subscale", ())),
        entry=_entry(row["entry"], where) if "entry" in row else None,
        text=TextSource.BUNDLED if licence.tier is Tier.TEXT else TextSource.NONE,
        during_infusion=row.get("during_infusion", False),
    )  # fmt: skip


def _licence(row: dict[str, Any]) -> Licence:
    return Licence(Tier(row["tier"]), row["notice"], row.get("holder", ""), row.get("pack_sha256", ""))


def _cited_number(row: dict[str, Any], name: str, default: Any, where: str) -> Any:
    if name not in row:
        return default
    load.citation(row[name].get("cite"), f"{where} {name}")
    return row[name]["value"]


def _entry(row: dict[str, Any], where: str) -> Item:
    load.citation(row.get("cite"), f"{where} entry")
    return Item(TOTAL, row["words"], low=float(row["low"]), high=float(row["value"]))


def _item(row: dict[str, Any], choices: dict[str, tuple[Choice, ...]]) -> Item:
    ranged = "low" in row
    return Item(
        id=row["id"], words=row["words"], choices=() if ranged else choices[row.get("choices", "usual")],
        scored=row.get("scored", True), loinc=row.get("loinc", ""), low=float(row.get("low", 0)), high=float(row.get("high", 0)),
        asked_if=_pattern(row["asked_if"]) if "asked_if" in row else None, instead_of=row.get("instead_of", ""),
    )  # fmt: skip


def _pattern(row: dict[str, Any]) -> Pattern:
    """Read `{ marks = { item = least }, count = n }`; the table of marks may stand alone."""
    marks, count = (row["marks"], row.get("count", 1)) if "marks" in row else (row, 1)
    return Pattern(tuple((name, float(least)) for name, least in marks.items()), count)


def _band(row: dict[str, Any], where: str) -> Band:
    load.citation(row.get("cite"), f"{where} {row['name']}")
    return Band(float(row.get("value", 0)), row["name"], tuple(_pattern(one) for one in row.get("parts", ())))


def _flag(row: dict[str, Any], where: str) -> Flag:
    here = f"{where} {row['id']}"
    parts = row.get("parts") or [{row["item"]: row["value"]}]
    return Flag(
        id=row["id"], parts=tuple(_pattern(one) for one in parts), urgency=Urgency(row["urgency"]),
        says=load.not_an_order(row["says"], here), cite=load.citation(row.get("cite"), here),
        unless=_pattern(row["unless"]) if "unless" in row else None, holds=row.get("holds", False),
    )  # fmt: skip
