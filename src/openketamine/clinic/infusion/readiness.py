"""Start-of-day readiness of a chair: what must stand there, who observes, who can help. Not done: nobody is made ready."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.infusion.models import ChairReadiness
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.clinic_time import day
from openketamine.evidence.chairs import chair_rules


def of_the_day(chair: Chair, *, on: date) -> ChairReadiness | None:
    """Return the last readiness check of a chair on a day."""
    found = ChairReadiness.objects.filter(chair=chair, on=on).order_by("pk").last()
    return found if isinstance(found, ChairReadiness) else None


def missing(chair: Chair, *, on: date) -> list[str]:
    """Return what keeps anybody from being made ready on this chair today, in words that say what to do next."""
    done = of_the_day(chair, on=on)
    if done is None:
        return [_("%(chair)s: the readiness check of today has not been done") % {"chair": chair}]
    found = [
        _("%(chair)s: %(item)s: not confirmed today") % {"chair": chair, "item": _(item.says)}
        for item in chair_rules().items
        if item.id not in done.present
    ]
    if not done.observer:
        found.append(_("%(chair)s: no dedicated observer is named for today") % {"chair": chair})
    if not done.clinician:
        found.append(_("%(chair)s: no clinician trained in advanced life support is on site") % {"chair": chair})
    return found


def observed_twice(chair: Chair, *, on: date) -> str:
    """Say that the dedicated observer of this chair is named for another one too, and for which; it informs and holds nothing."""
    here = of_the_day(chair, on=on)
    rows = [of_the_day(one, on=on) for one in Chair.objects.exclude(pk=chair.pk)]
    also = [row.chair for row in rows if row and here and here.observer and _same(row.observer, here.observer)]
    if not also or here is None:
        return ""
    words = {"observer": here.observer, "chairs": ", ".join(str(one) for one in also)}
    return _("%(observer)s is today's dedicated observer of %(chairs)s too") % words


def _same(name: str, other: str) -> bool:
    return name.casefold().split() == other.casefold().split()


@transaction.atomic
def confirm(
    *, chair: Chair, present: Sequence[str], observer: str, clinician: str, by: str, at: datetime
) -> ChairReadiness:
    """Record what stands at a chair today and who is there."""
    row = ChairReadiness(
        chair=chair, on=day(at), present=sorted(present), observer=observer, clinician=clinician, at=at, by=by
    )
    row.save()
    audit.record(by=by, at=at, action="chair readiness", about=f"chair {chair.pk}", present=sorted(present))
    return row
