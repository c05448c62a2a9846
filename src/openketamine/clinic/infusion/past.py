"""A session as it stood at an earlier instant: what had been recorded and received by then. Nothing that came later shines through.

Every row of a session says when it was written, and none is ever changed; so the past is a question of which rows to look at. The
countdown to a second reading is the alarms' memory of the readings received by then, worked out again. Which signals were required
or left out is shown as it stands now, and a value of a scale that was taken back within its ten seconds is not shown at all.
"""

from copy import copy
from datetime import datetime

from openketamine.clinic.infusion.models import Infusion


def as_of(infusion: Infusion, at: datetime) -> Infusion:
    """Return a session to look at as it stood at an instant; it refuses to be saved."""
    past, watch = copy(infusion), copy(infusion.watch)
    past.seen_until, past.watch = at, watch
    past.closed_at, watch.ended_at = _by(infusion.closed_at, at), _by(watch.ended_at, at)
    return past


def last_moment(infusion: Infusion, now: datetime) -> datetime:
    """Return the last instant that can be looked at: the closing of a session, or now."""
    return max(infusion.closed_at or now, infusion.opened_at)


def _by(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None
