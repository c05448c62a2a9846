"""Doses as pieces of constant rate, in hours and milligrams of free base, with the route by which they enter."""

from collections.abc import Sequence
from dataclasses import dataclass

from openketamine.core.pharmacology.substance import Route


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount given from `start_h` over `duration_h`; duration 0 is a bolus. Raises ValueError for negative numbers."""

    start_h: float
    amount_mg: float
    duration_h: float = 0.0
    route: Route = Route.IV

    def __post_init__(self) -> None:
        if self.start_h < 0 or self.amount_mg < 0 or self.duration_h < 0:
            raise ValueError("start, amount and duration of a dose must not be negative")


def from_rates(steps: Sequence[tuple[float, float]], end_h: float) -> tuple[Dose, ...]:
    """Turn rate steps (start in h, mg/h), sorted by start, into doses that end at `end_h`; a pause is a step of rate 0, no steps no doses."""
    ends = [*(start for start, _rate in steps[1:]), end_h]
    pieces = zip(steps, ends, strict=False)
    return tuple(
        Dose(start, rate * (min(end, end_h) - start), min(end, end_h) - start)
        for (start, rate), end in pieces
        if rate > 0 and start < min(end, end_h)
    )


def amount_by(steps: Sequence[tuple[float, float]], hour: float) -> float:
    """Return what rate steps have given by an hour, in the unit of the rate times hours; the last rate goes on."""
    ends = [*(start for start, _rate in steps[1:]), hour]
    return sum(rate * max(min(end, hour) - start, 0.0) for (start, rate), end in zip(steps, ends, strict=False))


def until_through(steps: Sequence[tuple[float, float]], amount: float) -> tuple[tuple[float, float], ...]:
    """Return rate steps as a store of an amount lets them be: rate 0 from the hour at which it is through."""
    end = hour_through(steps, amount)
    if end is None:
        return tuple(steps)
    return (*((at, rate) for at, rate in steps if at < end), (end, 0.0))


def hour_through(steps: Sequence[tuple[float, float]], amount: float) -> float | None:
    """Return the hour at which rate steps have given an amount, the last rate going on; None when they never do."""
    left = amount
    for (start, rate), end in zip(steps, [*(at for at, _rate in steps[1:]), float("inf")], strict=True):
        if rate > 0 and left <= rate * (end - start):
            return start + left / rate
        left -= rate * (end - start) if rate > 0 else 0.0
    return None
