"""The virtual patients of the demo, from `teaching/*.toml`."""

from functools import cache
from typing import Any

from openketamine.core.teaching.virtual_patient import Happening, Resting, VirtualPatient, What
from openketamine.evidence import load
from openketamine.evidence.load import cited

KIND = "teaching"


@cache
def virtual_patient(name: str) -> VirtualPatient:
    """Return a virtual patient; raises EvidenceError for an unknown id or an uncited number."""
    row, where = load.table(KIND, name), f"{KIND}/{name}.toml"

    def maybe(key: str, unit: str) -> float | None:
        return cited(row[key], unit, where) if key in row else None

    return VirtualPatient(
        row["id"], row["title"], row["caption"], row["phase"] == "recovery", cited(row["start"], "min", where), maybe("stopped", "min"),
        maybe("delivered", "mL"), cited(row["weight"], "kg", where), cited(row["sensitivity"], "1", where),
        {name: Resting(cited(one, one["unit"], where), float(one["noise"])) for name, one in row["baseline"].items()},
        tuple(_happening(one) for one in row.get("happening", ())),
    )  # fmt: skip


def _happening(row: dict[str, Any]) -> Happening:
    pressure = (float(row["systolic"]), float(row["diastolic"])) if "systolic" in row else None
    paused = (float(row["paused_systolic"]), float(row["paused_diastolic"])) if "paused_systolic" in row else None
    return Happening(float(row["at_s"]), What(row["kind"]), pressure, paused)
