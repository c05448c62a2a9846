"""When values were observed by our clock: a device tells by its own, which may be wrong.

A message says when it was sent and how long before that its values were observed. Its own clock gives that time well, and says
nothing of ours: so the time is counted back from its arrival, less what the message was on its way (`core.monitoring.device_clock`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from openketamine.clinic.monitoring.charting import Memory, Said
from openketamine.clinic.monitoring.models import Device
from openketamine.core.monitoring import device_clock
from openketamine.core.monitoring.device_clock import RIGHT, Clock


def corrected(messages: Sequence[Said], memory: Memory) -> list[Said]:
    """Return messages with the times of their values by our clock; none is later than its message came."""
    _recall({message.identity for message in messages}, memory)
    return [_corrected(message, message.sent_at, memory) if message.sent_at else message for message in messages]


def _recall(identities: set[str], memory: Memory) -> None:
    """Ask the database once for the clocks of devices that have not spoken yet."""
    unknown = identities - memory.clocks.keys()
    if not unknown:
        return
    kept = Device.objects.filter(identity__in=unknown).exclude(clock=None).values_list("identity", "clock")
    memory.clocks |= {**dict.fromkeys(unknown, RIGHT), **{identity: Clock(*clock) for identity, clock in kept if clock}}


def _corrected(message: Said, sent: datetime, memory: Memory) -> Said:
    lag_s, clock = (message.received_at - sent).total_seconds(), memory.clocks[message.identity]
    now = device_clock.heard(clock, lag_s, message.received_at.timestamp())
    if now is not clock:
        memory.clocks[message.identity] = now
        memory.told_clock.add(message.identity)
    shift = timedelta(seconds=device_clock.shift_s(now, lag_s))
    if not shift:
        return message
    seen = [one._replace(observed_at=one.observed_at + shift, said_at=one.observed_at) for one in message.seen]
    return replace(message, seen=seen, told_at=message.told_at + shift if message.told_at else None)
