"""What a questionnaire is and how it is scored. A missing answer gives no score: nothing is guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from openketamine.core.citation import Citation


class AnswerError(ValueError):
    """An answer cannot be what was given; the message names the item, the value and what it must be."""


class Urgency(StrEnum):
    """How soon somebody has to look at a flag."""

    NOTICE = "notice"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer: its value and its words."""

    value: int
    words: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `scored` says whether it counts in the sum."""

    id: str
    words: str
    choices: tuple[Choice, ...]
    scored: bool = True
    loinc: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A severity band from a score up to the next band."""

    at_least: float
    name: str


@dataclass(frozen=True, slots=True)
class Flag:
    """An answer that somebody has to look at whatever the sum says."""

    id: str
    item: str
    at_least: int
    urgency: Urgency
    says: str
    cite: Citation


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A questionnaire: its items, bands and flags. Raises ValueError when a band or flag does not fit."""

    id: str
    title: str
    asks: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    flags: tuple[Flag, ...]
    sources: tuple[str, ...]
    licence: str

    def __post_init__(self) -> None:
        known = {item.id for item in self.items}
        if any(flag.item not in known for flag in self.flags):
            raise ValueError(f"{self.id}: a flag names an item that is not there")
        if [band.at_least for band in self.bands] != sorted(band.at_least for band in self.bands):
            raise ValueError(f"{self.id}: bands must rise")


@dataclass(frozen=True, slots=True)
class Scored:
    """What answers add up to."""

    score: int | None
    band: str | None
    missing: tuple[str, ...]
    flags: tuple[Flag, ...]


def score(questionnaire: Questionnaire, answers: Mapping[str, int]) -> Scored:
    """Score answers; raises AnswerError for an item that is not there or a value that is no choice of its item.

    Flags are raised on every answer that is given, also when the sum cannot be computed.
    """
    _known(questionnaire, answers)
    missing = tuple(item.id for item in questionnaire.items if item.scored and item.id not in answers)
    scored = [item for item in questionnaire.items if item.scored]
    total = None if missing or not scored else sum(answers[item.id] for item in scored)
    flags = tuple(flag for flag in questionnaire.flags if answers.get(flag.item, flag.at_least - 1) >= flag.at_least)
    return Scored(total, _band(questionnaire, total), missing, flags)


def _band(questionnaire: Questionnaire, total: int | None) -> str | None:
    reached = [band.name for band in questionnaire.bands if total is not None and total >= band.at_least]
    return reached[-1] if reached else None


def _known(questionnaire: Questionnaire, answers: Mapping[str, int]) -> None:
    choices = {item.id: [choice.value for choice in item.choices] for item in questionnaire.items}
    for item, value in answers.items():
        if item not in choices:
            raise AnswerError(f"answers.{item}: is no item of {questionnaire.id} (items: {', '.join(choices)})")
        if isinstance(value, bool) or value not in choices[item]:
            raise AnswerError(f"answers.{item} = {value!r}: must be one of {', '.join(map(str, choices[item]))}")
