"""How far the clock of a device stands from ours, told from when its messages were sent and when they came.

A message that comes late looks like one of a slow clock. What tells them apart: what a network has held back comes all at once,
each message less late than the one before, and a clock that is wrong stays wrong by the same amount while time passes.
"""

import math
from typing import NamedTuple

SAME_S = 2.0  # devices say whole seconds, and no message of a live stream takes a second more to come
PROVEN_S = 8.0  # less than the 10 seconds in which a lost stream is told
ABSURD_S = 24 * 3600.0  # what is later than this was not on its way for so long: its clock was never set


class Clock(NamedTuple):
    """By how many seconds our clock is ahead of a device's: negative where the device's is fast.

    Another number may turn out to be that: seen since `since_s` by our clock, `most_s` and `least_s` are the most and the least since.
    """

    apart_s: float = 0.0
    since_s: float | None = None
    most_s: float = 0.0
    least_s: float = 0.0

    @property
    def wrong(self) -> bool:
        """Whether it is further away than what a message may take to come."""
        return abs(self.apart_s) > SAME_S


RIGHT = Clock()


def heard(clock: Clock, lag_s: float, came_s: float) -> Clock:
    """Return what is known of a clock after one message, which came at a time of ours, `lag_s` after it was sent by that clock."""
    late_s = lag_s - clock.apart_s
    if abs(late_s) <= SAME_S:
        return _same(clock, lag_s, early=late_s < 0)
    most_s, least_s = max(clock.most_s, lag_s), min(clock.least_s, lag_s)
    if clock.since_s is None or most_s - least_s > SAME_S:
        return Clock(clock.apart_s, came_s, lag_s, lag_s)
    if came_s - clock.since_s < PROVEN_S:
        return clock if clock.least_s <= lag_s <= clock.most_s else clock._replace(most_s=most_s, least_s=least_s)
    return Clock(0.0 if 0 <= least_s <= SAME_S else least_s)


def _same(clock: Clock, lag_s: float, *, early: bool) -> Clock:
    """Nothing comes before it was sent: then the clock is a little faster than thought, in whole seconds, so that times seldom move."""
    if not early and clock.since_s is None:
        return clock
    return Clock(float(math.floor(lag_s)) if early else clock.apart_s)


def shift_s(clock: Clock, lag_s: float) -> float:
    """Return what turns the times of a message into ours: as far as the clocks are apart, so that what comes late is old.

    What would come before it was sent, or days after, was sent as it came.
    """
    return clock.apart_s if 0 <= lag_s - clock.apart_s <= ABSURD_S else lag_s
