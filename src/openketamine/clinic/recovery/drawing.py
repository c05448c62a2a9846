"""What the printed chart is drawn with: the axis of time, and lines, curves, circles and words as SVG."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 520.0, 54.0, 4.0
"""Points across the page: names and scales stand at the left; running totals stand in their rows, at the right edge."""
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Every character that stands in no XML 1.0 document, escaped or not."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Minutes of the session across the width of the page."""

    begin: float
    end: float

    def x(self, minute: float) -> float:
        """Return where a minute lies."""
        return LEFT + (minute - self.begin) / (self.end - self.begin) * (WIDTH - LEFT - RIGHT)

    def shows(self, minute: float) -> bool:
        """Say whether a minute lies on the page."""
        return self.begin <= minute <= self.end


def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    """Return a straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def path(points: Sequence[tuple[float, float]], colour: str, dash: str) -> str:
    """Return a curve through points."""
    where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{where}" fill="none" stroke="{colour}" stroke-width="0.8" stroke-dasharray="{dash or "none"}"/>'


def circle(x: float, y: float, radius: float, *, filled: bool = True) -> str:
    """Return a filled circle, or a hollow one."""
    look = "" if filled else ' fill="#fff" stroke="#000" stroke-width="0.6"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"{look}/>'


def text(x: float, y: float, words: str, anchor: str = "start", size: float = 6) -> str:
    """Return words; `anchor` says what of them stands at x. What XML cannot hold (a control character that was pasted) is left out."""
    held = escape(NO_XML.sub("", words))
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}">{held}</text>'
