"""Charting: device readings and typed check sheets become rows; devices are accepted onto chairs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.monitoring import charting, lookup
from openketamine.clinic.monitoring.arranging import arrange
from openketamine.clinic.monitoring.asked import WHAT, AskedBefore
from openketamine.clinic.monitoring.charting import Row, Said, Seen
from openketamine.clinic.monitoring.models import (
    Chair,
    Device,
    DeviceNotice,
    NotCharted,
    Reading,
    ReadingTakenBack,
    Source,
    StoredReading,
    Watch,
)
from openketamine.core.quantity import Quantity

__all__ = ("Seen",)
UNITS = {
    "heart_rate": "/min", "pulse_rate": "/min", "spo2": "%", "respiratory_rate": "/min", "etco2": "mm[Hg]", "temperature": "Cel",
    "nibp_systolic": "mm[Hg]", "nibp_diastolic": "mm[Hg]", "nibp_mean": "mm[Hg]",
    "abp_systolic": "mm[Hg]", "abp_diastolic": "mm[Hg]", "abp_mean": "mm[Hg]", "o2_flow": "L/min",
}  # fmt: skip


@transaction.atomic
def accept_device(*, device: Device, chair: Chair | None, by: str, at: datetime) -> None:
    """Put a device on a chair, or off all chairs: from now on its readings belong to whoever is watched there."""
    arrange(devices={device: chair}, since=at, by=by, at=at)
    audit.record(
        by=by, at=at, action="device accepted onto chair", about=chair.name if chair else "", device=device.identity
    )


@transaction.atomic
def chart_message(*, identity: str, seq: int, seen: Iterable[Seen], received_at: datetime) -> list[Row]:
    """Write the readings of one stored message; a message already charted writes nothing again."""
    if charting.is_charted(seq):
        return []
    messages = [Said(identity, seq, received_at, list(seen))]
    memory = charting.Memory()
    places, _fresh = charting.places_of(messages, memory)
    return charting.chart(messages, places, memory)


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
def take_baseline(
    *, watch: Watch, at: datetime, given: Mapping[str, float | None] | None = None, now: datetime | None = None
) -> dict[str, float]:
    """Keep the last value of each signal of this visit before the start: what "above baseline" means for this person from now on.

    What is `given` goes before the last value, None for a signal without a baseline. The start was `at`, and may be recorded later.
    """
    found = lookup.answers(watch.pk, [lookup.Ask(signal, at, watch.started_at) for signal in UNITS])
    last = {row.signal: row.value for row in found if row is not None} | {**(given or {})}
    baseline = {signal: value for signal, value in last.items() if value is not None}
    _ask(watch, now or at, baseline=baseline)
    return baseline


@transaction.atomic
def correct_unit(*, reading: Reading, unit: str, reason: str, by: str, at: datetime) -> Reading:
    """Write a typed value anew that was typed in another unit; the newest row of an instant counts, the old one stays.

    Raises ValueError for a device's reading, a missing value or reason, and units that do not measure the same.
    """
    if reading.source != Source.TYPED or reading.value is None or not reason.strip():
        raise ValueError(_("only a value that was typed can be corrected here, and with a reason"))
    if reading.watch_id is not None:
        Watch.objects.select_for_update().get(pk=reading.watch_id)
    value = round(Quantity(reading.value, unit).to(reading.unit).value, 1)
    said = f"corrects {reading.value:g}, typed in {unit}"
    row = Reading(
        watch=reading.watch, signal=reading.signal, value=value, unit=reading.unit, text=said[:60], observed_at=reading.observed_at,
        received_at=at, source=Source.TYPED, by=by,
    )  # fmt: skip
    row.save()
    patient = reading.watch.patient.reference if reading.watch else ""
    audit.record(
        by=by, at=at, action="unit corrected", patient=patient, about=f"reading {reading.pk}", unit=unit, reason=reason
    )
    return row


def notice(
    *, code: str, device: str, at: datetime, says: str = "", watch: Watch | None = None, seq: int | None = None
) -> None:
    """Tell people something about a device, once for each code, device and watch; `says` is what the code alone does not say."""
    if not DeviceNotice.objects.filter(code=code, device=device, watch=watch).exists():
        DeviceNotice(code=code, device=device, says=says[:300], at=at, watch=watch, seq=seq).save()


def not_charted(seq: int) -> None:
    """Remember that an accepted message could not be charted."""
    if not NotCharted.objects.filter(seq=seq).exists():
        NotCharted(seq=seq).save()


@transaction.atomic
def require(*, watch: Watch, signals: Sequence[str], at: datetime) -> None:
    """Say which signals must be there from now on: one that is named anew is missing until it is read."""
    _ask(watch, at, required=list(signals))


@transaction.atomic
def expect(*, watch: Watch, every_s: Mapping[str, float], at: datetime) -> None:
    """Say at which intervals signals are due to be read from now on, in seconds; a value counts no longer than that and a grace."""
    if watch.due_every_s != every_s:
        _ask(watch, at, due_every_s=dict(every_s))


def _ask(watch: Watch, at: datetime, **what: Any) -> None:
    """Ask something else of a watch from an instant on; what was asked before is kept, and the alarms take the change in by its time."""
    kept = Watch.objects.select_for_update().get(pk=watch.pk)
    changed = any(getattr(kept, name) != value for name, value in what.items())
    if changed and at > kept.started_at:
        row = AskedBefore(watch=kept, at=at, **{name: getattr(kept, name) for name in WHAT})
        row.save()
        kept.alarm_state["asked"] = [*kept.alarm_state.get("asked", []), row.plain()]
    for name, value in what.items():
        setattr(kept, name, value)
        setattr(watch, name, value)
    kept.save(update_fields=[*what, "alarm_state"])


@transaction.atomic
def take_back(*, reading: StoredReading, by: str, at: datetime) -> ReadingTakenBack:
    """Take back a typed value of a scale; both rows stay."""
    row = ReadingTakenBack(
        reading=reading, watch=reading.watch, signal=reading.signal, value=reading.value, observed_at=reading.observed_at, at=at, by=by
    )  # fmt: skip
    row.save()
    patient = reading.watch.patient.reference if reading.watch else ""
    audit.record(
        by=by, at=at, action="value taken back", patient=patient, about=f"reading {reading.pk}", signal=reading.signal
    )
    return row
