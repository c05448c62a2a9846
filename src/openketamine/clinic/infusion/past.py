"""A session as it stood at an earlier instant: what had been recorded and received by then. Nothing that came later shines through.

Every row of a session says when it was written, and none is ever changed; so the past is a question of which rows to look at. The
countdown to a second reading is the alarms' memory of the readings received by then, worked out again. Which signals were required
or left out is shown as it stands now; what a late entry bound to another place is shown where it belongs, also before that entry; and a value of a scale that was taken back within its ten seconds is not shown at all.
"""

from copy import copy
from datetime import datetime

from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring.models import Chair, Watch
from openketamine.clinic.monitoring.seats import seat_at, seats_of


def as_of(infusion: Infusion, at: datetime) -> Infusion:
    """Return a session to look at as it stood at an instant; it refuses to be saved."""
    past, watch = copy(infusion), copy(infusion.watch)
    past.seen_until, past.watch = at, watch
    watch.chair = chair_at(watch, at)
    past.closed_at, watch.ended_at = _by(infusion.closed_at, at), _by(watch.ended_at, at)
    return past


def chair_at(watch: Watch, at: datetime) -> Chair:
    """Return the chair on which a person sat at an instant, by what was known then."""
    seat = seat_at(seats_of([watch], known_by=at)[watch.pk], at)
    return watch.chair if seat.chair == watch.chair_id else Chair.objects.get(pk=seat.chair)


def last_moment(infusion: Infusion, now: datetime) -> datetime:
    """Return the last instant that can be looked at: the closing of a session, or now."""
    return max(infusion.closed_at or now, infusion.opened_at)


def _by(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None
