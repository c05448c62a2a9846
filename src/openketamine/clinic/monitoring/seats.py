"""On which chairs somebody sat, each from an instant on: where the watch began, and each move since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from openketamine.clinic.monitoring.models import Chair, ChairMove, Watch


@dataclass(frozen=True, slots=True)
class Seat:
    """One stretch of a watch on one chair; `until` is empty while the person sits there."""

    chair: int
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Say whether the person sat there at an instant."""
        return self.since <= at and (self.until is None or self.until > at)

    def touches(self, since: datetime) -> bool:
        """Say whether the person sat there at any instant from `since` on."""
        return self.until is None or self.until > max(since, self.since)


def seats_of(watches: Collection[Watch], *, known_by: datetime | None = None) -> dict[int, list[Seat]]:
    """Return for each watch its seats in the order of time, as known now or by an instant; one question for all."""
    moves: dict[int, list[ChairMove]] = {}
    first: dict[int, int] = {}
    for row in ChairMove.objects.filter(watch__in=[watch.pk for watch in watches]).order_by("pk"):
        first.setdefault(row.watch_id, row.left_id)
        if known_by is None or row.recorded_at <= known_by:
            moves.setdefault(row.watch_id, []).append(row)
    return {one.pk: _folded(one, first.get(one.pk, one.chair_id), moves.get(one.pk, ())) for one in watches}


def _folded(watch: Watch, first: int, moves: Sequence[ChairMove]) -> list[Seat]:
    """Lay the moves over each other: what was written later says where the person sat from its instant on."""
    found: list[tuple[datetime, int]] = [(watch.started_at, first)]
    for move in moves:
        found = [one for one in found if one[0] < move.at]
        if found[-1][1] != move.chair_id:
            found.append((move.at, move.chair_id))
    ends = [*(since for since, _chair in found[1:]), watch.ended_at]
    return [Seat(chair, since, until) for (since, chair), until in zip(found, ends, strict=True)]


def seat_at(seats: Sequence[Seat], at: datetime) -> Seat:
    """Return the seat at an instant; the first before it, the last after it."""
    return next((seat for seat in reversed(seats) if seat.since <= at), seats[0])


def sat_on(watch: Watch) -> list[tuple[Chair, Seat]]:
    """Return the chairs on which a person sat, in the order of time, each with its stretch."""
    seats = seats_of([watch])[watch.pk]
    chairs = Chair.objects.in_bulk({seat.chair for seat in seats})
    return [(chairs[seat.chair], seat) for seat in seats]
