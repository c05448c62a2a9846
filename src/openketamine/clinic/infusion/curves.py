"""The predicted level and pressure of this infusion; each curve is named by what it assumes about the pump."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.observed import observed
from openketamine.clinic.infusion.traces import minute_since
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.pharmacology import learning
from openketamine.clinic.pharmacology.models import LearnedEnsemble
from openketamine.clinic.pharmacology.prediction import OVER_READING, Prior, Question, levels, predict
from openketamine.clinic.pharmacology.studied import site_in_words
from openketamine.core.infusion.amounts import drug_steps
from openketamine.core.infusion.events import Course, Phase, Step
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.what_if import Scenario, SoFar, ahead

GRID_MIN = 2
MINUTES_PER_HOUR = 60.0
HOUR = timedelta(hours=1)
LEVEL = "ketamine_ng_per_ml"


def switched_on() -> bool:
    """Say whether the medical director has switched individual prediction on."""
    return Clinic.objects.filter(individual_prediction=True).exists()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person in a session: the baseline, what was seen since, what earlier sessions taught."""

    before: Mapping[str, float]
    seen: tuple[Observation, ...]
    prior: Prior | None


def known(infusion: Infusion, course: Course) -> Known | None:
    """Return what predictions of a session rest on; None before the start or with prediction switched off.

    From when the drug was seen to run beside the vein nobody knows what reached the person: what is read from then on teaches nothing.
    """
    if course.started_at is None or not switched_on():
        return None
    doubt = course.doubtful_from
    upto = None if doubt is None else minute_since(doubt, course.started_at) / MINUTES_PER_HOUR
    prior = learning.prior_of(learning.last_learned(infusion.patient, before_session=infusion.reference))
    seen = observed(infusion, course.started_at)
    return Known(queries.baseline(infusion), tuple(one for one in seen if upto is None or one.at_h <= upto), prior)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is assumed about the pump from now on; the rate in mL/h where it would be set to one."""

    scenario: Scenario = Scenario.CURRENT_RATE
    ml_per_h: float | None = None


AS_IT_RUNS, IF_STOPPED, IF_THE_PLAN_CONTINUES = WhatIf(), WhatIf(Scenario.STOPPED_NOW), WhatIf(Scenario.PLAN)


def curve(
    infusion: Infusion,
    course: Course,
    rest: Known | None,
    *,
    at: datetime,
    end: float,
    what_if: WhatIf = AS_IT_RUNS,
    times: tuple[float, ...] = (),
) -> dict[str, Any] | None:
    """Return one curve with its bands and its assumption, at `times` if given; None where nothing is known to predict from."""
    if rest is None:
        return None
    asked = question(infusion, course, rest, at=at, times=times or _times(end), what_if=what_if, end=end)
    return _answered(rest, asked, assumption(infusion, course, what_if))


def stopped(
    infusion: Infusion, course: Course, rest: Known | None, *, at: datetime, end: float
) -> dict[str, Any] | None:
    """Return the person's level from now on if the pump stopped now; None while it does not run."""
    runs = course.started_at is not None and course.stopped_at is None and course.rate_ml_per_h > 0
    if rest is None or not runs:
        return None
    now = minute_since(at, course.started_at or at)
    times = tuple(one for one in _times(end) if one > now - GRID_MIN)
    level, _believed = levels(question(infusion, course, rest, at=at, times=times, what_if=IF_STOPPED, end=end))
    return {"name": assumption(infusion, course, IF_STOPPED), "site": site_in_words(), "times": times, "person": level}


def _times(end: float) -> tuple[float, ...]:
    return tuple(float(minute) for minute in range(0, int(end) + 1, GRID_MIN))


def _answered(rest: Known, asked: Question, name: str) -> dict[str, Any]:
    answer, resting = predict(asked), rest.before.get("nibp_systolic")
    return {
        "name": name, "site": site_in_words(), "times": answer.times_min, "learned_from": answer.learned_from, "believed": answer.believed,
        "person": answer.person[LEVEL], "population": answer.population[LEVEL],
        "systolic": _systolic(answer.person, resting), "systolic_population": _systolic(answer.population, resting),
    }  # fmt: skip


def assumption(infusion: Infusion, course: Course, what_if: WhatIf) -> str:
    """Return what a curve assumes about the pump from now on."""
    if course.stopped_at is not None:
        return _("as recorded, the infusion has ended")
    if what_if.scenario is Scenario.PLAN:
        rate = float(infusion.order.rate_ml_per_h)
        return _("if the plan continues (%(rate)g mL/h until the bag is through)") % {"rate": rate}
    if what_if.scenario is Scenario.STOPPED_NOW or what_if.ml_per_h == 0:
        return _("if stopped now")
    if what_if.scenario is Scenario.SET_TO:
        return _("if set to %(rate)g mL/h now") % {"rate": what_if.ml_per_h}
    if course.rate_ml_per_h == 0:
        return _("if the pause goes on")
    return _("if %(rate)g mL/h goes on until the bag is through") % {"rate": course.rate_ml_per_h}


def level_now(infusion: Infusion, *, at: datetime) -> dict[str, float] | None:
    """Return the 5, 50, 95 % of the level in ng/mL, and how far readings fit; None before the start or with prediction off."""
    course = queries.course_of(infusion)
    rest = known(infusion, course)
    if rest is None or course.started_at is None:
        return None
    minute = minute_since(at, course.started_at)
    level, believed = levels(question(infusion, course, rest, at=at, times=(minute,), what_if=AS_IT_RUNS, end=minute))
    return {**{name: row[0] for name, row in level.items()}, "believed": believed}


