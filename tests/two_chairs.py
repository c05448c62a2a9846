"""Two chairs with a monitor each, a session that begins on the first, and what happens there."""

from datetime import timedelta

from tests.builders import AT, make_infusing

from openketamine.clinic.infusion import chairs, panels
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.charting import Seen
from openketamine.clinic.monitoring.models import Chair, Device, Reading, StreamReading

MOVED = AT + timedelta(minutes=10)
NOW = AT + timedelta(minutes=12)


def make_two_chairs():
    """An infusion runs on Chair 1 since `AT`; MON-1 stands there, MON-2 at Chair 2."""
    infusion = make_infusing()
    two = Chair.objects.create(name="Chair 2", position=2)
    for name, chair in (("MON-1", infusion.watch.chair), ("MON-2", two)):
        device = Device.objects.create(identity=name, first_seen_at=AT)
        monitoring.accept_device(device=device, chair=chair, by="nils", at=AT - timedelta(minutes=1))
    return infusion


def chair(number):
    return Chair.objects.get(name=f"Chair {number}")


def device(name):
    return Device.objects.get(identity=name)


def says(name, at, **values):
    """A message of a monitor, charted at once."""
    seq = 1000 + StreamReading.objects.count()
    units = {"spo2": "%", "heart_rate": "/min"}
    seen = [Seen(number + 1, one, value, units[one], "", at) for number, (one, value) in enumerate(values.items())]
    monitoring.chart_message(identity=name, seq=seq, seen=seen, received_at=at)


def moves(infusion, to=2, since=MOVED, at=NOW, **more):
    return chairs.rearrange(infusion=infusion, chair=chair(to), since=since, by="nora", now=at, **more)


def own(infusion, signal="spo2"):
    """What counts in a session of one signal from devices, in the order of time."""
    rows = Reading.objects.filter(watch=infusion.watch_id, signal=signal, source="device").order_by("observed_at")
    return list(rows.values_list("value", flat=True))


def anew(infusion):
    return Infusion.objects.get(pk=infusion.pk)


def tile(infusion, signal="spo2", at=NOW):
    return next(one for one in panels.tiles(anew(infusion), at=at) if one["signal"] == signal)


def both_speak(infusion, *minutes):
    """Each minute MON-1 says the minute and MON-2 the minute and 50."""
    for minute in minutes:
        says("MON-1", AT + timedelta(minutes=minute), spo2=float(minute))
        says("MON-2", AT + timedelta(minutes=minute), spo2=50.0 + minute)
