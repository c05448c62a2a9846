"""What a level alone does not say: flags for unresponsiveness and breathing, and receptor occupancy as a span."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from openketamine.core.citation import Citation
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.substance import Route


class Flag(StrEnum):
    """What is raised."""

    UNRESPONSIVE_RANGE = "unresponsive_range"
    FAST_BOLUS = "fast_bolus"
    OPIOID_ON_BOARD = "opioid_on_board"
    BENZODIAZEPINE_ON_BOARD = "benzodiazepine_on_board"


@dataclass(frozen=True, slots=True)
class FlagWords:
    """What a flag says, the medicines whose name in a list raises it, and where that comes from."""

    says: str
    names: tuple[str, ...]
    citation: Citation

    def raised_by(self, listed: str) -> bool:
        """Say whether a medicine, as somebody listed it, is one of these."""
        return any(name in listed.lower() for name in self.names)


@dataclass(frozen=True, slots=True)
class Responsiveness:
    """Effect-site racemic ketamine at which volunteers lost and regained response. A flag only, never a graded sedation."""

    loss_ng_per_ml: float
    return_ng_per_ml: float
    equilibration_per_h: float

    def flagged(self, site_ng_per_ml: float) -> bool:
        """Say whether a level reaches the range in which people did not yet respond again."""
        return site_ng_per_ml >= self.return_ng_per_ml


@dataclass(frozen=True, slots=True)
class BreathingFlag:
    """When breathing deserves a second look: fast boluses, and another drug that depresses it."""

    fast_bolus_mg_per_kg: float
    fast_within_h: float
    opioid_doubling_ng_per_ml: float

    def flags(
        self, doses: Sequence[Dose], weight_kg: float, *, opioid: bool = False, benzodiazepine: bool = False
    ) -> tuple[Flag, ...]:
        """Return what is flagged; doses into a vein given at the longest within the fast limit count together."""
        at_once = [dose for dose in doses if dose.route is Route.IV and dose.duration_h <= self.fast_within_h]
        fast = sum(dose.amount_mg for dose in at_once) / weight_kg >= self.fast_bolus_mg_per_kg
        known = {
            Flag.FAST_BOLUS: fast, Flag.OPIOID_ON_BOARD: opioid, Flag.BENZODIAZEPINE_ON_BOARD: benzodiazepine,
        }  # fmt: skip
        return tuple(flag for flag, raised in known.items() if raised)

    def opioid_c50_factor(self, esketamine_ng_per_ml: float) -> float:
        """Return by what the opioid's C50 on carbon-dioxide sensitivity rises; linear, of which only the doubling is published."""
        return 1 + esketamine_ng_per_ml / self.opioid_doubling_ng_per_ml


@dataclass(frozen=True, slots=True)
class Affinity:
    """One published affinity as the plasma level that half occupies the receptor."""

    name: str
    half_ng_per_ml: float
    hill: float

    def occupancy(self, racemate_ng_per_ml: Floats) -> Floats:
        """Return the share occupied by this affinity's reckoning."""
        x = (np.maximum(racemate_ng_per_ml, 0.0) / self.half_ng_per_ml) ** self.hill
        return np.asarray(x / (1 + x))


def occupancy_span(affinities: Sequence[Affinity], racemate_ng_per_ml: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and highest occupancy over published affinities: model-dependent and unvalidated, never one number."""
    found = [one.occupancy(racemate_ng_per_ml) for one in affinities]
    return np.min(found, axis=0), np.max(found, axis=0)
