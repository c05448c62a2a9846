"""The check before the start: what is asked, how much each item weighs, and where it stands.

One language of severity for every item: what *blocks*, what *needs a reason*, what *informs*. Which item is which is data of the
protocol. An item nobody has asked is never fine; an item that is final is opened by nobody (wrong person).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

YES, NO, NOT_KNOWN, NOT_ASKED = "yes", "no", "not known", "not asked"


class Severity(StrEnum):
    """What an item does to the start while it is not answered by yes."""

    BLOCKS = "blocks"
    NEEDS_REASON = "needs_reason"
    INFORMS = "informs"


class Asks(StrEnum):
    """How an item is answered: by a word, by two identifiers, by a name, by what was measured, or by a dated result in the record."""

    ANSWER = "answer"
    IDENTIFIERS = "identifiers"
    NAME = "name"
    PRESSURE = "pressure"
    VITALS = "vitals"
    WEIGHT = "weight"
    VEIN = "vein"
    RESULT = "result"


MEASURED = frozenset({Asks.PRESSURE, Asks.VITALS, Asks.WEIGHT, Asks.VEIN})


class Stand(StrEnum):
    """Where one item stands."""

    DONE = "done"
    NOT_ASKED = "not_asked"
    BLOCKS = "blocks"
    NEEDS_REASON = "needs_reason"
    REASON_GIVEN = "reason_given"
    INFORMS = "informs"


HOLDS = frozenset({Stand.NOT_ASKED, Stand.BLOCKS, Stand.NEEDS_REASON})


@dataclass(frozen=True, slots=True)
class Tier:
    """Pressures above either number, in mm[Hg], weigh as `severity` says."""

    systolic_above: float
    diastolic_above: float
    severity: Severity
    says: str


@dataclass(frozen=True, slots=True)
class GateItem:
    """One item of the check; `source` is the bibliography key, `signals` what VITALS asks for, `tiers` what PRESSURE holds.

    `result` names the examination that RESULT looks up, `clears` the results that speak for a start.
    """

    id: str
    question: str
    source: str
    severity: Severity = Severity.BLOCKS
    asks: Asks = Asks.ANSWER
    final: bool = False
    prescriber: bool = True
    signals: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    result: str = ""
    clears: tuple[bool | str, ...] = ()


class InDate(StrEnum):
    """How the newest result stands against the interval that a clinic has set."""

    NOT_APPLICABLE = "not_applicable"
    NOT_CLEAR = "not_clear"
    IN_DATE = "in_date"
    DUE = "due"
    NONE_RECORDED = "none_recorded"
    NO_INTERVAL = "no_interval"


def in_date(*, age_days: int | None, clear: bool, needless_days: int | None, interval_days: int | None) -> InDate:
    """Return how a result stands; ages are counted in days back from the session, None where there is none.

    A record that no result is needed counts only while it is newer than a result that speaks against. A clear result of the day itself
    is in date whatever the interval is.
    """
    against = age_days is not None and not clear
    if needless_days is not None and (age_days is None or not against or needless_days < age_days):
        return InDate.NOT_APPLICABLE
    if against:
        return InDate.NOT_CLEAR
    if age_days is not None and age_days <= (interval_days or 0):
        return InDate.IN_DATE
    if interval_days is None:
        return InDate.NO_INTERVAL
    return InDate.NONE_RECORDED if age_days is None else InDate.DUE


def stand(severity: Severity, answer: str, reason: str, *, final: bool = False) -> Stand:
    """Return where an item stands after its last answer; `reason` is one that counts (given by who may give it)."""
    if answer == YES:
        return Stand.DONE
    if severity is Severity.INFORMS:
        return Stand.INFORMS
    if answer == NOT_ASKED:
        return Stand.NOT_ASKED
    if reason and not final:
        return Stand.REASON_GIVEN
    return Stand.BLOCKS if severity is Severity.BLOCKS else Stand.NEEDS_REASON


def tier_of(systolic: float, diastolic: float, tiers: Iterable[Tier]) -> Tier | None:
    """Return the gravest tier that a pressure lies in; None when it lies below all of them."""
    above = [one for one in tiers if systolic > one.systolic_above or diastolic > one.diastolic_above]
    return max(above, key=lambda one: (one.severity is Severity.BLOCKS, one.systolic_above), default=None)


@dataclass(frozen=True, slots=True)
class Cuff:
    """Both pressures of one measurement in mm[Hg], and when it was."""

    at: datetime
    systolic: float
    diastolic: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """The pressure that counts before a start, its tier, and from when a measurement counts as made again; None where it was."""

    cuff: Cuff
    tier: Tier | None
    again_from: datetime | None


def weighed(cuffs: Sequence[Cuff], tiers: Sequence[Tier], again: timedelta) -> Weighed | None:
    """Weigh the pressures measured before a start, given in the order of time; None without any.

    The last one counts, but a graver one that it followed sooner than `again` still stands: it has not been measured again yet.
    """
    if not cuffs:
        return None
    last = cuffs[-1]
    near = [one for one in reversed(cuffs) if one is last or last.at - one.at < again]
    found = max(near, key=lambda one: _gravity(_tier(one, tiers)))
    tier = _tier(found, tiers)
    repeated = any(last.at - one.at >= again and _tier(one, tiers) for one in cuffs)
    return Weighed(found, tier, None if tier is None or repeated else found.at + again)


def _tier(cuff: Cuff, tiers: Sequence[Tier]) -> Tier | None:
    return tier_of(cuff.systolic, cuff.diastolic, tiers)


def _gravity(tier: Tier | None) -> tuple[bool, bool, float]:
    return (False, False, 0.0) if tier is None else (True, tier.severity is Severity.BLOCKS, tier.systolic_above)


def same_name(said: str, known: str) -> bool:
    """Say whether two names are the same words, whatever their order, case and accents."""
    return bool(_words(said)) and _words(said) == _words(known)


def _words(name: str) -> list[str]:
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    return sorted(plain.casefold().replace(",", " ").split())
