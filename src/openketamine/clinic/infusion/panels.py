"""What the parts of the chair page show, gathered from the rooms below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from openketamine.clinic.infusion import (
    actions,
    before,
    corrections,
    curves,
    last_time,
    names,
    pump,
    queries,
    readiness,
)
from openketamine.clinic.infusion.forms import PATENCY, VITALS, CheckForm, RecordForm, near_the_order
from openketamine.clinic.infusion.models import Infusion, Touch
from openketamine.clinic.infusion.scales import OBSERVED, used
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.lookup import Ask, answers, several
from openketamine.clinic.monitoring.models import DeviceAlarm, DeviceNotice, PumpStatement, Reading, StoredReading
from openketamine.clinic.monitoring.queries import Newest, Tile, newest
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.clinic_time import day
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.infusion.events import BEFORE, CLOSED, PERMITTED, Course, Kind, Phase
from openketamine.core.monitoring.rule import NoRule, SourceRule, patience_s
from openketamine.core.monitoring.signal import SEDATION, Signal
from openketamine.evidence.chairs import chair_rules, rescue_options

MOMENTS = (
    _("calm words"),
    _("music"),
    _("blanket"),
    _("asleep, rousable"),
    _("talks"),
    _("eyes closed, calm"),
    _("laughs or cries"),
    _("toilet"),
)
EMERGENCY_STEPS = (
    _("second person here"), _("emergency services called"), _("airway opened"), _("oxygen by mask"), _("bag-valve mask"),
    _("chest compressions begun"), _("defibrillator attached"), _("shock given"), _("emergency services here"),
)  # fmt: skip

HEADLINES = (
    ("nibp_systolic", _("Pressure")),
    ("spo2", "SpO2"),
    ("heart_rate", _("Heart rate")),
    ("respiratory_rate", _("Breaths")),
)
CONTINUOUS_TREND = timedelta(minutes=5)
GRACE_S = 60.0
RECENT_DEVICE_ALARMS = 3
HANDED_OVER = 25
SAID_IN_MINUTES = timedelta(minutes=2)


def chair(infusion: Infusion, *, at: datetime, by: str = "") -> dict[str, Any]:
    """Return everything the chair page shows to somebody."""
    course = queries.course_of(infusion)
    permitted = {kind.value for kind in PERMITTED[course.phase]} - (
        {"started"} if course.phase is Phase.ARRIVED else set()
    )
    return {
        **live(infusion, at=at, by=by), **(_before(infusion, at) if course.phase in BEFORE else {}),
        "permitted": permitted, "record_form": RecordForm(), "near": near_the_order(infusion.order), "wishes": last_time.wishes(infusion), "touches": Touch.choices,
        "frozen": queries.incident_of(infusion), "really": people.really_of(infusion.reference, infusion.patient), "before_start": course.phase in BEFORE, "over": course.phase in CLOSED or course.phase is Phase.SIGNED,
        "signals": signals(infusion), "by_hand": not actions.streams(infusion.watch.chair), "key": uuid4().hex, "sheet": empty_sheet(infusion),
        "scales": used(OBSERVED, queries.sedation_scale(infusion)),
        "gauges": chair_rules().gauges, "patencies": PATENCY[1:], "moments": MOMENTS, "rescue": rescue_options(), "prediction_on": curves.switched_on(), "error": "", "typed_name": "", "typed_born": "",
    }  # fmt: skip


def before_start(infusion: Infusion, *, at: datetime) -> dict[str, Any]:
    """Return what the check before the start shows."""
    course = queries.course_of(infusion)
    return {
        **(_before(infusion, at) if course.phase in BEFORE else {}),
        "infusion": infusion, "course": course, "signals": signals(infusion), "by_hand": not actions.streams(infusion.watch.chair), "typed_name": "", "typed_born": "",
        "unconfirmed": queries.unconfirmed(infusion),
    }  # fmt: skip


def _before(infusion: Infusion, at: datetime) -> dict[str, Any]:
    return {
        "gate": before.gate(infusion), "hindrances": before.hindrances(infusion, at), "last_time": last_time.last_time(infusion),
        "twice": readiness.observed_twice(infusion.watch.chair, on=day(at)),
    }  # fmt: skip


def signals(infusion: Infusion) -> list[dict[str, Any]]:
    """Return the signals that the protocol requires here: which are watched, and why one is not."""
    wanted = actions.wanted_signals(infusion)
    order = sorted(wanted, key=lambda one: list(dict(HEADLINES)).index(one) if one in dict(HEADLINES) else len(wanted))
    return [{"signal": one, "label": names.name(one), "left_out": infusion.left_out.get(one, "")} for one in order]


def live(infusion: Infusion, *, at: datetime, by: str = "") -> dict[str, Any]:
    """Return what changes by itself; `by` is who looks, and may take back what they logged a moment ago."""
    course = queries.course_of(infusion)
    ended = course.phase in CLOSED or course.phase is Phase.SIGNED
    due = None if ended else queries.most_pressing(queries.dues(infusion, course, at))
    return {
        "infusion": infusion, "course": course, "at": at, "minute": queries.minute_of(course, at), "nurse": queries.nurse_of(infusion),
        "alarms": alarms.standing(infusion.watch, at=at), "tiles": tiles(infusion, at=at), "sedation": sedation(infusion, at=at), "level": curves.level_now(infusion, at=at),
        "unconfirmed": None if ended else queries.unconfirmed(infusion),
        "due": due, "due_parts": names.names(due.missing) if due and (due.now or due.overdue) else "", "events": events(infusion, at=at, by=by),
        "values": [] if ended or infusion.seen_until else values(infusion, at=at, by=by),
        "amounts": queries.amounts(infusion, course, at), "empty_since": course.empty_since(at), "confirmed": pump.confirmation(infusion), "unrecorded": None if infusion.seen_until else pump.unrecorded(infusion),
        "device_alarms": infusion.known(DeviceAlarm.objects.filter(watch=infusion.watch, rebound=None), "at").order_by("-at", "-pk")[:RECENT_DEVICE_ALARMS],
        "calls": [] if infusion.seen_until else tasks.calls_to(infusion.patient).order_by("-urgent", "due_at", "pk"),
        "steps": EMERGENCY_STEPS, "emergency": _counted(course, at),
        "recheck": recheck(infusion, at=at), "unset": _unset(infusion),
        "notices": infusion.known(DeviceNotice.objects.filter(watch=infusion.watch), "at"), "alarms_on": Clinic.objects.filter(session_alarms=True).exists(),
        "pump": infusion.known(PumpStatement.objects.filter(watch=infusion.watch, rebound=None), "at").order_by("-at", "-pk").first(),
    }  # fmt: skip


def _unset(infusion: Infusion) -> list[NoRule]:
    """Return the dangers that no rule watches here; what belongs to a scale that this session does not use is none."""
    others = {*SEDATION} - {queries.sedation_scale(infusion)}
    return [one for one in alarms.unset(infusion.watch) if one.signal not in others]


def handover(infusion: Infusion, *, at: datetime) -> dict[str, Any]:
    """Return what an ambulance has to know, on one page."""
    course, standing = queries.course_of(infusion), queries.standing_events(infusion)
    really = people.really_of(infusion.reference, infusion.patient)
    return {
        "really": really, "who": really or infusion.patient,
        "infusion": infusion, "nurse": queries.nurse_of(infusion), "course": course, "at": at, "amounts": queries.amounts(infusion, course, at), "tiles": tiles(infusion, at=at), "sedation": sedation(infusion, at=at),
        "given": [row for row in standing if row.kind == Kind.DRUG_GIVEN.value], "events": standing[-HANDED_OVER:], "left_out": max(len(standing) - HANDED_OVER, 0),
    }  # fmt: skip


def recheck(infusion: Infusion, *, at: datetime) -> dict[str, Any] | None:
    """Return the countdown to the second reading of a high pressure, as minutes and seconds."""
    waiting = alarms.rechecks if infusion.seen_until is None else alarms.rechecks_as_of
    found = next(iter(waiting(infusion.watch, at=at)), None)
    if found is None:
        return None
    return {
        "late": at > found.due_at,
        "clock": _minutes_and_seconds(abs(found.due_at - at)),
        "due_at": found.due_at,
        "value": found.value,
    }


def _counted(course: Course, at: datetime) -> str:
    """Return how long an emergency has lasted; empty without one."""
    return _minutes_and_seconds(at - course.emergency_since) if course.emergency_since else ""


def _minutes_and_seconds(lasted: timedelta) -> str:
    minutes, seconds = divmod(max(int(lasted.total_seconds()), 0), 60)
    return f"{minutes}:{seconds:02d}"


def tiles(infusion: Infusion, *, at: datetime) -> list[dict[str, Any]]:
    """Return the headline tiles with their change from the baseline; a value is stale a minute after the next was due."""
    course = queries.course_of(infusion)
    due_s = queries.intervals(infusion, course)
    rules = {rule.signal.value: rule for rule in alarms.sources_of(infusion.watch, due_s)}
    heard = newest(infusion.watch_id, list(dict(HEADLINES)), at=at)
    shown = [_headline(heard[signal], signal, at, rules.get(signal), due_s[signal]) for signal, _label in HEADLINES]
    earlier, changed = _earlier(infusion, shown, at), queries.unconfirmed(infusion)
    baseline = queries.baseline(infusion) if course.started_at else {}
    return [
        {
            **_tile(infusion, label, one, earlier, baseline),
            "unconfirmed": changed is not None and _device_since(one, at, changed.at),
        }
        for (_signal, label), one in zip(HEADLINES, shown, strict=True)
    ]


def sedation(infusion: Infusion, *, at: datetime) -> dict[str, Any]:
    """Return the headline of the scale of sedation that this session uses: the last level that somebody observed, the one before, who."""
    scale = queries.sedation_scale(infusion)
    due_s = queries.intervals(infusion, queries.course_of(infusion), [scale])[scale]
    asked = [Ask(scale, at, received=at, valued=False), Ask(scale, at, received=at, most=2)]
    words, levels = several(infusion.watch_id, asked)
    last, before = (*levels, None, None)[:2]
    one, signed = _headline(Newest(next(iter(words), None), last), scale, at, None, due_s), scale is Signal.RASS
    shown = [
        None if row is None or row.value is None else names.level(row.value, signed=signed) for row in (last, before)
    ]
    return {
        "label": {one.signal: one.label for one in OBSERVED}[scale], "signal": scale.value, "tile": one, "age": _age(one),
        "value": shown[0], "by": last.by if last else "", "trend": f"{_arrow(last.value or 0.0, before.value or 0.0)} {shown[1]}" if last and before else "",
        "why": names.why(one.why),
    }  # fmt: skip


def _device_since(one: Tile, at: datetime, changed_at: datetime) -> bool:
    """Say whether a value is a device's that was measured since the chair or a device changed."""
    return one.source == "device" and one.age is not None and at - one.age >= changed_at


