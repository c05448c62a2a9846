"""What a person's page answers: where do they stand, what comes next, and what each room last said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient
from openketamine.clinic.pharmacology.models import LearnedEnsemble
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan.models import PlannedInfusion
from openketamine.clinic.plan.standing import standing
from openketamine.clinic.safety.actions import URINARY
from openketamine.core.infusion.balance import shown
from openketamine.evidence.questionnaires import questionnaire


@dataclass(frozen=True, slots=True)
class Next:
    """The next thing in this person's care, in one sentence, and whether something is in its way."""

    says: str
    held: bool = False
    infusion: Infusion | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """One session for the list: its number in the course, how it stands, the milligrams that the pump delivered."""

    infusion: Infusion
    phase: str
    mg: str


def following(patient: Patient) -> Next:
    """Return what comes next for a person: the open session, the next infusion of the course, or a plan that is missing."""
    sitting = Infusion.objects.filter(patient=patient, closed_at=None).select_related("watch__chair").first()
    if sitting is not None:
        return Next(_("%(chair)s, now") % {"chair": sitting.watch.chair}, infusion=sitting)
    planned = plan.next_planned(patient)
    held = people.open_findings(patient).filter(holds_infusion=True).exists()
    if planned is None:
        return Next(_no_next(patient), held)
    words = {"number": planned.number, "of": planned.course.infusions, "on": f"{planned.on:%Y-%m-%d}"}
    return Next(_("Infusion %(number)s of %(of)s, planned for %(on)s") % words, held)


def said_by_rooms(patient: Patient) -> dict[str, tuple[str, ...]]:
    """Return the last word of each room, by the room's name; a room that knows nothing says so."""
    return {
        "candidacy": tuple(line.says for line in standing(patient)),
        "plan": (_ordered(plan.next_planned(patient)),),
        "learned": (_learned(patient),),
        "course": (_scored(patient),),
        "safety": (_screened(patient),),
    }


def sessions(patient: Patient, at: datetime) -> list[Given]:
    """Return every session of a person, the newest first."""
    rows = Infusion.objects.filter(patient=patient).select_related("order__planned__course", "watch__chair")
    return [_given(infusion, at) for infusion in rows.order_by("-opened_at")]


def _no_next(patient: Patient) -> str:
    return _("No course is planned") if plan.current_course(patient) is None else _("Nothing more is planned")


def _ordered(planned: PlannedInfusion | None) -> str:
    if planned is None:
        return ""
    order = plan.order_in_force(planned)
    if order is None:
        return _("no order is signed for infusion %(number)s") % {"number": planned.number}
    words: dict[str, Any] = {"mg": order.dose_mg, "number": planned.number, "by": order.signed_name}
    return _("%(mg)s mg ordered for infusion %(number)s by %(by)s") % words


def _learned(patient: Patient) -> str:
    rows = LearnedEnsemble.objects.filter(patient=patient).exclude(session__in=people.mixed_up_sessions(patient))
    sessions_learned = rows.values("session").distinct().count()
    text = ngettext("learned from %(count)s session", "learned from %(count)s sessions", sessions_learned)
    return text % {"count": sessions_learned} if sessions_learned else _("nothing yet")


def _scored(patient: Patient) -> str:
    scored = Answers.objects.filter(patient=patient).exclude(score=None).exclude(instrument=URINARY)
    newest = scored.order_by("-at", "-pk").first()
    if newest is None:
        return _("no score yet")
    title = gettext(questionnaire(newest.instrument).title).split(":")[0]
    return _("%(name)s %(score)s on %(on)s") % {"name": title, "score": f"{newest.score:g}", "on": _day(newest.at)}


def _screened(patient: Patient) -> str:
    newest = Answers.objects.filter(patient=patient, instrument=URINARY).order_by("-at", "-pk").first()
    if newest is None:
        return _("urinary screen: none yet")
    words = {flag.id: gettext(flag.says).split(":")[0] for flag in questionnaire(URINARY).flags}
    flagged = ", ".join(words[flag] for flag in newest.flags) or _("nothing flagged")
    return _("urinary screen %(on)s: %(flagged)s") % {"on": _day(newest.at), "flagged": flagged}


def _given(infusion: Infusion, at: datetime) -> Given:
    course = queries.course_of(infusion)
    amounts = queries.amounts(infusion, course, infusion.closed_at or at)
    return Given(infusion, course.phase.value, shown(amounts.pump_delivered_mg))


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
