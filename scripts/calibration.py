"""The tables of `docs/calibration/*.json` as a page prints them: constants with their bounds, then every mean, fitted or held back."""

import json
import re
from pathlib import Path

PLACE = re.compile(r"<!--calibration (\w+)-->.*?<!--/calibration-->", re.DOTALL)
KINDS = {"trial_mean": "fitted", "held_back": "held back"}


def filled(text: str, folder: Path) -> str:
    """Return a page with each table filled in."""

    def fill(found: re.Match) -> str:
        read = json.loads((folder / f"{found[1]}.json").read_text(encoding="utf-8"))
        lines = ["", *constants(read["constants"]), "", *means(read["means"]), ""]
        return f"<!--calibration {found[1]}-->" + "\n".join(lines) + "<!--/calibration-->"

    return PLACE.sub(fill, text)


def constants(rows: list[dict]) -> list[str]:
    """Return the fitted constants, and which of them sits at a bound."""
    lines = ["| constant | value | held between | |", "|---|---|---|---|"]
    for one in rows:
        stuck = "**at its bound**" if one["value"] in (one["low"], one["high"]) else ""
        lines.append(
            f"| {one['name'].replace('_', ' ')} | {one['value']:g} | {one['low']:g} and {one['high']:g} | {stuck} |"
        )
    return lines


def means(rows: list[dict]) -> list[str]:
    """Return each trial mean with what the model says and by how much it misses."""
    lines = ["| mean | source | day | | observed fall | predicted | missed by |", "|---|---|---|---|---|---|---|"]
    for one in rows:
        over = ", over the comparator" if one["over_comparator"] else ""
        lines.append(
            f"| {one['id'].replace('_', ' ')}{over} | {one['source']} | {one['day']:g} | {KINDS[one['kind']]} "
            f"| {one['observed']:.2f} | {one['predicted']:.2f} | {one['predicted'] - one['observed']:+.2f} |"
        )
    return lines