def _headline(heard: Newest, signal: str, at: datetime, rule: SourceRule | None, due_s: float) -> Tile:
    """A value is stale when the rule on its absence says so; beside a stream, what was typed counts for the interval of the checks."""
    typed = heard.value is None or heard.value.source != "device"
    if rule is None or (typed and rule.every_s is None):
        seconds = patience_s((), due_s=due_s, grace_s=GRACE_S)
    else:
        seconds = rule.patience_s(heard.gaps_s)
    return heard.tile(signal, at=at, stale_after=timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What a headline is shown beside: the value before it, the diastolic pressure of the same measurement."""

    trend: Reading | None
    diastolic: Reading | None


def _earlier(infusion: Infusion, shown: Sequence[Tile], at: datetime) -> dict[str, _Earlier]:
    """Look up what each headline is shown beside, all at once."""
    nobody = datetime.min.replace(tzinfo=UTC)
    asked: list[Ask] = []
    for one in shown:
        measured = nobody if one.age is None else at - one.age
        apart = timedelta(0) if one.age is None or one.signal.startswith("nibp") else CONTINUOUS_TREND
        trend = measured if one.age is None else measured - apart - timedelta(microseconds=1)
        instants = (
            (one.signal, trend, None),
            ("nibp_diastolic", measured, measured),
        )
        asked += [Ask(signal, until, since, infusion.seen_until) for signal, until, since in instants]
    found = answers(infusion.watch_id, asked)
    return {one.signal: _Earlier(*found[2 * place : 2 * place + 2]) for place, one in enumerate(shown)}


def _tile(
    infusion: Infusion, label: Any, one: Tile, earlier: dict[str, _Earlier], baseline: Mapping[str, float]
) -> dict[str, Any]:
    beside, signal = earlier[one.signal], one.signal
    before = baseline.get(signal)
    change = None if one.value is None or before is None else one.value - before
    return {
        "label": label, "signal": signal, "tile": one, "change": change, "age": _age(one),
        "trend": _trend(one, beside.trend), "second": _diastolic(one, beside.diastolic), "why": names.why(one.why),
        "left_out": infusion.left_out.get(signal, ""), "typed": one.source == "typed",
    }  # fmt: skip


def _diastolic(one: Tile, found: Reading | None) -> str:
    """Return the diastolic pressure of the same measurement; never one of another minute."""
    if one.signal != "nibp_systolic" or one.age is None:
        return ""
    return f"{found.value:g}" if found else "—"


def _trend(one: Tile, last: Reading | None) -> str:
    """Return an arrow with the value before: the last cuff pressure, or the reading five minutes earlier of a stream."""
    if one.value is None or last is None or last.value is None:
        return ""
    return f"{_arrow(one.value, last.value)} {last.value:g}"


def _arrow(now: float, before: float) -> str:
    return "↑" if now > before else "↓" if now < before else "→"


def _age(one: Tile) -> str:
    """Return the age of a reading as a nurse says it: seconds up to two minutes, then minutes."""
    if one.age is None:
        return ""
    seconds = int(one.age.total_seconds())
    return f"{seconds} s" if one.age < SAID_IN_MINUTES else f"{seconds // 60} min"


def events(infusion: Infusion, *, at: datetime, by: str) -> list[dict[str, Any]]:
    """Return the numbered events, newest first; a corrected one is marked, and one that may be taken back by who looks."""
    rows = sorted(queries.events_of(infusion), key=lambda row: -row.number)
    corrected = {row.voids_id for row in rows}
    return [
        {"row": row, "corrected": row.pk in corrected, "undo": row.pk not in corrected and corrections.undoable(row, by=by, now=at)}
        for row in rows
    ]  # fmt: skip


def values(infusion: Infusion, *, at: datetime, by: str) -> list[dict[str, Any]]:
    """Return the values of scales that who looks has tapped a moment ago and may take back."""
    rows = corrections.undoable_values(infusion, by=by, now=at)
    return [{"number": row.pk, "name": names.name(row.signal), "value": _level(row)} for row in rows]


def _level(row: StoredReading) -> str:
    return names.level(float(row.value or 0), signed=row.signal == Signal.RASS)


def check_sheet(infusion: Infusion, form: CheckForm, *, at: datetime) -> dict[str, Any]:
    """Return the fields of the check sheet, and the check that is due."""
    due = queries.most_pressing(queries.dues(infusion, queries.course_of(infusion), at))
    due = due if due and (due.now or due.overdue) else None
    rows = _sheet_rows(form, due.missing if due else ())
    return {"rows": rows, "due": due, "due_parts": names.names(due.missing) if due else ""}


def empty_sheet(infusion: Infusion) -> dict[str, Any]:
    """Return the check sheet that lies folded on the chair page, so that it is there when the network is not."""
    form = CheckForm(auto_id="check_%s", sedation=queries.sedation_scale(infusion))
    del form.fields[VITALS[0][0]].widget.attrs["autofocus"]
    return {"form": form, "rows": _sheet_rows(form, ())}


def _sheet_rows(form: CheckForm, missing: Sequence[str]) -> list[dict[str, Any]]:
    """Return the fields in the order in which they are typed, each with its reason field."""
    return [
        {"field": form[name], "why": form[f"why_{name}"] if f"why_{name}" in form.fields else None, "due": name in missing}
        for name in form.in_order()
    ]  # fmt: skip
