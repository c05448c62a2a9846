"""Answers that mean something together: at least so many of these items reach their mark."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """At least `count` of the items reach their mark (item id, smallest value). An unanswered item does not."""

    marks: tuple[tuple[str, float], ...]
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= len(self.marks):
            raise ValueError(f"a pattern of {len(self.marks)} items cannot need {self.count} of them")

    @property
    def items(self) -> frozenset[str]:
        """The items that the pattern looks at."""
        return frozenset(name for name, _ in self.marks)

    def holds(self, answers: Mapping[str, float]) -> bool:
        """Say whether the pattern holds."""
        return sum(name in answers and answers[name] >= least for name, least in self.marks) >= self.count
