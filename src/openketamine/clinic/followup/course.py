"""The course of one person on one axis: infusions with their doses, scores with response and remission lines."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan import regimens
from openketamine.core.followup.response import Lines, outcome, reduction_percent
from openketamine.core.infusion.events import Phase
from openketamine.core.instruments.questionnaire import Questionnaire
from openketamine.evidence.questionnaires import questionnaire, questionnaire_ids

WIDTH, HEIGHT, MARGIN = 900, 300, 46
SCALE = 27


@dataclass(frozen=True, slots=True)
class Point:
    """A score with where it stands against the baseline and where it is drawn."""

    answers: Answers
    outcome: str
    reduction: float | None
    x: float
    y: float


def picture(patient: Patient, *, at: datetime, instrument: str = "phq9") -> dict[str, Any]:
    """Return what the course page draws."""
    infusions, cut_short = _sessions(patient)
    scored = list(
        Answers.objects.filter(patient=patient, instrument=instrument).exclude(score=None).order_by("at", "pk")
    )
    times = [one.opened_at for one in infusions] + [one.at for one in scored] + [at]
    start, end = min(times) - timedelta(days=1), max(times) + timedelta(days=1)

    def across(when: datetime) -> float:
        return round(float(MARGIN + (WIDTH - 2 * MARGIN) * ((when - start) / (end - start))), 1)

    lines, baseline = _lines(patient), scored[0].score if scored else None
    began = min((one.opened_at for one in infusions), default=at)
    return {
        "width": WIDTH, "height": HEIGHT, "left": MARGIN, "right": WIDTH - MARGIN, "bottom": _height(0), "top": _height(SCALE),
        "infusions": [{"infusion": one, "x": across(one.opened_at), "mg": _given(one, at)} for one in infusions],
        "points": [_first(scored[0], began, across), *(_point(one, baseline or 0.0, lines, across) for one in scored[1:])]
        if scored
        else [],
        "polyline": " ".join(f"{across(one.at)},{_height(float(one.score or 0))}" for one in scored),
        "response_y": _response_y(baseline, lines),
        "remission_y": None if lines.remission_below is None else _height(lines.remission_below), "baseline": baseline, "lines": lines,
        "count": _counted(len(infusions), len(cut_short)), "total_mg": sum(_given(one, at) for one in (*infusions, *cut_short)),
    }  # fmt: skip


def _sessions(patient: Patient) -> tuple[list[Infusion], list[Infusion]]:
    """Return the sessions in which the pump was started, in the order of time: those that ran, and those that were cancelled."""
    ran, cut_short = list[Infusion](), list[Infusion]()
    for one in queries.own_sessions(patient):
        lived = queries.course_of(one)
        if lived.started_at is not None:
            (cut_short if lived.phase is Phase.CANCELLED else ran).append(one)
    return ran, cut_short


def _counted(ran: int, cut_short: int) -> str:
    said = ngettext("%(count)s infusion", "%(count)s infusions", ran) % {"count": ran}
    if not cut_short:
        return said
    also = ngettext("%(count)s cancelled after the start", "%(count)s cancelled after the start", cut_short)
    return f"{said}, {also % {'count': cut_short}}"


def _first(one: Answers, began: datetime, across: Any) -> Point:
    """The score that later ones are held against; one that was taken only after an infusion says so."""
    words = _("first score") if one.at <= began else _("first score, taken after the first infusion")
    return Point(one, words, None, across(one.at), _height(float(one.score or 0)))


def _point(one: Answers, baseline: float, lines: Lines, across: Any) -> Point:
    score = float(one.score or 0)
    return Point(
        one, outcome(baseline, score, lines).value, reduction_percent(baseline, score), across(one.at), _height(score)
    )


def _lines(patient: Patient) -> Lines:
    course = plan.current_course(patient)
    if course is None:
        return Lines(None, None)
    return regimens.rules_of(course).response


def _response_y(baseline: float | None, lines: Lines) -> float | None:
    if baseline is None or lines.response_percent is None:
        return None
    return _height(baseline * (1 - lines.response_percent / 100))


def _given(infusion: Infusion, at: datetime) -> float:
    course = queries.course_of(infusion)
    return float(queries.given_mg(infusion, course, course.stopped_at or at))


def questionnaires(patient: Patient) -> dict[str, list[Questionnaire]]:
    """Return the questionnaires to offer: first those of this person's course or answered before, then all others, by title."""
    course = plan.current_course(patient)
    usual = set(regimens.rules_of(course).instruments if course else ())
    usual |= set(Answers.objects.filter(patient=patient).values_list("instrument", flat=True))
    every = sorted((questionnaire(name) for name in questionnaire_ids()), key=lambda one: one.title.casefold())
    return {"usual": [one for one in every if one.id in usual], "others": [one for one in every if one.id not in usual]}


def _height(score: float) -> float:
    return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * score / SCALE, 1)
