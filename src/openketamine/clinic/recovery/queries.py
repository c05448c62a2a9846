"""Where each criterion of readiness to leave stands: the value, the threshold, the source; unknown is never met."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from openketamine.clinic.infusion import queries as infusions
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.names import level
from openketamine.clinic.infusion.panels import GRACE_S
from openketamine.clinic.infusion.scales import OBSERVED
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.monitoring.lookup import Ask, answers
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.recovery.looks import Found, anew, clock, sedated_since, ticked, undone
from openketamine.clinic.recovery.models import CriterionTick
from openketamine.core.citation import Citation
from openketamine.core.instruments.scoring import missing_of
from openketamine.core.monitoring.rule import patience_s
from openketamine.core.monitoring.signal import OXYGEN, ROOM_AIR, Signal
from openketamine.core.recovery import readiness
from openketamine.core.recovery.readiness import CountsFrom, Observation, Pressure, Standing, Thoughts
from openketamine.evidence import load
from openketamine.evidence.questionnaires import questionnaire
from openketamine.evidence.regimen import AWAKE, Criterion, Recovery


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion, its standing, how we know, what it has to be, and what that rests on."""

    id: str
    says: str
    needs: str
    standing: Standing
    how: str
    threshold: str = ""
    cites: tuple[Citation, ...] = ()
    ticked: bool = False

    @property
    def sources(self) -> list[str]:
        """What the criterion rests on, in words: source, locus, mark, and whether a clinician has checked it."""
        known = load.sources()
        return [f"{known[one.source].citation}: {one.locus} ({one.mark.value}, {one.standing})" for one in self.cites]


def criteria(infusion: Infusion, *, at: datetime) -> list[CriterionRow]:
    """Return all criteria with their standing at an instant."""
    rules = infusions.regimen_in_force(infusion).recovery
    return [_row(infusion, rules, one, at) for one in rules.criteria]


def ready(rows: list[CriterionRow]) -> bool:
    """Say whether every criterion is met."""
    return readiness.ready([row.id for row in rows], {row.id: row.standing for row in rows})


def observation(infusion: Infusion, rules: Recovery) -> Observation:
    """Return the minimum observation of this session: of the first ones of a person from the end, of later ones from the start."""
    first = rules.first_observation
    if first is None:
        return Observation(rules.observation_min, CountsFrom.START)
    return readiness.observation(_number(infusion), rules.observation_min, first.sessions, first.from_end_min)


def _number(infusion: Infusion) -> int:
    """The how-manieth session of this person it is, as far as this clinic knows: here, or in the course as planned.

    A start that does not stand any more (taken out, or moved with its session) is none.
    """
    earlier = infusions.own_sessions(infusion.patient).filter(opened_at__lt=infusion.opened_at)
    started = earlier.filter(events__kind="started", events__voided_by=None)
    return max(infusion.order.planned.number, 1 + started.distinct().count())


def _row(infusion: Infusion, rules: Recovery, one: Criterion, at: datetime) -> CriterionRow:
    found = ticked(infusion, rules, one, at) if one.needs == "tick" else FOUND_BY[one.id](infusion, rules, at)
    return CriterionRow(
        one.id, one.says, one.needs, found.standing, found.value, found.threshold, one.cites, one.ticked
    )


