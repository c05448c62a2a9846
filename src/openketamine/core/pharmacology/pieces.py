"""What enters the body: each dose as pieces that enter one compartment at once or at a constant rate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.substance import Route
from openketamine.core.pharmacology.system import System


@dataclass(frozen=True, slots=True)
class Piece:
    """One dose through one of the inputs of its route, in hours and milligrams as given (before bioavailability)."""

    start_h: float
    amount_mg: float
    duration_h: float
    route: Route
    index: int
    at_once: bool

    def amount(self, system: System) -> Floats:
        """Return what reaches each state of each person in all, in mg (people, states)."""
        way = system.inputs[self.route][self.index]
        if way.later is None:
            return np.asarray(self.amount_mg * way.vector)
        first = min(self.amount_mg, way.spray_mg)
        return np.asarray(first * way.vector + (self.amount_mg - first) * way.later)

    def length_h(self, system: System) -> Floats:
        """Return for how long it enters in each person (people,)."""
        release = system.inputs[self.route][self.index].release_h
        return np.full(system.people, self.duration_h) if release is None else np.asarray(release)

    def is_shared(self, system: System) -> bool:
        """Say whether it enters at the same time in everybody."""
        release = system.inputs[self.route][self.index].release_h
        return release is None or bool((release == release[0]).all())

    def inflow(self, system: System) -> Floats:
        """Return the constant rate while it enters, in mg/h (people, states)."""
        return np.asarray(self.amount(system) / self.length_h(system)[:, None])


def pieces_of(doses: Sequence[Dose], system: System) -> tuple[Piece, ...]:
    """Return the pieces of doses; raises ValueError for a route that the model does not describe, or a drawn-out depot dose.

    A dose of nothing has no pieces.
    """
    found: list[Piece] = []
    for dose in doses:
        if dose.route not in system.inputs:
            raise ValueError(f"route {dose.route.value}: the model has no {dose.route.value} parameters")
        if dose.route is not Route.IV and dose.duration_h > 0:
            raise ValueError(f"a {dose.route.value} dose is given at once: duration must be 0")
        for index, way in enumerate(system.inputs[dose.route] if dose.amount_mg > 0 else ()):
            at_once = way.release_h is None and dose.duration_h == 0
            found.append(Piece(dose.start_h, dose.amount_mg, dose.duration_h, dose.route, index, at_once))
    return tuple(found)
