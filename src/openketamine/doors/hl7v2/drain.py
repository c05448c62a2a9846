"""From the inbox to the chart: each stored message becomes readings, pump statements and device alarms, exactly once.

The inbox cursor moves in the same transaction as the rows it stands for. A message that cannot be read becomes a notice
and never stops the next.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from openketamine.clinic.monitoring import actions, queries
from openketamine.clinic.monitoring.models import Device, DeviceAlarm, Pulse, PumpStatement, Watch
from openketamine.clinic.people.models import Clinic as ClinicRow
from openketamine.doors.hl7v2.inbox import Inbox, Stored
from openketamine.doors.hl7v2.oru import Clinic
from openketamine.doors.hl7v2.oru import Seen as SeenObx
from openketamine.doors.hl7v2.read import Read, read
from openketamine.evidence.plausible import ranges

AT_ONCE = 200
SWITCHED_OFF = "the live device stream is switched off"


@transaction.atomic
def drain(inbox: Inbox, row: ClinicRow, to_clinic_time: Callable[[datetime], datetime]) -> int:
    """Chart what has arrived since the cursor, at most `AT_ONCE` messages; return how many."""
    pulse, _made = Pulse.objects.select_for_update().get_or_create(pk=1)
    clinic, taken = Clinic(row.charts, ranges(), ZoneInfo(row.time_zone)), 0
    for stored in inbox.since(pulse.inbox_seq, AT_ONCE):
        _guarded(inbox, stored, clinic, row, to_clinic_time(stored.arrived.received_at))
        pulse.inbox_seq, taken = stored.seq, taken + 1
    if taken:
        pulse.save()
    return taken


def _guarded(inbox: Inbox, stored: Stored, clinic: Clinic, row: ClinicRow, arrival: datetime) -> None:
    try:
        with transaction.atomic():
            _take(inbox, stored, clinic, row, arrival)
    except Exception as error:  # noqa: BLE001 - one bad message never stops the next; the notice names it
        says = f"message {stored.seq} could not be charted ({type(error).__name__})"
        actions.notice(code="unreadable", device=stored.arrived.device[:200], says=says, at=arrival, seq=stored.seq)


def _take(inbox: Inbox, stored: Stored, clinic: Clinic, row: ClinicRow, arrival: datetime) -> None:
    if stored.arrived.outcome != "accept":
        says = f"a message was not taken: {stored.arrived.reason}"
        return actions.notice(
            code=stored.arrived.outcome, device=stored.arrived.device[:200], says=says, at=arrival, seq=stored.seq
        )
    found = read(stored.arrived.raw, clinic, arrival)
    if _sent_before(inbox, stored, found):
        return None
    identity = (stored.arrived.device or found.device)[:200]
    device, made = Device.objects.get_or_create(identity=identity, defaults={"first_seen_at": arrival})
    if made:
        actions.notice(
            code="unknown", device=device.identity, says="a device that nobody has accepted onto a chair", at=arrival
        )
    watch = queries.watch_of_device(device, at=arrival)
    _chart(stored, device, found, row, arrival)
    _pump(stored, device, watch, found, arrival)
    _alarms(stored, device, watch, found, arrival)
    return _names(found, watch, device, arrival)


def _sent_before(inbox: Inbox, stored: Stored, found: Read) -> bool:
    """The very same bytes again are the same message, when they carry the sender's time."""
    timed = found.message is not None and bool(found.message.header.component(7))
    return timed and inbox.first_like(stored) is not None


def _chart(stored: Stored, device: Device, found: Read, row: ClinicRow, arrival: datetime) -> None:
    seen = [_seen(one, arrival, on=row.device_stream) for one in found.readings]
    actions.chart_message(identity=device.identity, seq=stored.seq, seen=seen, received_at=arrival)


def _seen(one: SeenObx, arrival: datetime, *, on: bool) -> actions.Seen:
    reason = one.reason or ("" if on else SWITCHED_OFF)
    value = one.value if not reason else None
    return actions.Seen(one.obx, one.signal.value, value, one.unit, reason, one.time or arrival)


def _pump(stored: Stored, device: Device, watch: Watch | None, found: Read, arrival: datetime) -> None:
    said = found.pump
    if said is not None:
        PumpStatement(
            watch=watch, device=device, status=(said.status or "")[:60], rate_ml_per_h=said.rate_ml_per_h,
            delivered_ml=said.delivered_ml, remaining_ml=said.remaining_ml, drug=(said.drug or "")[:120], at=arrival, seq=stored.seq,
        ).save()  # fmt: skip


def _alarms(stored: Stored, device: Device, watch: Watch | None, found: Read, arrival: datetime) -> None:
    for said in found.device_alarms:
        DeviceAlarm(
            watch=watch, device=device, at=arrival, seq=stored.seq,
            phase=(said["phase"] or "")[:40], state=(said["state"] or "")[:40],
            priority=(said["priority"] or "")[:40], text=(said["text"] or "")[:200],
        ).save()  # fmt: skip


def _names(found: Read, watch: Watch | None, device: Device, at: datetime) -> None:
    """A name in a message never binds a reading; one that is not this person's is shown to a nurse."""
    family = found.message.first("PID").component(5).strip().casefold() if found.message else ""
    if watch is not None and family and family != watch.patient.family_name.casefold():
        says = "the device carries another patient's name: compare the person, the chair and the monitor"
        actions.notice(code="name", device=device.identity, says=says, at=at, watch=watch)
