"""During a session the person moves to another chair, or a device comes and goes: recorded from an instant on, now or earlier.

Until then the readings of the old chair are this person's, from then on those of the new one. The devices at the chair count as
unconfirmed until somebody has confirmed the signals anew. A session that never sat on its chair is put right in `moving`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import following, queries
from openketamine.clinic.infusion.actions import WORDS, NotNowError, record, refuse_frozen
from openketamine.clinic.infusion.consequences import baseline_anew
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.arranging import Arranged, arrange
from openketamine.clinic.monitoring.models import AlarmEvent, Chair, Device, DeviceOnChair, Watch
from openketamine.clinic.monitoring.seats import Seat, seats_of
from openketamine.core.infusion.events import Kind


@dataclass(frozen=True, slots=True)
class Change:
    """What a session looks like after a change of chair or devices: the event, the rows that went and came, the alarms that follow."""

    event: InfusionEvent
    went: int
    came: int
    alarms: list[AlarmEvent]


def rearrange(
    *,
    infusion: Infusion,
    chair: Chair | None = None,
    along: Collection[Device] = (),
    comes: Device | None = None,
    goes: Device | None = None,
    since: datetime,
    by: str,
    now: datetime,
) -> Change:
    """Record that from an instant on the person sits on a chair, or that devices come along, come or go; raises NotNowError."""
    try:
        with transaction.atomic():
            return _rearranged(infusion, chair, _devices(infusion, chair, along, comes, goes), since, by, now)
    except IntegrityError as error:
        raise NotNowError(_("%(chair)s is in use: choose another chair") % {"chair": chair}) from error


def _devices(
    infusion: Infusion, chair: Chair | None, along: Collection[Device], comes: Device | None, goes: Device | None
) -> dict[Device, Chair | None]:
    target = chair or infusion.watch.chair
    found: dict[Device, Chair | None] = {} if chair is None else dict.fromkeys(along, target)
    found |= {comes: target} if comes else {}
    return found | ({goes: None} if goes else {})


def _rearranged(
    infusion: Infusion,
    chair: Chair | None,
    devices: Mapping[Device, Chair | None],
    since: datetime,
    by: str,
    now: datetime,
) -> Change:
    kept = Infusion.objects.select_for_update().get(pk=infusion.pk)
    _refuse(kept, chair, devices, since, now)
    left, says = kept.watch.chair, _in_words(kept, chair, devices)
    done = arrange(seat=(kept.watch, chair) if chair else None, devices=devices, since=since, by=by, at=now)
    kind = Kind.DEVICES if chair is None else Kind.MOVED
    event = record(infusion=kept, kind=kind, by=by, at=since, now=now, says=says[:WORDS])
    events = [*done.alarms, *_baseline_anew(kept, done, since, now)]
    if chair is not None:
        following.to_chair(kept, left, mark=str(event.number), why=event.says, by=by, at=now)
    own = kept.watch_id
    went = sum(row.watch_id == own for row in done.rebound)
    came = sum(row.to_id == own for row in done.rebound)
    return Change(event, went, came, [one for one in events if one.watch_id == own])


def _refuse(
    infusion: Infusion, chair: Chair | None, devices: Mapping[Device, Chair | None], since: datetime, now: datetime
) -> None:
    if infusion.closed_at is not None:
        raise NotNowError(_("This session is over: what is missing is written as an addendum"))
    if since < now:
        refuse_frozen(infusion)
    if not infusion.opened_at < since <= now:
        words = {"since": _clock(since), "opened": _clock(infusion.opened_at)}
        raise NotNowError(_("%(since)s is not between the opening of this session, %(opened)s, and now") % words)
    if chair is None and not devices:
        raise NotNowError(_("Nothing is chosen: choose the chair, or a device that comes or goes"))
    if chair is not None:
        _refuse_chair(infusion.watch, chair, since)
    for device in devices:
        last = DeviceOnChair.objects.filter(device=device, at__gt=since).order_by("at").last()
        if last is not None:
            words = {"device": str(device), "at": _clock(last.at)}
            raise NotNowError(_("%(device)s was put elsewhere later, at %(at)s: choose a time from then on") % words)


def _refuse_chair(watch: Watch, chair: Chair, since: datetime) -> None:
    if [seat.chair for seat in seats_of([watch])[watch.pk] if seat.touches(since)] == [chair.pk]:
        raise NotNowError(_("This person sat on %(chair)s then already") % {"chair": chair})
    others = Watch.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since)).exclude(pk=watch.pk)
    for seats in seats_of(list(others)).values():
        for seat in seats:
            if seat.chair == chair.pk and seat.touches(since):
                raise NotNowError(_in_use(chair, seat))


def _in_use(chair: Chair, seat: Seat) -> str:
    if seat.until is None:
        return _("%(chair)s is in use: choose another chair") % {"chair": chair}
    words = {"chair": chair, "until": _clock(seat.until)}
    return _("%(chair)s was in use until %(until)s: choose another chair, or a time from then on") % words


def _in_words(infusion: Infusion, chair: Chair | None, devices: Mapping[Device, Chair | None]) -> str:
    target = chair or infusion.watch.chair
    told = [] if chair is None else [f"{infusion.watch.chair} → {chair}"]
    for device, place in devices.items():
        words = {"device": str(device), "chair": str(target)}
        told.append(_("%(device)s at %(chair)s") % words if place else _("%(device)s taken away") % words)
    return "; ".join(told)


def _baseline_anew(infusion: Infusion, done: Arranged, since: datetime, now: datetime) -> list[AlarmEvent]:
    """Take the values before the start anew when some of them were measured where this person did not sit."""
    started = queries.course_of(infusion).started_at
    if not done.rebound or started is None or since > started:
        return []
    baseline_anew(infusion, now)
    return alarms.anew(infusion.watch_id, at=now, why=_("values before the start were taken anew"))


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"