def learned_line(course: Course, rest: Known | None, plan: dict[str, Any] | None) -> str:
    """Return the sentence under the chart: what the estimate has learned from, and the peak of the pressure if the plan continues."""
    if rest is None or plan is None:
        return ""
    said = _("Model estimate (derived, not validated in patients), from %(what)s") % {"what": counted(rest.seen)}
    band = plan["systolic"]
    if band is None:
        return said + "."
    name = _("if the plan continues") if course.stopped_at is None else plan["name"]
    return said + ": " + _("systolic peak, 90 %% band %(low).0f-%(high).0f mmHg %(name)s.") % {
        "low": max(band["p05"]), "high": max(band["p95"]), "name": name,
    }  # fmt: skip


def counted(seen: Iterable[Observation]) -> str:
    """Return in words what was seen: a cuff's pressures and the heart rate beside them are one reading."""
    by_kind: dict[Kind, set[float]] = defaultdict(set)
    for one in seen:
        by_kind[one.kind].add(one.at_h)
    cuffs, measured, scores = (
        len(by_kind[Kind.SYSTOLIC] | by_kind[Kind.DIASTOLIC]),
        len(by_kind[Kind.LEVEL]),
        len(by_kind[Kind.DISSOCIATION]),
    )
    said = [ngettext("%(n)d cuff reading", "%(n)d cuff readings", cuffs) % {"n": cuffs}]
    if measured:
        said.append(ngettext("%(n)d measured level", "%(n)d measured levels", measured) % {"n": measured})
    if scores:
        said.append(ngettext("%(n)d dissociation score", "%(n)d dissociation scores", scores) % {"n": scores})
    return ", ".join(said)


def question(
    infusion: Infusion,
    course: Course,
    rest: Known,
    *,
    at: datetime,
    times: tuple[float, ...],
    what_if: WhatIf,
    end: float,
) -> Question:
    """The recorded rates so far, then what is assumed until the bag is through."""
    origin = course.started_at or at
    concentration = float(infusion.order.concentration_mg_per_ml)
    steps = drug_steps(course, _ahead(infusion, course, what_if, at))
    return Question(
        float(infusion.order.weight_kg),
        tuple((minute_since(step.at, origin), step.rate_ml_per_h * concentration) for step in steps),
        end,
        times,
        seed=infusion.patient_id,
        seen=rest.seen,
        prior=rest.prior,
        outputs=(LEVEL, OVER_READING),
    )


def _ahead(infusion: Infusion, course: Course, what_if: WhatIf, at: datetime) -> list[Step]:
    """Return the assumed steps of the pump from now on; none where the infusion has ended."""
    origin = course.started_at
    if origin is None or course.stopped_at is not None:
        return []
    given = tuple(((step.at - origin) / HOUR, step.rate_ml_per_h) for step in course.steps)
    planned = ((0.0, float(infusion.order.rate_ml_per_h)),)
    so_far = SoFar(given, (at - origin) / HOUR, planned, course.holds_ml)
    return [Step(origin + hour * HOUR, rate) for hour, rate in ahead(so_far, what_if.scenario, what_if.ml_per_h)]


def _systolic(bands: dict[str, dict[str, list[float]]], before: float | None) -> dict[str, list[float]] | None:
    """The predicted systolic pressure: the reading before the start plus the predicted rise over it; None without a reading."""
    if before is None:
        return None
    return {name: [before + rise for rise in row] for name, row in bands[OVER_READING].items()}


def learn(infusion: Infusion, *, by: str, at: datetime) -> None:
    """Keep what this session taught about the person, at its signing; nothing where it never started, prediction is off, or it was another person's."""
    if people.really_of(infusion.reference, infusion.patient) is not None:
        return
    before = learning.last_learned(infusion.patient, before_session=infusion.reference)
    _keep(infusion, before, by, at)


def learn_again(infusion: Infusion, *, by: str, at: datetime) -> None:
    """After something new about a signed session: append what it teaches now, and so for each later signed session in turn.

    One that turned out to be another person's teaches nothing; the later ones are learned anew without it.
    """
    if not _signed(infusion):
        return
    every = queries.own_sessions(infusion.patient)
    for one in every.filter(opened_at__gte=infusion.opened_at):
        if _signed(one):
            earlier = every.filter(opened_at__lt=one.opened_at).reverse().values_list("reference", flat=True)
            _keep(one, learning.newest(earlier), by, at)


def _signed(infusion: Infusion) -> bool:
    return queries.course_of(infusion).phase is Phase.SIGNED


def _keep(infusion: Infusion, before: LearnedEnsemble | None, by: str, at: datetime) -> None:
    course = queries.course_of(infusion)
    rest = known(infusion, course)
    if rest is None or course.started_at is None:
        return
    end = minute_since(max(at, course.stopped_at or at), course.started_at)
    rest = replace(rest, prior=learning.prior_of(before))
    asked = question(infusion, course, rest, at=at, times=(), what_if=AS_IT_RUNS, end=end)
    learning.keep(patient=infusion.patient, session=infusion.reference, question=asked, before=before, by=by, at=at)