def _observed(infusion: Infusion, rules: Recovery, at: datetime) -> Found:
    course, rule = infusions.course_of(infusion), observation(infusion, rules)
    counts = {CountsFrom.START: course.started_at, CountsFrom.END: course.stopped_at}[rule.counts_from]
    over = rule.over_at(course.started_at, course.stopped_at)
    words = {"minutes": f"{rule.minutes:g}", "until": clock(over)}
    if rule.counts_from is CountsFrom.END:
        threshold = _("%(minutes)s min from the END of the infusion (a first session): until %(until)s") % words
    else:
        over, least = _from_end(rules, course.stopped_at, over)
        threshold = _("%(minutes)s min from the START of the infusion: until %(until)s") % words + "; " + least
    minutes = None if counts is None or course.stopped_at is None else int((at - counts).total_seconds() // 60)
    over, restarts = _restarted(infusion, rules, over)
    value = "; ".join(filter(None, ["" if minutes is None else f"{minutes} min", restarts]))
    return Found(readiness.reached(over, at), value, threshold)


def _from_end(rules: Recovery, stopped: datetime | None, over: datetime | None) -> tuple[datetime | None, str]:
    """Return when a later session has been observed long enough from its end too, and the minutes; that a clinic has set none is said."""
    set_min = rules.from_end.value
    if set_min is None:
        return over, _(rules.from_end.absent)
    over = over if stopped is None else readiness.restarted(over, stopped, float(set_min))
    words = {"minutes": f"{set_min:f}", "until": clock(over)}
    return over, _("at least %(minutes)s min from its END: until %(until)s") % words


def _restarted(infusion: Infusion, rules: Recovery, over: datetime | None) -> tuple[datetime | None, str]:
    """Return when observation is over and why, once a sedative was charted; where a clinic has set no minutes, that it has not."""
    given, set_min = infusions.last_sedative(infusion), rules.after_sedative.value
    if given is None:
        return over, ""
    words = {"drug": f"{given.says} {given.dose}".strip(), "at": clock(given.at)}
    if set_min is None:
        return over, _("%(drug)s at %(at)s: %(unset)s") % {**words, "unset": _(rules.after_sedative.absent)}
    over = readiness.restarted(over, given.at, float(set_min))
    until = {"minutes": f"{set_min:f}", "until": clock(over)}
    return over, _("%(drug)s at %(at)s restarts %(minutes)s min of observation: until %(until)s") % {**words, **until}


def _scored(infusion: Infusion, rules: Recovery, at: datetime) -> Found:
    stopped, sedated = infusions.course_of(infusion).stopped_at, infusions.last_sedative(infusion)
    since = max(stopped, sedated.at) if stopped and sedated else stopped
    rows = Answers.objects.filter(patient=infusion.patient_id, instrument__in=rules.scores, at__lte=at)
    scored = list(rows.filter(at__gte=stopped).order_by("at", "pk")) if stopped else []
    found = {row.instrument: row for row in scored if since and row.at >= since}
    last = {name: row.score for name, row in found.items()}
    titles = {name: questionnaire(name).title.split(":")[0] for name in rules.scores}
    value = ", ".join(
        f"{titles[name]} {'—' if row.score is None else f'{row.score:g}'}{f' ({row.who})' if row.entered else ''}"
        for name, row in found.items()
    )
    joined = f" {_('or')} ".join(f"{titles[name]} ≥ {limit:g}" for name, limit in rules.scores.items())
    if scored and not last:
        value = _("scored at %(at)s: %(sedated)s, score again") % {
            "at": clock(scored[-1].at), "sedated": sedated_since(infusion, scored[-1].at),
        }  # fmt: skip
    return Found(readiness.any_at_least(last, rules.scores), value, joined)


def _saturation(infusion: Infusion, rules: Recovery, at: datetime) -> Found:
    """A value from before the word on air was measured on oxygen, or nobody knows on what: it is measured again."""
    last, (given, since) = _after_stop(infusion, "spo2", at), _oxygen(infusion, at)
    said = given or _("air or oxygen: not recorded")
    if last is not None and since is not None and given == ROOM_AIR and last.at < since:
        last, said = replace(last, counts=False), _("air only since %(at)s") % {"at": clock(since)}
    air = None if given is None else given == ROOM_AIR
    standing = readiness.on_room_air(_counting(last), rules.spo2_above, breathes_air=air)
    threshold = _("above %(limit)s %%, on room air") % {"limit": f"{rules.spo2_above:g}"}
    return Found(standing, said if last is None else last.said(f"{last.value:g} %, {said}"), threshold)


def _oxygen(infusion: Infusion, at: datetime) -> tuple[str | None, datetime | None]:
    """The newest word on how oxygen is given in this session, and since when that is said; it holds until the next."""
    rows = Reading.objects.filter(watch=infusion.watch, signal=OXYGEN, observed_at__lte=at).exclude(text="")
    words = list(rows.order_by("-observed_at", "-pk").values_list("text", "observed_at"))
    alike = [since for _word, since in takewhile(lambda word: word[0] == words[0][0], words)]
    return (words[0][0], alike[-1]) if words else (None, None)


def _awake(infusion: Infusion, rules: Recovery, at: datetime) -> Found:
    if infusions.sedation_scale(infusion) is Signal.RASS:
        return _awake_on_rass(infusion, rules, at)
    last, threshold = _after_stop(infusion, "moaas", at), f"MOAA/S ≥ {rules.moaas_at_least:g}"
    standing = readiness.at_least(_counting(last), rules.moaas_at_least)
    return Found(standing, "" if last is None else last.said(f"{last.value:g}"), threshold)


def _awake_on_rass(infusion: Infusion, rules: Recovery, at: datetime) -> Found:
    """Held against the levels that the clinic has set; where it has set none, whoever has looked since the value says so."""
    last = _after_stop(infusion, "rass", at)
    said = "" if last is None else last.said(f"RASS {level(last.value, signed=True)}")
    if rules.rass_awake is not None:
        low, high = rules.rass_awake
        words = {"low": level(low, signed=True), "high": level(high, signed=True)}
        standing = readiness.between(_counting(last), low, high)
        return Found(standing, said, _("RASS %(low)s to %(high)s, as your clinic has set it") % words)
    threshold = _("which levels of RASS count is not set by your clinic: observe RASS, then say whether the person is fully awake")  # fmt: skip
    looks = CriterionTick.objects.filter(infusion=infusion, criterion=AWAKE, at__lte=at)
    look = looks.filter(at__gte=last.at).order_by("pk").last() if last is not None and last.counts else None
    if look is None:
        return Found(Standing.UNKNOWN, said, threshold)
    standing = Standing.MET if look.met else Standing.NOT_MET
    return Found(standing, f"{said}, {look.by} {look.note}".strip(), threshold)


def _pressure(infusion: Infusion, rules: Recovery, at: datetime) -> Found:
    last = _after_stop(infusion, "nibp_systolic", at)
    measured = None if last is None else _pressure_of(infusion, last.at, last.value)
    now = measured if last is not None and last.counts else None
    before, most = _before(infusion), rules.pressure_at_most
    words = {
        "percent": f"{rules.pressure_within_percent:g}", "most": f"{most.systolic:g}/{most.diastolic:g}",
        "before": "—" if before is None else f"{before.systolic:g}/{before.diastolic:g}",
    }  # fmt: skip
    threshold = (
        _("within %(percent)s %% of %(before)s (before), or at most %(most)s mmHg and not further below it") % words
    )
    standing = readiness.pressure_settled(before, now, rules.pressure_within_percent, most)
    said = last.said(f"{measured.systolic:g}/{measured.diastolic:g}") if last and measured else ""
    return Found(standing, said, threshold)


def _dissociated(infusion: Infusion, rules: Recovery, at: datetime) -> Found:
    """Hold every scale that was observed since the end against its last value before the start."""
    started, labels = infusions.course_of(infusion).started_at, {one.signal: one.label for one in OBSERVED}
    found = {scale: _after_stop(infusion, scale, at) for scale in rules.dissociation_scales}
    now = {scale: last for scale, last in found.items() if last is not None}
    before = {scale: _at_start(infusion, scale, started) for scale in now}
    standings = [readiness.back_to(_counting(last), before[scale]) for scale, last in now.items()]
    words = {scale: _("not observed") if value is None else f"{value:g}" for scale, value in before.items()}
    said = [
        last.said(_("%(scale)s %(now)g, before the start %(before)s") % {"scale": labels[scale], "now": last.value, "before": words[scale]})
        for scale, last in now.items()
    ]  # fmt: skip
    threshold = _("0, or at most what it was before the start")
    return Found(readiness.all_of(standings), "; ".join(said), threshold)


def _at_start(infusion: Infusion, signal: str, started: datetime | None) -> float | None:
    (last,) = answers(infusion.watch_id, [Ask(signal, started)]) if started else (None,)
    return None if last is None else last.value


def _thoughts(infusion: Infusion, rules: Recovery, at: datetime) -> Found:
    """The answer of the person, held against the last screen before the start."""
    asked = CriterionTick.objects.filter(infusion=infusion, at__lte=at).exclude(answer="").order_by("at", "pk").last()
    before = thoughts_before(infusion)
    answer = Thoughts(asked.answer) if asked else None
    standing = readiness.thoughts_settled(answer, before=before.answer)
    words = {"answer": _(ANSWERS[answer]), "by": asked.who} if asked and answer else {}
    value = _("%(answer)s (asked by %(by)s)") % words if words else ""
    if words and standing is Standing.UNKNOWN:
        value = _("%(value)s: %(says)s, a prescriber looks") % {"value": value, "says": before.says}
    threshold = _("none, or as before the start; %(before)s") % {"before": before.says}
    found = Found(standing, f"{value} {asked.note}".strip() if asked else "", threshold)
    return anew(found, undone(infusion, asked.at) if asked else "")


@dataclass(frozen=True, slots=True)
class ThoughtsBefore:
    """What the last suicide screen before the start said of thoughts (None: nothing to compare with), and how to say it."""

    answer: bool | None
    says: str


def thoughts_before(infusion: Infusion) -> ThoughtsBefore:
    """Return what the last screen before the start said, whichever of the screens of the protocol it was."""
    rules, started = infusions.regimen_in_force(infusion).recovery, infusions.course_of(infusion).started_at
    rows = Answers.objects.filter(
        patient=infusion.patient_id, instrument__in=[*rules.thoughts_before], at__lte=started or infusion.opened_at
    )
    last = rows.order_by("at", "pk").last()
    if last is None:
        return ThoughtsBefore(None, _("no earlier screen to compare with"))
    asks = questionnaire(last.instrument)
    words = {"screen": _(asks.title).split(":")[0], "on": f"{timezone.localdate(last.at)}"}
    if missing_of(asks, last.answers):
        return ThoughtsBefore(None, _("the last screen before it, %(screen)s of %(on)s, is not complete") % words)
    found = bool(last.answers.get(rules.thoughts_before[last.instrument], 0))
    told = {**words, "answer": _("yes") if found else _("no")}
    return ThoughtsBefore(found, _("answer of the last screen before it, %(screen)s of %(on)s: %(answer)s") % told)


ANSWERS = {
    Thoughts.NONE: gettext_noop("no"),
    Thoughts.AS_BEFORE: gettext_noop("yes, as before the infusion"),
    Thoughts.WORSE: gettext_noop("yes, new or worse"),
}
"""What a person answers, as it stands on a button."""
FOUND_BY = {
    "dissociation_resolved": _dissociated,
    "no_new_suicidal_thoughts": _thoughts,
    "observation_time": _observed,
    "recovery_score": _scored,
    "spo2": _saturation,
    AWAKE: _awake,
    "blood_pressure": _pressure,
}


def _before(infusion: Infusion) -> Pressure | None:
    baseline = infusions.baseline(infusion)
    high, low = (baseline.get(name) for name in infusions.CUFF)
    return None if high is None or low is None else Pressure(high, low)


def _pressure_of(infusion: Infusion, at: datetime, systolic: float) -> Pressure | None:
    """Return both pressures of one measurement; None when it gave no diastolic one."""
    rows = Reading.objects.filter(watch=infusion.watch, signal="nibp_diastolic", observed_at=at)
    diastolic = rows.exclude(value=None).order_by("pk").last()
    return Pressure(systolic, float(diastolic.value)) if diastolic else None


@dataclass(frozen=True, slots=True)
class Last:
    """The newest value since the infusion ended; `counts` is false for one that is too old to let anybody leave, or from before a sedative, which `sedated` names."""

    value: float
    at: datetime
    counts: bool
    sedated: str = ""

    def said(self, words: str) -> str:
        """Return what was found with its time, and what to do when it no longer counts."""
        timed = f"{words} ({clock(self.at)})"
        again = _("%(sedated)s, measure again") % {"sedated": self.sedated} if self.sedated else _("measure again")
        return timed if self.counts else f"{timed}: {again}"


def _counting(last: Last | None) -> float | None:
    return last.value if last is not None and last.counts else None


def _after_stop(infusion: Infusion, signal: str, at: datetime) -> Last | None:
    """Return the newest value since the infusion ended; one from before a sedative, or older than a check may be, does not count."""
    stopped = infusions.course_of(infusion).stopped_at
    if stopped is None:
        return None
    rows = Reading.objects.filter(watch=infusion.watch, signal=signal, observed_at__gte=stopped, observed_at__lte=at)
    last = rows.exclude(value=None).order_by("observed_at", "pk").last()
    if last is None:
        return None
    sedated = sedated_since(infusion, last.observed_at)
    young = at - last.observed_at <= _oldest(infusion, signal)
    return Last(float(last.value), last.observed_at, young and not sedated, sedated)


def _oldest(infusion: Infusion, signal: str) -> timedelta:
    """Return how old a value may be: the interval of the checks in force and a minute, as for the headlines."""
    due_s = infusions.intervals(infusion, infusions.course_of(infusion), [signal])[signal]
    return timedelta(seconds=patience_s((), due_s=due_s, grace_s=GRACE_S))
