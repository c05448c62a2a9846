"""What a questionnaire is: items, bands, flags, and whose words they are. How it is scored stands in `scoring.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from openketamine.core.citation import Citation
from openketamine.core.instruments.pattern import Pattern

TOTAL = "total"
"""The item under which a score that was added up elsewhere is entered."""


class Urgency(StrEnum):
    """How soon somebody has to look at a flag."""

    NOTICE = "notice"
    URGENT = "urgent"


class Method(StrEnum):
    """How answers become a score."""

    SUM = "sum"
    MEAN = "mean"
    RULES = "rules"
    """No score: the band follows from which items were answered how."""


class Tier(StrEnum):
    """What the licence of the words lets us ship."""

    TEXT = "A"
    """The words come with the program."""
    PACK = "B"
    """The words may come as a pack with a licence file of its own; without it, score entry."""
    ENTRY = "C"
    """Score entry only; a clinic may load the words that it has licensed itself."""


class TextSource(StrEnum):
    """Where the words on the screen come from."""

    BUNDLED = "bundled"
    PACK = "pack"
    LOCAL = "local"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer: its value, its words and its LOINC answer code. With `counts` off it adds nothing to a score."""

    value: int
    words: str
    loinc: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """One question, answered by one of its choices or by a number from `low` to `high`.

    `scored` says whether it counts in the score. With `asked_if` it is asked only of those in whom the pattern holds. Items with
    the same `instead_of` stand in for one another: exactly one of them is answered.
    """

    id: str
    words: str
    choices: tuple[Choice, ...] = ()
    scored: bool = True
    loinc: str = ""
    low: float = 0.0
    high: float = 0.0
    asked_if: Pattern | None = None
    instead_of: str = ""

    def __post_init__(self) -> None:
        if bool(self.choices) == (self.low < self.high):
            raise ValueError(f"item {self.id}: has either choices or a range")

    def takes(self, value: float) -> bool:
        """Say whether a value can be an answer."""
        if self.choices:
            return any(choice.value == value for choice in self.choices)
        return self.low <= value <= self.high

    @property
    def answers(self) -> str:
        """What an answer can be, in words."""
        if self.choices:
            return f"one of {', '.join(str(choice.value) for choice in self.choices)}"
        return f"from {self.low:g} to {self.high:g}"

    def counted(self, value: float) -> bool:
        """Say whether this answer counts in a score; `not assessed` does not."""
        return all(choice.counts for choice in self.choices if choice.value == value)


@dataclass(frozen=True, slots=True)
class Band:
    """A severity band: from a score up to the next band, or, scored by rules, wherever its patterns hold."""

    at_least: float
    name: str
    parts: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """Answers that somebody has to look at whatever the sum says: all parts hold, and `unless` does not.

    A flag that `holds` keeps an infusion from starting, however long the answers have been the same.
    """

    id: str
    parts: tuple[Pattern, ...]
    urgency: Urgency
    says: str
    cite: Citation
    unless: Pattern | None = None
    holds: bool = False

    def raised(self, answers: Mapping[str, float]) -> bool:
        """Say whether answers raise the flag; `unless` needs all its answers to speak."""
        if self.unless and (self.unless.holds(answers) or not self.unless.items <= set(answers)):
            return False
        return all(part.holds(answers) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Remission:
    """One named definition of remission; trials disagree, so there may be several."""

    name: str
    at_most: float
    cite: Citation


@dataclass(frozen=True, slots=True)
class Subscale:
    """A part of the questionnaire that is summed by itself."""

    id: str
    name: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Licence:
    """Whose words they are, what may be done with them, and the notice that the screen shows."""

    tier: Tier
    notice: str
    holder: str = ""
    pack_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A questionnaire. Raises ValueError when a band, flag or subscale does not fit its items.

    `variant` names which of several published forms this is. `recall_days` is the time it asks about: two answers closer than that
    overlap. `entry` takes a score that was added up on a licensed form elsewhere. `during_infusion` says that it observes the infusion
    itself; any other waits until discharge.
    """

    id: str
    title: str
    asks: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    flags: tuple[Flag, ...]
    sources: tuple[str, ...]
    licence: Licence
    method: Method = Method.SUM
    factor: float = 1
    variant: str = ""
    recall_days: float | None = None
    loinc_panel: str = ""
    loinc_score: str = ""
    remissions: tuple[Remission, ...] = ()
    subscales: tuple[Subscale, ...] = ()
    entry: Item | None = None
    text: TextSource = TextSource.BUNDLED
    during_infusion: bool = False

    def __post_init__(self) -> None:
        known = {item.id for item in self.items} | ({TOTAL} if self.entry else set())
        patterns = [part for band in self.bands for part in band.parts]
        patterns += [part for flag in self.flags for part in (*flag.parts, *([flag.unless] if flag.unless else []))]
        patterns += [item.asked_if for item in self.items if item.asked_if]
        named = {name for part in patterns for name in part.items} | {
            name for part in self.subscales for name in part.items
        }
        if named - known:
            raise ValueError(f"{self.id}: a flag or band names an item that is not there: {sorted(named - known)}")
        if self.method is not Method.RULES and [one.at_least for one in self.bands] != sorted(
            one.at_least for one in self.bands
        ):
            raise ValueError(f"{self.id}: bands must rise")

    def item(self, name: str) -> Item | None:
        """Return an item by its id, the entered total among them."""
        every = (*self.items, self.entry) if self.entry else self.items
        return next((one for one in every if one.id == name), None)

    def overlaps(self, days_since_last: float) -> bool:
        """Say whether an answer given so soon after the last one asks about the same days again."""
        return self.recall_days is not None and days_since_last < self.recall_days
