"""The clinic's own choices: indications on or off, texts signed, what an override needs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.candidacy import decisions, standing, validity
from openketamine.clinic.candidacy.models import Examined, ProtocolStanding, Second
from openketamine.clinic.candidacy.views import known_name
from openketamine.clinic.people.models import Role
from openketamine.clinic.people.permissions import PRESCRIBERS, READERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.candidacy.changes import RuleChange

MOST_DAYS = 365


@needs(READERS)
@require_GET
def protocols(request: HttpRequest) -> HttpResponse:
    """Show every indication with its evidence and how it stands here."""
    ways = [(way.value, way.label) for way in Second if way is not Second.NONE]
    context = {
        "standings": standing.standings(),
        "policy": decisions.policy(),
        "ways": ways,
        "validities": [{"kind": kind, "row": validity.in_force().get(kind)} for kind in Examined],
        "may": staff(request).role == Role.PRESCRIBER,
    }
    return render(request, "candidacy/protocols.html", context)


@needs(PRESCRIBERS)
@require_POST
def stand(request: HttpRequest, name: str) -> HttpResponse:
    """Sign a protocol's text, or switch its indication on or off."""
    by, at, act = staff(request).username, clock.now(), request.POST.get("act")
    try:
        if act == "sign":
            standing.sign(name=known_name(name), by=by, at=at)
        else:
            standing.switch(
                name=known_name(name), is_on=act == "on", reason=request.POST.get("reason", ""), by=by, at=at
            )
    except standing.StandingError as error:
        messages.error(request, str(error))
    return redirect("candidacy:protocols")


@needs(PRESCRIBERS)
@require_POST
def policy(request: HttpRequest) -> HttpResponse:
    """Say what a decision against an exclusion criterion needs."""
    typed = request.POST.get("review_days", "").strip()
    ways = [Second(way) for way in request.POST.getlist("ways") if way in Second.values and way]
    if typed and not (typed.isdecimal() and 1 <= int(typed) <= MOST_DAYS):
        messages.error(
            request, _("days = %(typed)s: must be from 1 to %(most)s") % {"typed": typed[:20], "most": MOST_DAYS}
        )
        return redirect("candidacy:protocols")
    try:
        days = int(typed) if typed else None
        standing.set_policy(ways=ways, review_days=days, by=staff(request).username, at=clock.now())
    except standing.StandingError as error:
        messages.error(request, str(error))
    return redirect("candidacy:protocols")


@needs(READERS, writing=PRESCRIBERS)
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, name: str) -> HttpResponse:
    """Show the text of a protocol; a prescriber edits it, sees what that changes, and signs it as the clinic's own."""
    name = known_name(name)
    typed = (
        request.POST.get("text", "").replace("\r\n", "\n") if request.method == "POST" else standing.text_in_force(name)
    )
    reason, error = request.POST.get("reason", ""), ""
    changes: tuple[RuleChange, ...] = ()
    try:
        changes = standing.changes_of(name, typed)[1]
        if request.POST.get("act") == "sign":
            standing.sign_own(name=name, text=typed, reason=reason, by=staff(request).username, at=clock.now())
            messages.success(
                request, _("Your clinic's text is signed. Decisions from now on follow it; earlier ones keep theirs.")
            )
            return redirect("candidacy:text", name=name)
    except standing.StandingError as fault:
        error = str(fault)
    rows = ProtocolStanding.objects.filter(protocol=name, signed=True).order_by("-pk")
    context = {
        "stands": standing.standing(name), "name": name, "typed": typed, "reason": reason, "error": error, "changes": changes, "rows": rows,
        "may": staff(request).role == Role.PRESCRIBER, "checked": request.method == "POST" and not error,
    }  # fmt: skip
    return render(request, "candidacy/text.html", context, status=422 if error else 200)
