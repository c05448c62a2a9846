"""Candidacy rules: one fact against one threshold, whom the rule is about, and what it means when it counts against.

A rule never decides. It says: met, exclusion criterion present, caution, or not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from openketamine.core.candidacy.facts import Fact, Kind, Value
from openketamine.core.citation import Citation

Known = Mapping[str, Value | None]
"""Facts by code; a code that is not there is not known."""


class Comparator(StrEnum):
    """How a fact is held against a threshold."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    IS = "is"
    IN = "in"


OF_KIND = {Kind.BOOLEAN: {Comparator.IS}, Kind.CHOICE: {Comparator.IN}}
NUMERIC = {Comparator.ABOVE, Comparator.AT_LEAST, Comparator.BELOW, Comparator.AT_MOST}


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact, a comparator and a threshold: true or false for a known fact, None for an unknown one.

    Raises ValueError when the comparator or the threshold does not suit the fact.
    """

    fact: Fact
    comparator: Comparator
    threshold: Value | tuple[str, ...]

    def __post_init__(self) -> None:
        if self.comparator not in OF_KIND.get(self.fact.kind, NUMERIC):
            raise ValueError(f"{self.fact.code}: {self.comparator} does not suit a {self.fact.kind}")
        given = self.threshold if isinstance(self.threshold, tuple) else (self.threshold,)
        if isinstance(self.threshold, tuple) != (self.comparator is Comparator.IN) or not given:
            raise ValueError(
                f"{self.fact.code}: a choice is held against a list of words, anything else against a value"
            )
        for value in given:
            self.fact.read(value)

    def holds(self, known: Known) -> bool | None:
        """Say whether the condition holds; None when the fact is not known."""
        value = known.get(self.fact.code)
        return None if value is None else self._compare(value)

    def _compare(self, value: Value) -> bool:
        if isinstance(self.threshold, tuple):
            return value in self.threshold
        if self.comparator is Comparator.IS:
            return value == self.threshold
        number, limit = float(value), float(self.threshold)
        if number == limit:
            return self.comparator in {Comparator.AT_LEAST, Comparator.AT_MOST}
        return (number > limit) == (self.comparator in {Comparator.ABOVE, Comparator.AT_LEAST})


class Role(StrEnum):
    """Whether a person must meet the condition or must not."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


class Weight(StrEnum):
    """How much a rule weighs when it counts against."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"


@dataclass(frozen=True, slots=True)
class Position:
    """What another source says about the same criterion."""

    says: str
    cite: Citation


@dataclass(frozen=True, slots=True)
class Rule:
    """One criterion.

    `criterion` says what is met when the rule passes; `says` what was found when it counts against. With `applies_if` the rule
    asks only the people it is about. `disagrees` keeps what other sources say.
    """

    id: str
    role: Role
    condition: Condition
    weight: Weight
    criterion: str
    says: str
    cite: Citation
    applies_if: Condition | None = None
    disagrees: tuple[Position, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts the rule looks at, in the order in which they are asked."""
        return (self.condition.fact,) if self.applies_if is None else (self.applies_if.fact, self.condition.fact)

    def against(self, known: Known) -> bool | None:
        """Say whether the rule counts against; None when its fact is not known."""
        holds = self.condition.holds(known)
        return None if holds is None else holds == (self.role is Role.EXCLUSION)

    def applies(self, known: Known) -> bool | None:
        """Say whether the rule is about this person; None when that is not known."""
        return True if self.applies_if is None else self.applies_if.holds(known)
