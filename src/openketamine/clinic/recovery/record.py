"""The record of one infusion as plain values: what is signed, printed and exported is this and nothing else."""

from typing import Any

from django.utils import timezone

import openketamine
from openketamine.clinic.infusion import before, queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.ledger.models import Row
from openketamine.clinic.monitoring.models import AlarmAnswer, AlarmEvent, Reading
from openketamine.clinic.monitoring.seats import sat_on
from openketamine.clinic.people.clinic_time import zone
from openketamine.clinic.people.models import Clinic, Switch
from openketamine.core.infusion.balance import shown

CONTINUOUS = frozenset({"heart_rate", "pulse_rate", "spo2", "respiratory_rate", "etco2", "temperature"})


def record(infusion: Infusion) -> dict[str, Any]:
    """Return the whole record of an infusion, with ISO 8601 times in UTC; times inside of words are the clinic's own."""
    with timezone.override(zone()):
        return _record(infusion)


def _record(infusion: Infusion) -> dict[str, Any]:
    order, patient = infusion.order, infusion.patient
    clinic = Clinic.objects.first()
    return {
        "clinic": {"name": clinic.name if clinic else "", "demo": bool(clinic and clinic.is_demo), "time_zone": zone().key},
        "version": openketamine.__version__, "switches": _switches(clinic), "given": _given(infusion),
        "patient": {
            "reference": patient.reference, "given_name": patient.given_name, "family_name": patient.family_name,
            "born_on": patient.born_on.isoformat(), "sex": patient.sex, "allergies": patient.allergies or "not asked",
        },
        "session": {"reference": infusion.reference, "chair": _chairs(infusion), "nurse": _nurses(infusion), "opened_at": iso(infusion.opened_at)},
        "order": {
            "infusion": str(order.planned), "dose_mg": str(order.dose_mg), "bag_ml": str(order.bag_ml),
            "rate_ml_per_h": str(order.rate_ml_per_h), "arithmetic": order.arithmetic, "by": order.by, "at": iso(order.at),
        },
        "before": [[item.question, item.answer, item.note] for item in before.gate(infusion)],
        "events": _events(infusion), "checks": _checks(infusion), "device_readings": _device_readings(infusion),
        "alarms": _alarms(infusion), "drug": _drug(infusion), "criteria": _criteria(infusion),
    }  # fmt: skip


def _chairs(infusion: Infusion) -> str:
    """Name the chair; of a session that moved every chair, and since when the person sat on it."""
    (first, _since), *others = sat_on(infusion.watch)
    return "; ".join([str(first), *(f"{chair} since {iso(seat.since)}" for chair, seat in others)])


def _nurses(infusion: Infusion) -> str:
    """Name who looked after the chair; of a session that others took over each of them, and since when."""
    (first, _since), *others = queries.nurses_of(infusion)
    return "; ".join([first, *(f"{name} since {iso(since)}" for name, since in others)])


def _switches(clinic: Clinic | None) -> dict[str, bool]:
    """Which of the three switches were on when this was written down."""
    return {name.value: bool(getattr(clinic, name.value, False)) for name in Switch}


def _given(infusion: Infusion) -> dict[str, str | None]:
    """Both numbers: what the pump delivered, and what reached the patient (not known without a recorded line, nor once drug ran beside the vein)."""
    course = queries.course_of(infusion)
    doubt = course.doubtful_from
    at = infusion.closed_at or max([infusion.opened_at, *(row.at for row in queries.standing_events(infusion))])
    found = queries.amounts(infusion, course, at)
    reached = None if found.reached_mg is None else shown(found.reached_mg)
    return {
        "pump_delivered_mg": shown(found.pump_delivered_mg), "reached_mg": reached if doubt is None else None,
        "uncertain_since": None if doubt is None else iso(doubt),
    }  # fmt: skip


def _events(infusion: Infusion) -> list[dict[str, Any]]:
    rows = infusion.events.select_related("voids").exclude(kind="signed").order_by("number")
    return [
        {
            "number": row.number, "at": iso(row.at), "kind": row.kind, "rate_ml_per_h": row.rate_ml_per_h,
            "delivered_ml": row.delivered_ml, "dose": row.dose, "says": row.says, "although": row.although, "by": row.by, "recorded_at": iso(row.recorded_at),
            "replaced": row.replaced, "reason": row.reason, "sedates": row.sedates,
            "corrects": row.voids.number if row.voids else None, "corrected": hasattr(row, "voided_by"),
        }
        for row in rows
    ]  # fmt: skip


def _checks(infusion: Infusion) -> list[dict[str, Any]]:
    """Every pressure and every typed value, in the order of time."""
    rows = (
        Reading.objects.filter(watch=infusion.watch)
        .exclude(signal__in=CONTINUOUS, source="device")
        .order_by("observed_at", "pk")
    )
    return [
        {
            "at": iso(row.observed_at),
            "signal": row.signal,
            "value": row.value,
            "unit": row.unit,
            "text": row.text,
            "reason": row.reason,
            "source": row.source,
            "by": row.by,
        }
        for row in rows
    ]


def _device_readings(infusion: Infusion) -> dict[str, dict[str, float | int]]:
    """Streams in short: how many readings, the lowest, the highest; each single one stays in the database."""
    found: dict[str, dict[str, float | int]] = {}
    rows = Reading.objects.filter(watch=infusion.watch, source="device", signal__in=CONTINUOUS).exclude(value=None)
    for signal in sorted(set(rows.values_list("signal", flat=True))):
        values = list(rows.filter(signal=signal).values_list("value", flat=True))
        found[signal] = {"readings": len(values), "lowest": min(values), "highest": max(values)}
    return found


def _alarms(infusion: Infusion) -> list[dict[str, Any]]:
    answers = {answer.event_id: answer.who for answer in AlarmAnswer.objects.filter(event__watch=infusion.watch)}
    return [
        {
            "at": iso(event.at), "rule": event.rule, "priority": event.priority, "state": event.state,
            "value": event.value, "reason": event.reason, "answered_by": answers.get(event.pk, ""),
        }
        for event in AlarmEvent.objects.filter(watch=infusion.watch)
    ]  # fmt: skip


def _drug(infusion: Infusion) -> dict[str, Any]:
    rows = Row.objects.filter(session=infusion.reference, replaced_by=None).select_related("vial", "replaces")
    balance = ledger.balance(infusion.reference)
    return {
        "rows": [[row.kind, str(row.mg), row.vial.lot if row.vial else "", row.told, row.by, row.second] for row in rows],
        "sentence": balance.sentence(), "unaccounted_mg": str(balance.unaccounted_mg),
    }  # fmt: skip


def _criteria(infusion: Infusion) -> list[list[str]]:
    from openketamine.clinic.recovery import queries as recovery

    at = infusion.closed_at
    return [[row.says, row.standing.value, row.how] for row in recovery.criteria(infusion, at=at)] if at else []


def iso(at: Any) -> str:
    """Return an instant as ISO 8601 in UTC."""
    return str(at.isoformat().replace("+00:00", "Z"))
