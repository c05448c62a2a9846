"""Where the drug is: in the bag, in the line, in the patient. What the pump delivered and what reached the patient are two numbers.

A line is a tube that holds what was put into it first: what goes in at one end pushes the same volume out at the other (plug flow).
Volumes in mL of the drug mixture.
"""

from dataclasses import dataclass
from enum import StrEnum


class Fluid(StrEnum):
    """What a line was filled with before the start."""

    SALINE = "saline"
    DRUG = "drug"


@dataclass(frozen=True, slots=True)
class Line:
    """The tube between bag and vein: its volume, and what it was primed with."""

    volume_ml: float
    primed_with: Fluid

    @property
    def drug_free_ml(self) -> float:
        """The volume that holds no drug when the pump starts."""
        return self.volume_ml if self.primed_with is Fluid.SALINE else 0.0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Drug mixture in mL: through the pump, into the patient, left in the line, left in the bag."""

    pumped_ml: float
    reached_ml: float
    in_line_ml: float
    in_bag_ml: float


def whereabouts(bag_ml: float, pumped_ml: float, line: Line, flushed_ml: float = 0.0) -> Whereabouts:
    """Return where the drug mixture is after the pump ran and, with the bag off, the line was flushed with drug-free fluid."""
    entered = line.volume_ml - line.drug_free_ml + pumped_ml
    reached = max(entered - max(line.volume_ml - flushed_ml, 0.0), 0.0)
    return Whereabouts(pumped_ml, reached, entered - reached, bag_ml - entered)
