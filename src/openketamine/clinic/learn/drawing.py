"""Curves as SVG: a small plot with labelled axes, drawn on the server, readable on a phone and without any script."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 360.0, 230.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 10.0, 12.0, 40.0
TICKS = 5
Line = np.ndarray


@dataclass(frozen=True, slots=True)
class Tick:
    """One label of an axis and where it stands."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One line or one band: its CSS class and its SVG path."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing, the words that say the same, and the ids of the sources of its numbers."""

    title: str
    says: str
    across: str
    up: str
    shapes: tuple[Shape, ...]
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    stop: float | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """The window of a plot in its own units."""

    x: tuple[float, float]
    y: tuple[float, float]

    def across(self, values: Line) -> Line:
        """Return horizontal places."""
        low, high = self.x
        return np.asarray(LEFT + (np.asarray(values) - low) / (high - low) * (WIDTH - LEFT - RIGHT))

    def up(self, values: Line) -> Line:
        """Return vertical places; SVG counts downwards."""
        low, high = self.y
        return np.asarray(HEIGHT - BOTTOM - (np.asarray(values) - low) / (high - low) * (HEIGHT - TOP - BOTTOM))

    def line(self, kind: str, x: Line, y: Line) -> Shape:
        """Return a line."""
        return Shape(kind, "M" + _points(self.across(x), self.up(y)))

    def band(self, kind: str, x: Line, low: Line, high: Line) -> Shape:
        """Return the area between two lines."""
        there, back = _points(self.across(x), self.up(high)), _points(self.across(x)[::-1], self.up(low)[::-1])
        return Shape(kind, f"M{there}L{back}Z")

    def ticks(self) -> tuple[tuple[Tick, ...], tuple[Tick, ...]]:
        """Return round labels for both axes."""
        x, y = round_steps(*self.x), round_steps(*self.y)
        places = zip(self.across(np.array(x)), x, strict=True), zip(self.up(np.array(y)), y, strict=True)
        across, up = (tuple(Tick(round(float(at), 1), f"{value:g}") for at, value in axis) for axis in places)
        return across, up


def round_steps(low: float, high: float) -> Sequence[float]:
    """Return about five round numbers between two limits; raises ValueError when there is nothing between them."""
    if high <= low:
        raise ValueError("an axis needs a length")
    rough = (high - low) / TICKS
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(size * factor for factor in (1, 2, 3, 5, 10) if size * factor >= rough * (1 - 1e-9))
    first = np.ceil(low / step) * step
    return [round(float(value), 6) for value in np.arange(first, high + step / 1e6, step)]


def _points(x: Line, y: Line) -> str:
    return "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
