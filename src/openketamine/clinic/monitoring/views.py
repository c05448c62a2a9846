"""Putting devices onto chairs, where alarms sound, the alarm rules. An alarm is answered at its chair."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.monitoring import actions, limits, queries, sound
from openketamine.clinic.monitoring.limits_form import LimitsForm
from openketamine.clinic.monitoring.models import Chair, Device, DeviceNotice, Place
from openketamine.clinic.people.permissions import CLINICAL, OWNERS, PRESCRIBERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.clinic.ui.returning import back


@needs(CLINICAL)
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """Show every device that has spoken, where it stands, and what it last said."""
    now = clock.now()
    rows = [(device, queries.chair_of(device, at=now), queries.last_words(device)) for device in Device.objects.all()]
    context = {"rows": rows, "chairs": Chair.objects.all(), "notices": DeviceNotice.objects.order_by("-pk")[:20]}
    return render(request, "monitoring/devices.html", context)


@needs(CLINICAL)
@require_POST
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """Put a device onto a chair, or take it off all chairs."""
    device = get_object_or_404(Device, pk=number)
    chosen = request.POST.get("chair", "")
    chair = get_object_or_404(Chair, pk=int(chosen)) if chosen.isdecimal() else None
    actions.accept_device(device=device, chair=chair, by=staff(request).username, at=clock.now())
    where = chair or _("no chair")
    messages.success(request, _("%(device)s stands at %(where)s now.") % {"device": device, "where": where})
    return back(request)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def sounds(request: HttpRequest) -> HttpResponse:
    """Show where alarms sound and who heard the test tone last; set the one, record the other."""
    now, by, error = clock.now(), staff(request).username, ""
    if request.method == "POST":
        try:
            if request.POST.get("act") == "heard":
                sound.heard(request.POST.get("place", ""), by=by, at=now)
            else:
                sound.choose(request.POST.getlist("places"), by=by, at=now)
            return redirect("monitoring:sound")
        except sound.NoSuchPlaceError as fault:
            error = str(fault)
    playing, missing = sound.places(), sound.not_heard_today(at=now)
    rows = [
        {"key": one.value, "name": one.label, "sounds": one.value in playing, "last": sound.last_heard(one.value), "missing": one.value in missing}
        for one in Place
    ]  # fmt: skip
    return render(request, "monitoring/sound.html", {"rows": rows, "error": error}, status=422 if error else 200)


@needs(CLINICAL | OWNERS, writing=PRESCRIBERS)
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Show every alarm rule with its numbers, source and who set it; a prescriber sets and signs them."""
    who, form = staff(request), LimitsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _signed(form, str(who), who.username):
        messages.success(request, _("Signed. Sessions that begin from now on are watched by these rules."))
        return redirect("monitoring:rules")
    now = limits.in_force()
    rows = [
        {"rule": one, "number": limits.number_of(one), "basis": limits.basis(one), "standing": one.cite.standing, "latching": getattr(one, "latching", False), "fields": (fields := form.of_rule(one.id)), "wrong": any(field["field"].errors for field in fields)}
        for one in (*now.rules.rules, *now.rules.rises)
    ]  # fmt: skip
    context = {
        "rows": rows,
        "form": form,
        "version": now.version,
        "may_sign": who.role in PRESCRIBERS,
        "newer": limits.newer(),
    }
    return render(request, "monitoring/rules.html", context, status=422 if form.errors else 200)


def _signed(form: LimitsForm, signed_name: str, by: str) -> bool:
    """Sign what was typed; say at the form why numbers make no rule together."""
    try:
        limits.sign(
            numbers=form.numbers(), settings=form.settings(), changes=form.changes(), reason=form.cleaned_data["reason"],
            signed_name=signed_name, by=by, at=clock.now(),
        )  # fmt: skip
    except ValueError as error:
        form.add_error(None, str(error))
    return not form.errors


@needs(CLINICAL | OWNERS)
@require_GET
def rules_text(_request: HttpRequest) -> HttpResponse:
    """Give the text of the rules in force, as `replay --limits` takes it."""
    named = {"Content-Disposition": 'attachment; filename="limits.toml"'}
    return HttpResponse(limits.in_force().text, content_type="application/toml", headers=named)


@needs(CLINICAL)
@require_GET
def sound_bar(request: HttpRequest) -> HttpResponse:
    """Say on a page with alarms whether it sounds, and remind of the day's test tone."""
    playing, missing = sound.places(), sound.not_heard_today(at=clock.now())
    names = {
        "places": playing,
        "names": [Place(one).label for one in playing],
        "missing": [Place(one).label for one in missing],
    }
    return render(request, "monitoring/sound_bar.html", names)
