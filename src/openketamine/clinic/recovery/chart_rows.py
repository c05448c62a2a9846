"""The rows under the strips of the printed chart: oxygen, each drug with its doses and running total, the checks that were due."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from openketamine.clinic.recovery.drawing import LEFT, RIGHT, WIDTH, Axis, circle, line, text
from openketamine.core.monitoring.signal import ROOM_AIR

LINE, GAP, MARK = 6.5, 2.0, 1.8
WIDE = 3.0
"""Points that a letter of six points takes at most."""
MOST_DRUGS, MOST_LINES = 6, 3
NAME_LETTERS = 17
TOTAL_LETTERS, TOTAL_LINES = 44, 2
END = WIDTH - RIGHT
Row = tuple[float, list[str]]
"""How high a row is, and its marks, drawn from 0 downwards."""


def rows(axis: Axis, values: dict[str, Any], top: float) -> tuple[list[str], float]:
    """Return the rows from `top` downwards, and where they end."""
    drawn: list[str] = []
    for height, marks in _wanted(axis, values):
        under = line(LEFT, height, END, height, "#bbb", 0.3)
        drawn.append(f'<g transform="translate(0 {top:g})">{"".join(marks)}{under}</g>')
        top += height + GAP
    return drawn, top - GAP


def _wanted(axis: Axis, values: dict[str, Any]) -> list[Row]:
    ketamine, *others = values["drugs"]
    drugs = [_drug(axis, drug) for drug in (ketamine, *others[:MOST_DRUGS])]
    more = len(others) - MOST_DRUGS
    return [
        _oxygen(axis, values["oxygen"]),
        *drugs,
        *([_left_out(more)] if more > 0 else []),
        _dues(axis, values["dues"]),
    ]


def _oxygen(axis: Axis, stretches: Sequence[dict[str, Any]]) -> Row:
    """A bar as long as it was so: grey with oxygen, white on room air. Where nobody said anything there is none."""
    drawn = [text(2, LINE - 1.5, _("oxygen"))]
    for one in stretches:
        begin, end = axis.x(max(one["from"], axis.begin)), axis.x(min(one["to"], axis.end))
        if end <= begin:
            continue
        fill = "#fff" if one["says"].startswith(ROOM_AIR) else "#ccc"
        drawn.append(
            f'<rect x="{begin:.1f}" y="0" width="{end - begin:.1f}" height="{LINE}" fill="{fill}" stroke="#555" stroke-width="0.4"/>'
        )
        if end - begin > WIDE * len(one["says"]):
            drawn.append(text(begin + 1.5, LINE - 1.5, one["says"]))
    return LINE, drawn


def _drug(axis: Axis, drug: dict[str, Any]) -> Row:
    """Each dose at its minute, on a further line where it would run into another; the running total ends at the right edge."""
    total = textwrap.wrap(_total(drug["total"]), TOTAL_LETTERS, max_lines=TOTAL_LINES, placeholder=" …")
    room = [END - WIDE * len(words) - 4 for words in total]
    doses = list(_placed(axis, [one for one in drug["doses"] if axis.shows(one["at"])], room))
    height = LINE * max([1, len(total), *(place + 1 for _x, place, _words in doses)])
    name = drug["name"]
    drawn = [text(2, LINE - 1.5, name if len(name) <= NAME_LETTERS else name[: NAME_LETTERS - 1] + "…")]
    for x, place, words in doses:
        bottom = LINE * (place + 1)
        drawn += [line(x, bottom - LINE, x, bottom, "#000", 0.7), text(x + 1, bottom - 1.5, words)]
    return height, drawn + [
        _at_the_end(left, LINE * i, words) for i, (left, words) in enumerate(zip(room, total, strict=True))
    ]


def _total(words: str) -> str:
    return _("total %(amount)s") % {"amount": words} if words else ""


def _at_the_end(left: float, top: float, words: str) -> str:
    """Words that end at the right edge, on white so that no line of time strikes them through."""
    white = f'<rect x="{left:.1f}" y="{top + 0.3:.1f}" width="{END - left:.1f}" height="{LINE - 0.6:.1f}" fill="#fff"/>'
    return white + text(END - 1.5, top + LINE - 1.5, words, "end")


def _placed(axis: Axis, doses: Sequence[dict[str, Any]], room: Sequence[float]) -> Iterator[tuple[float, int, str]]:
    """Yield where each dose stands, on which line, and its words; where no line is free its mark stands alone, over the event's number.

    `room` says for the first lines where the total begins, which nothing may run into.
    """
    ends, begins = [0.0] * MOST_LINES, [*room, *[END] * MOST_LINES]
    for one in doses:
        x = axis.x(one["at"])
        end = x + 1 + WIDE * len(one["dose"])
        free = [
            place for place in range(MOST_LINES) if ends[place] < x and (end <= begins[place] or begins[place] == END)
        ]
        if free:
            ends[free[0]] = end
        yield x, *((free[0], one["dose"]) if free else (0, ""))


def _left_out(number: int) -> Row:
    return LINE, [text(LEFT + 2, LINE - 1.5, _("and %(number)d more drugs: in the appendix") % {"number": number})]


def _dues(axis: Axis, dues: Sequence[dict[str, Any]]) -> Row:
    """A filled circle for a check that was done, a triangle for one that was overdue, a hollow circle for one to come."""
    drawn, y = [text(2, LINE - 1.5, _("checks due"))], LINE / 2
    return LINE, drawn + [_due(axis.x(one["at"]), y, one) for one in dues if axis.shows(one["at"])]


def _due(x: float, y: float, due: dict[str, Any]) -> str:
    if not due["overdue"]:
        return circle(x, y, MARK, filled=due["done"])
    return f'<polygon points="{x - 2:.1f},{y + MARK:.1f} {x + 2:.1f},{y + MARK:.1f} {x:.1f},{y - 2:.1f}"/>'
