"""Charting: device readings and typed check sheets become rows; devices are accepted onto chairs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.monitoring import queries
from openketamine.clinic.monitoring.models import Chair, Device, DeviceNotice, DeviceOnChair, Reading, Source, Watch

UNITS = {
    "heart_rate": "/min", "pulse_rate": "/min", "spo2": "%", "respiratory_rate": "/min", "etco2": "mm[Hg]", "temperature": "Cel",
    "nibp_systolic": "mm[Hg]", "nibp_diastolic": "mm[Hg]", "nibp_mean": "mm[Hg]",
    "abp_systolic": "mm[Hg]", "abp_diastolic": "mm[Hg]", "abp_mean": "mm[Hg]", "o2_flow": "L/min",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What one OBX of a stored message says: a value with its UCUM unit, or None with the reason why it is not charted."""

    obx: int
    signal: str
    value: float | None
    unit: str
    reason: str
    observed_at: datetime


@transaction.atomic
def accept_device(*, device: Device, chair: Chair | None, by: str, at: datetime) -> DeviceOnChair:
    """Put a device on a chair, or off all chairs: from now on its readings belong to whoever is watched there."""
    move = DeviceOnChair(device=device, chair=chair, at=at, by=by)
    move.save()
    audit.record(
        by=by, at=at, action="device accepted onto chair", about=chair.name if chair else "", device=device.identity
    )
    return move


@transaction.atomic
def chart_message(*, identity: str, seq: int, seen: Iterable[Seen], received_at: datetime) -> list[Reading]:
    """Write the readings of one stored message; a message already charted writes nothing again.

    A value of an instant that is charted already is left out: devices send again what they think was lost.
    """
    device, _made = Device.objects.get_or_create(identity=identity, defaults={"first_seen_at": received_at})
    said = list(seen)
    if not said or Reading.objects.filter(seq=seq).exists():
        return []
    known, whose = _known(device, said), queries.belonging(device, since=min(one.observed_at for one in said))
    fresh = [one for one in said if (one.signal, one.observed_at, one.value) not in known]
    rows = [_reading(device, seq, one, whose(one.observed_at), received_at) for one in fresh]
    Reading.objects.bulk_create(rows)
    return rows


def _known(device: Device, said: Sequence[Seen]) -> set[tuple[str, datetime, float | None]]:
    times = [one.observed_at for one in said]
    same = Reading.objects.filter(device=device, observed_at__range=(min(times), max(times)))
    return set(same.values_list("signal", "observed_at", "value"))


def _reading(device: Device, seq: int, seen: Seen, watch: Watch | None, received_at: datetime) -> Reading:
    return Reading(
        watch=watch, device=device, signal=seen.signal, value=seen.value, unit=seen.unit, reason=seen.reason[:200],
        observed_at=seen.observed_at, received_at=received_at, source=Source.DEVICE, seq=seq, obx=seen.obx,
    )  # fmt: skip


@transaction.atomic
def chart_typed(
    *,
    watch: Watch,
    values: Mapping[str, float | None],
    reasons: Mapping[str, str],
    words: Mapping[str, str] | None = None,
    by: str,
    observed_at: datetime,
    at: datetime,
) -> list[Reading]:
    """Write one typed check sheet: a value, or "not measured" with its reason, for each signal; blank fields write nothing.

    The watch is locked first, so that its readings are numbered in the order in which alarms can see them.
    """
    Watch.objects.select_for_update().get(pk=watch.pk)
    said = words or {}
    rows = [
        Reading(
            watch=watch, signal=signal, value=values.get(signal), unit=UNITS.get(signal, "{score}"), reason=reasons.get(signal, ""),
            text=said.get(signal, ""), observed_at=observed_at, received_at=at, source=Source.TYPED, by=by,
        )
        for signal in {**values, **said}
        if values.get(signal) is not None or reasons.get(signal) or said.get(signal)
    ]  # fmt: skip
    for row in rows:
        row.save()
    audit.record(
        by=by,
        at=at,
        action="check recorded",
        patient=watch.patient.reference,
        about=f"watch {watch.pk}",
        signals=[row.signal for row in rows],
    )
    return rows


@transaction.atomic
def take_baseline(*, watch: Watch, at: datetime) -> dict[str, float]:
    """Keep the last value of each signal before the start: what "above baseline" means for this person from now on."""
    rows = Reading.objects.filter(watch=watch, observed_at__lte=at).exclude(value=None).order_by("observed_at", "pk")
    baseline = {row.signal: row.value for row in rows.filter(signal__in=UNITS)}
    Watch.objects.filter(pk=watch.pk).update(baseline=baseline)
    watch.baseline = baseline
    return baseline


def notice(
    *, code: str, device: str, says: str, at: datetime, watch: Watch | None = None, seq: int | None = None
) -> None:
    """Tell people something about a device, once for each code, device and watch."""
    if not DeviceNotice.objects.filter(code=code, device=device, watch=watch).exists():
        DeviceNotice(code=code, device=device, says=says[:300], at=at, watch=watch, seq=seq).save()
