"""What was seen or asked of a criterion, and what has undone it since: the drug went on, a sedative was given, the escort left."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import queries as infusions
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.recovery.models import CriterionTick
from openketamine.core.infusion.events import Kind
from openketamine.core.recovery.readiness import Standing
from openketamine.evidence.regimen import ESCORT, Criterion, Recovery


@dataclass(frozen=True, slots=True)
class Found:
    """Where a criterion stands, what was found, and what it has to be."""

    standing: Standing
    value: str
    threshold: str = ""


def ticked(infusion: Infusion, rules: Recovery, one: Criterion, at: datetime) -> Found:
    """The last look at it; what says something of the person counts only if it was made after the infusion and after the last sedative.

    An escort who was recorded as absent after the last look is not here.
    """
    threshold = _("somebody has looked and says so")
    last = CriterionTick.objects.filter(infusion=infusion, criterion=one.id, at__lte=at).order_by("at", "pk").last()
    gone = _escort_absent(infusion, at) if one.id == ESCORT else None
    if gone is not None and (last is None or last.at <= gone.at):
        words = {"at": clock(gone.at), "says": gone.says, "by": gone.by}
        return Found(Standing.NOT_MET, _("absent, %(at)s: %(says)s (%(by)s)") % words, threshold)
    if last is None:
        return Found(Standing.UNKNOWN, "", threshold)
    why = "" if one.id in rules.stays_after_sedative else undone(infusion, last.at)
    standing = Standing.MET if last.met else Standing.NOT_MET
    return anew(Found(standing, f"{last.who} {last.note}".strip(), threshold), why)


def _escort_absent(infusion: Infusion, at: datetime) -> InfusionEvent | None:
    """Return the last time that the escort was recorded as absent; what was taken back is none."""
    rows = (row for row in infusions.standing_events(infusion) if row.at <= at)
    return max((row for row in rows if row.kind == Kind.ESCORT_ABSENT.value), key=lambda row: row.at, default=None)


def undone(infusion: Infusion, at: datetime) -> str:
    """Say what makes a look or an answer of an instant count no more: the drug went on after it; empty where nothing does."""
    stopped = infusions.course_of(infusion).stopped_at
    if stopped is None:
        return _("the infusion has not ended")
    if at < stopped:
        return _("the infusion went on until %(at)s") % {"at": clock(stopped)}
    return sedated_since(infusion, at)


def sedated_since(infusion: Infusion, at: datetime) -> str:
    """Name the sedative that was given after an instant; empty when none was."""
    given = infusions.last_sedative(infusion)
    if given is None or at >= given.at:
        return ""
    words = {"drug": f"{given.says} {given.dose}".strip(), "at": clock(given.at)}
    return _("%(drug)s at %(at)s was given after it") % words


def anew(found: Found, why: str) -> Found:
    """Return what something has undone as no longer known, with the reason; what was not met stays so."""
    if not why or not found.value:
        return found
    said = _("%(value)s: %(why)s, ask and look again") % {"value": found.value, "why": why}
    standing = Standing.UNKNOWN if found.standing is Standing.MET else found.standing
    return Found(standing, said, found.threshold)


def clock(at: datetime | None) -> str:
    """Return the time of day in the clinic; a dash for none."""
    return "—" if at is None else f"{timezone.localtime(at):%H:%M}"
