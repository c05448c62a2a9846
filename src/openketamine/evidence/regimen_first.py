"""Regimen texts of the first edition, which a clinic may have kept: read as they were, with what they do not say left unsaid."""

from typing import Any

from openketamine.evidence import load

UNSAID = "not said in this text"
SHARED = ("weight", "duration", "vials", "diluent", "policy")


def of_today(row: dict[str, Any], shared: str) -> dict[str, Any]:
    """Return a first-edition table in today's form; a table of today is returned as it is.

    `shared` is the text from which the parts come that the first edition did not have: weights, vials, who checks.
    """
    if "caps" in row or "highest_dose" not in row.get("regimen", {}):
        return row
    parts = load.parse(shared, "sessions")
    regimen, course = dict(row["regimen"]), row["course"]
    highest = regimen.pop("highest_dose")
    units = {"per_kg_per_hour": "mg/kg/h", "per_hour": "mg/h", "per_session": "mg", "per_day": "mg"}
    return {
        **{name: parts[name] for name in SHARED}, **row,
        "indication": UNSAID, "protocol": row["id"], "tier": UNSAID, "setting": UNSAID, "view_only": False,
        "regimen": {**regimen, "minimum_interval": _unsaid("d")},
        "caps": {"per_kg": highest, **{name: _unsaid(unit) for name, unit in units.items()}},
        "maintenance_review": _unsaid("mo"),
        "course": {
            "instruments": ["phq9"], "overlapping_recall": ["phq9"], "response": course["response"],
            "remission": [{
                "id": "phq9_below", "instrument": "phq9", "says": "PHQ-9 below the line", "test": "below", **course["remission_below"],
            }],
        },
    }  # fmt: skip


def _unsaid(unit: str) -> dict[str, str]:
    return {"absent": UNSAID, "unit": unit}
