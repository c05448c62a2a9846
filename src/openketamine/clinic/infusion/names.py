"""What signals, and the codes of a device, are called on a screen."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Any] = {
    "nibp_systolic": _("systolic pressure"), "nibp_diastolic": _("diastolic pressure"), "heart_rate": _("heart rate"),
    "pulse_rate": _("pulse"), "spo2": _("SpO2"), "respiratory_rate": _("breaths"), "etco2": _("exhaled CO2"), "moaas": _("awake (MOAA/S)"), "rass": _("sedation (RASS)"),
    "distress": _("distress"), "nausea": _("nausea"), "dissociation": _("dissociation"), "anxiety": _("anxiety"), "pain": _("pain"),
}  # fmt: skip
UNITS = {
    "nibp_systolic": "mmHg",
    "nibp_diastolic": "mmHg",
    "heart_rate": "/min",
    "spo2": "%",
    "respiratory_rate": "/min",
}


def name(signal: str) -> str:
    """Return what a signal is called."""
    return str(NAMES.get(signal, signal.replace("_", " ")))


def level(value: float, *, signed: bool) -> str:
    """Return the level of a scale; one that goes both ways from 0 carries its sign."""
    return f"{value:+g}" if signed and value else f"{value:g}"


def names(signals: Iterable[str]) -> str:
    """Return several names as one list; the two pressures of a cuff are one."""
    told = list(signals)
    if "nibp_systolic" in told and "nibp_diastolic" in told:
        told = [one for one in told if one != "nibp_diastolic"]
        return ", ".join(str(_("pressure")) if one == "nibp_systolic" else name(one) for one in told)
    return ", ".join(name(one) for one in told)


KINDS: dict[str, Any] = {
    "checked": _("checked"), "ready": _("ready"), "started": _("started"), "rate_set": _("pump set"), "paused": _("paused"),
    "resumed": _("resumed"), "completed": _("bag is through"), "stopped": _("stopped"), "line_primed": _("line primed"),
    "flushed": _("line flushed"), "pump_seen": _("second look at the pump"), "site": _("vein"), "infiltrated": _("infiltrated"),
    "drug_given": _("drug given"), "observation": _("observed"), "emergency": _("emergency"), "emergency_over": _("emergency over"),
    "escort_absent": _("escort absent"), "taken_over": _("chair taken over"), "moved": _("moved"), "devices": _("devices changed"), "signals": _("signals confirmed"), "undone": _("taken back"), "discharged": _("discharged"), "left": _("left"),
    "transferred": _("transferred"), "cancelled": _("cancelled"), "signed": _("signed"),
}  # fmt: skip


def moment(at: datetime, beside: datetime) -> str:
    """Return an instant as it stands beside another: to the second, and with its day where that is another."""
    here, there = timezone.localtime(at), timezone.localtime(beside)
    return f"{here:%H:%M:%S}" if here.date() == there.date() else f"{here:%Y-%m-%d %H:%M:%S}"


def kind(code: str) -> str:
    """Return in words what was recorded."""
    return str(KINDS.get(code, code.replace("_", " ")))


WHY: dict[str, Any] = {
    "no reading yet": _("no reading yet"), "stale": _("stale"), "status X": _("the monitor sends no value"),
    "status D": _("the monitor took its value back"), "status W": _("the monitor took its value back"),
    "status I": _("the monitor is still measuring"), "status O": _("the monitor is still measuring"),
    "status N": _("the monitor did not measure"), "status U": _("the monitor marks its value as unsure"),
    "declined": _("patient declined"), "asleep": _("asleep, not woken"), "no device": _("no device"), "other": _("not measured"),
}  # fmt: skip


def why(reason: str) -> str:
    """Return in plain words why there is no current value; what has no words here is shown as the device said it."""
    return str(WHY.get(reason, reason))
