"""What the person's previous session here was like: dose, peak pressure, rescue drugs, worst distress, what helped, wishes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openketamine.clinic.infusion import queries, traces
from openketamine.clinic.infusion.models import Infusion, InfusionEvent, Wishes
from openketamine.clinic.ledger import actions as ledger
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.events import Kind


@dataclass(frozen=True, slots=True)
class LastTime:
    """The previous session; an empty field was not recorded there."""

    infusion: Infusion
    at: datetime
    given_mg: str
    ordered_mg: str
    peak: str
    rescue: tuple[InfusionEvent, ...]
    distress: str
    dissociation: str
    wishes: Wishes


def last_time(infusion: Infusion) -> LastTime | None:
    """Return the newest earlier session of this person in which an infusion was started; None: the first here."""
    earlier = queries.own_sessions(infusion.patient).filter(opened_at__lt=infusion.opened_at).exclude(pk=infusion.pk)
    for one in earlier.order_by("-opened_at").select_related("order", "watch"):
        started = queries.course_of(one).started_at
        if started is not None:
            return _told(one, started)
    return None


def _told(one: Infusion, started: datetime) -> LastTime:
    cuffs = [cuff for cuff in traces.cuffs(one, started) if cuff["at"] >= 0]
    peak = max(cuffs, key=lambda cuff: float(cuff["systolic"]), default=None)
    given = ledger.balance(one.reference)
    rescue = tuple(row for row in queries.standing_events(one) if row.kind == Kind.DRUG_GIVEN.value)
    return LastTime(
        one, started, shown(given.given_mg), str(one.order.dose_mg), "" if peak is None else _pressure(peak), rescue,
        _worst(one, "distress"), _worst(one, "dissociation"), wishes(one),
    )  # fmt: skip


def _pressure(cuff: dict[str, Any]) -> str:
    low = "—" if cuff["diastolic"] is None else f"{cuff['diastolic']:g}"
    return f"{cuff['systolic']:g}/{low} mmHg, min {cuff['at']:.0f}"


def _worst(one: Infusion, signal: str) -> str:
    values = list(traces.readings(one, signal).values_list("value", flat=True))
    return f"{max(values):g}" if values else ""


def wishes(infusion: Infusion) -> Wishes:
    """Return what is known of the person's wishes in one session: the last word on each; an unsaved row."""
    told = Wishes(infusion=infusion)
    for row in Wishes.objects.filter(infusion=infusion).order_by("pk"):
        for field in ("touch", "preferences", "helped"):
            setattr(told, field, getattr(row, field) or getattr(told, field))
        told.at, told.by = row.at, row.by
    return told
