"""The board on a wall, read from four metres: every chair on one screen, the one that needs somebody first; names shortened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from django.utils.translation import gettext as _

from openketamine.clinic.chart import board
from openketamine.clinic.chart.board import Seat
from openketamine.clinic.people.models import Patient
from openketamine.clinic.tasks import actions as tasks

COLUMNS = {2: 2, 4: 2, 6: 3, 8: 4, 12: 4}
"""Up to how many chairs: how many of them side by side."""
MOST_COLUMNS = 6


class Need(IntEnum):
    """How much a chair needs somebody; the most pressing sorts first."""

    NOW = 0
    SOON = 1
    NONE = 2


@dataclass(frozen=True, slots=True)
class Place:
    """One chair on the wall: its seat, what it asks for in words, how much it needs somebody, and the person's short name."""

    seat: Seat
    asks: str
    need: Need
    name: str


def places(*, at: datetime, wall: datetime) -> list[Place]:
    """Return every chair: those that need somebody first, the others in their order."""
    asked: dict[int, str] = {}
    for task in tasks.calls().exclude(patient=None).order_by("due_at", "pk"):
        asked.setdefault(task.patient_id, task.says)
    return sorted((_place(seat, asked) for seat in board.chairs(at=at, wall=wall)), key=lambda place: place.need)


def columns(chairs: int) -> int:
    """Return how many chairs stand side by side."""
    return next((side_by_side for most, side_by_side in COLUMNS.items() if chairs <= most), MOST_COLUMNS)


def _place(seat: Seat, asked: Mapping[int, str]) -> Place:
    if seat.infusion is None:
        return Place(seat, "", Need.NONE, "")
    asks = asked.get(seat.infusion.patient_id, "").removeprefix(f"{seat.chair}: ")
    asks = asks or (_("emergency") if seat.emergency else _("help control lost") if seat.help_lost else "")
    asks = asks or (_("watch the person: not computed") if seat.fault else "")
    return Place(seat, asks, _need(seat, asks), _short(seat.really or seat.infusion.patient))


def _need(seat: Seat, asks: str) -> Need:
    loud = seat.worst.event.priority if seat.worst and seat.worst.loud else ""
    if asks or loud == "urgent":
        return Need.NOW
    return Need.SOON if loud or seat.late else Need.NONE


def _short(patient: Patient) -> str:
    """A wall is read by everybody in the room: the given name and the first letter of the family name."""
    return f"{patient.given_name} {patient.family_name[:1]}."
