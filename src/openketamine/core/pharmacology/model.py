"""A disposition model as its paper gives it, and the same model for one person or many: volumes and flows become modes."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Substance(StrEnum):
    """Which ketamine. Racemate and enantiomer are never silently swapped."""

    RACEMATE = "racemate"
    ESKETAMINE = "esketamine"


class SamplingSite(StrEnum):
    """Where the concentration of a model or of an observation is taken. Never mixed up."""

    ARTERIAL = "arterial"
    VENOUS = "venous"


class Route(StrEnum):
    """How a dose enters the body."""

    IV = "iv"
    IM = "im"
    SC = "sc"
    NASAL = "nasal"
    ORAL = "oral"
    SUBLINGUAL = "sublingual"


@dataclass(frozen=True, slots=True)
class Variability:
    """Log-normal between-subject variances (omega squared) and whose they are."""

    central_volume: float
    elimination_clearance: float
    last_intercompartmental_clearance: float
    borrowed_from: str = ""


@dataclass(frozen=True, slots=True)
class PkModel:
    """A linear mammillary disposition model: litres and litres per hour at the reference weight.

    `flows_l_per_h[i]` joins the central volume with `peripheral_l[i]`. Raises ValueError when the tables do not fit together.
    """

    id: str
    title: str
    substance: Substance
    sampling_site: SamplingSite
    output: str
    routes: frozenset[Route]
    covariates: frozenset[str]
    reference_weight_kg: float
    central_l: float
    peripheral_l: tuple[float, ...]
    clearance_l_per_h: float
    flows_l_per_h: tuple[float, ...]
    volume_exponent: float
    clearance_exponent: float
    variability: Variability | None
    sources: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.peripheral_l) != len(self.flows_l_per_h):
            raise ValueError(f"{self.id}: each peripheral volume needs its flow")
        if min(self.central_l, self.clearance_l_per_h, *self.peripheral_l, *self.flows_l_per_h) <= 0:
            raise ValueError(f"{self.id}: volumes and clearances must be greater than 0")

    def typical(self, weight_kg: float) -> "Disposition":
        """Return the disposition of the typical person of this weight (all etas 0)."""
        return self.for_people(weight_kg, np.zeros((1, 3)))

    def for_people(self, weight_kg: float, etas: Floats) -> "Disposition":
        """Return the dispositions of people of one weight; `etas` (n, 3) act on central volume, clearance and last flow."""
        volume_scale = (weight_kg / self.reference_weight_kg) ** self.volume_exponent
        flow_scale = (weight_kg / self.reference_weight_kg) ** self.clearance_exponent
        people = etas.shape[0]
        volumes = np.tile(np.array([self.central_l, *self.peripheral_l]) * volume_scale, (people, 1))
        flows = np.tile(np.array([self.clearance_l_per_h, *self.flows_l_per_h]) * flow_scale, (people, 1))
        volumes[:, 0] *= np.exp(etas[:, 0])
        flows[:, 0] *= np.exp(etas[:, 1])
        flows[:, -1] *= np.exp(etas[:, 2])
        return disposition(volumes, flows)


@dataclass(frozen=True, slots=True)
class Disposition:
    """Modes of n people: `rates_per_h` (n, c) and `weights_per_l` (n, c); a unit bolus gives sum of weight x exp(-rate t) mg/L."""

    rates_per_h: Floats
    weights_per_l: Floats


def disposition(volumes_l: Floats, flows_l_per_h: Floats) -> Disposition:
    """Turn volumes (n, c) and flows (n, c; elimination first) into modes.

    The mammillary matrix of amounts becomes symmetric when each amount is divided by the square root of its volume, so its
    eigenvalues are real and the decomposition is stable for any positive volumes and flows.
    """
    people, size = volumes_l.shape
    matrix = np.zeros((people, size, size))
    matrix[:, 0, 0] = -flows_l_per_h.sum(axis=1) / volumes_l[:, 0]
    for i in range(1, size):
        matrix[:, 0, i] = matrix[:, i, 0] = flows_l_per_h[:, i] / np.sqrt(volumes_l[:, 0] * volumes_l[:, i])
        matrix[:, i, i] = -flows_l_per_h[:, i] / volumes_l[:, i]
    values, vectors = np.linalg.eigh(matrix)
    return Disposition(-values, vectors[:, 0, :] ** 2 / volumes_l[:, :1])
