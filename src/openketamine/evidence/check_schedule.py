"""When checks are due in a session: in the infusion for as long as it runs, then for as long as the person stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count, pairwise, takewhile


@dataclass(frozen=True, slots=True)
class CheckSchedule:
    """Minutes at which a check is due in the infusion, the interval afterwards, the window that counts as on time, its parts."""

    infusion_min: tuple[int, ...]
    interval_min: int
    early_min: int
    late_min: int
    parts: tuple[str, ...]

    def every(self, *, ended: bool) -> int:
        """Return the minutes between two checks, while the infusion runs or after it has ended."""
        gaps = self._gaps()
        return self.interval_min if ended or not gaps else max(gaps)

    def minutes(self, ended_min: float | None, upto_min: float) -> tuple[int, ...]:
        """Return the minutes at which a check is due until `upto_min`, and the next, given when the infusion ended (None: it runs).

        A slow infusion outlasts the planned minutes and a recovery has no planned end: both go on at their last interval.
        """
        planned_to = max(self.infusion_min, default=0)
        gap = self._gaps()[-1] if self._gaps() else self.interval_min
        running = chain(self.infusion_min, count(planned_to + gap, gap))
        if ended_min is None:
            return self.infusion_min if upto_min < planned_to else _through(running, upto_min)
        during = tuple(takewhile(lambda minute: minute <= ended_min, running))
        return during + _through(count(int(ended_min) + self.interval_min, self.interval_min), upto_min)

    def _gaps(self) -> list[int]:
        return [later - earlier for earlier, later in pairwise(self.infusion_min)]


def _through(minutes: Iterable[int], upto: float) -> tuple[int, ...]:
    """Return the minutes until one, and the next after it."""
    ahead = iter(minutes)
    found: list[int] = []
    while not found or found[-1] <= upto:
        found.append(next(ahead))
    return tuple(found)
