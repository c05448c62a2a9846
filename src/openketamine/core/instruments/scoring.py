"""From answers to a score. A missing answer gives no score: nothing is guessed, nothing is pro-rated."""

from collections.abc import Mapping
from dataclasses import dataclass

from openketamine.core.instruments.questionnaire import TOTAL, Flag, Item, Method, Questionnaire


class AnswerError(ValueError):
    """An answer cannot be what was given; the message names the item, the value and what it must be."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What answers add up to; `subscores` by the subscale's id, None where an answer is missing."""

    score: float | None
    band: str | None
    missing: tuple[str, ...]
    flags: tuple[Flag, ...]
    subscores: Mapping[str, float | None]


def score(questionnaire: Questionnaire, answers: Mapping[str, float]) -> Scored:
    """Score answers; raises AnswerError for an item that is not there or a value that its item does not take.

    Flags are raised on every answer that is given, also when the score cannot be computed.
    """
    check(questionnaire, answers)
    flags = tuple(flag for flag in questionnaire.flags if flag.raised(answers))
    missing = missing_of(questionnaire, answers)
    total = None if missing else total_of(questionnaire, answers)
    band = None if missing else band_of(questionnaire, answers, total)
    parts = {part.id: _sum_of(part.items, answers) for part in questionnaire.subscales}
    return Scored(total, band, missing, flags, parts)


def check(questionnaire: Questionnaire, answers: Mapping[str, float]) -> None:
    """Refuse answers that cannot be."""
    for name, value in answers.items():
        item = questionnaire.item(name)
        if item is None:
            raise AnswerError(f"answers.{name}: is no item of {questionnaire.id} (items: {_names(questionnaire)})")
        if isinstance(value, bool) or not item.takes(value):
            raise AnswerError(f"answers.{name} = {value!r}: must be {item.answers}")
    if TOTAL in answers and len(answers) > 1:
        raise AnswerError(f"answers.{TOTAL}: give the total or the items, not both")
    groups = [item.instead_of for item in questionnaire.items if item.instead_of and item.id in answers]
    if len(groups) != len(set(groups)):
        raise AnswerError(f"answers.{groups[0]}: has two forms; answer one of them")


def missing_of(questionnaire: Questionnaire, answers: Mapping[str, float]) -> tuple[str, ...]:
    """Return the scored items that have no answer and were to be asked; only the total when it alone can be entered."""
    if questionnaire.entry and (TOTAL in answers or not questionnaire.items):
        return () if TOTAL in answers else (TOTAL,)
    return tuple(item.id for item in questionnaire.items if item.scored and not _settled(item, questionnaire, answers))


def total_of(questionnaire: Questionnaire, answers: Mapping[str, float]) -> float | None:
    """Return the score of complete answers, None when the questionnaire has none."""
    if TOTAL in answers:
        return answers[TOTAL]
    scored = [item for item in questionnaire.items if item.scored and item.id in answers]
    counted = [answers[item.id] for item in scored if item.counted(answers[item.id])]
    if questionnaire.method is Method.RULES or not counted:
        return None
    total = sum(counted) * questionnaire.factor
    return total / len(counted) if questionnaire.method is Method.MEAN else total


def band_of(questionnaire: Questionnaire, answers: Mapping[str, float], total: float | None) -> str | None:
    """Return the band: by rules the first whose patterns all hold, else the highest that the score reaches."""
    if questionnaire.method is Method.RULES:
        holding = (one for one in questionnaire.bands if all(part.holds(answers) for part in one.parts))
        first = next(holding, None)
        return first.name if first else None
    reached = [band.name for band in questionnaire.bands if total is not None and total >= band.at_least]
    return reached[-1] if reached else None


def _settled(item: Item, questionnaire: Questionnaire, answers: Mapping[str, float]) -> bool:
    if item.id in answers or (item.asked_if and not item.asked_if.holds(answers)):
        return True
    stand_ins = (one.id for one in questionnaire.items if item.instead_of and one.instead_of == item.instead_of)
    return any(name in answers for name in stand_ins)


def _sum_of(items: tuple[str, ...], answers: Mapping[str, float]) -> float | None:
    return sum(answers[name] for name in items) if all(name in answers for name in items) else None


def _names(questionnaire: Questionnaire) -> str:
    return ", ".join([*([TOTAL] if questionnaire.entry else []), *(item.id for item in questionnaire.items)])
