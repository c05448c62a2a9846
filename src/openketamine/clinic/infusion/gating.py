"""Recording before the start: the answers of the check, wishes, the signals that must be there, the readiness of a chair."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.candidacy import results as dated
from openketamine.clinic.candidacy.models import Examined
from openketamine.clinic.infusion import actions, before, queries, readiness
from openketamine.clinic.infusion.forms import ReadinessForm, WishesForm
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.views import page
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.clinic_time import day
from openketamine.clinic.people.models import Role, Staff
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.ui import clock
from openketamine.clinic.ui.returning import back
from openketamine.core.infusion.gate import NO, NOT_KNOWN, YES, Asks

ANSWERS = (YES, NO, NOT_KNOWN)


@needs(CLINICAL)
@require_POST
def gate(request: HttpRequest, reference: str) -> HttpResponse:
    """Record the answers of the check before the start; a reason counts from who may give it."""
    infusion, who = get_object_or_404(Infusion, reference=reference), staff(request)
    try:
        _results(request, infusion, who)
    except actions.NotNowError as error:
        return page(request, infusion, error=str(error), status=409)
    for one in before.gate(infusion):
        answer, said = _answered(request, infusion, one)
        reason = _reason(request, one, answer, who)
        if answer and (answer, said, reason) != (one.answer, one.said, one.reason):
            actions.answer_gate(
                infusion=infusion, item=one.id, answer=answer, said=said, note=reason, by=who.username, at=clock.now()
            )
    half = half_identified(request)
    if not half:
        return redirect("infusion:chair", reference=reference)
    typed = {f"typed_{part}": request.POST.get(f"identity_{part}", "") for part in ("name", "born")}
    return page(request, infusion, error=half, status=422, **typed)


def _results(request: HttpRequest, infusion: Infusion, who: Staff) -> None:
    """Record today's results that were sent with the answers."""
    for item in queries.regimen_in_force(infusion).gate:
        sent = request.POST.get(f"result_{item.id}", "")
        value = dated.read(Examined(item.result), sent) if item.result and sent else None
        if value is not None:
            actions.record_result(infusion=infusion, item=item, value=value, by=who.username, at=clock.now())


def _answered(request: HttpRequest, infusion: Infusion, one: before.Gate) -> tuple[str, str]:
    """Return the answer that was sent and what was said with it; both as they stand when nothing new was sent."""
    if one.measured:
        return (one.answer if one.answer == NO else ""), one.said
    if one.item.asks is Asks.IDENTIFIERS:
        return _identified(request, infusion, one)
    answer, said = request.POST.get(one.id, ""), request.POST.get(f"{one.id}_name", "").strip()
    if one.item.asks is Asks.NAME and said:
        return YES, said
    if one.item.asks is Asks.NAME and answer == YES:
        return "", ""
    return (answer, one.said if one.looked else "") if answer in ANSWERS else ("", "")


def _identified(request: HttpRequest, infusion: Infusion, one: before.Gate) -> tuple[str, str]:
    name, born_on = (request.POST.get(f"{one.id}_{part}", "").strip() for part in ("name", "born"))
    if not name or not born_on:
        return "", ""
    return (YES if before.identified(infusion, name, born_on) else NO), f"{name}, {born_on}"


def half_identified(request: HttpRequest) -> str:
    """Say which of the two identifiers is missing when only one was typed."""
    name, born_on = request.POST.get("identity_name", "").strip(), request.POST.get("identity_born", "").strip()
    if bool(name) == bool(born_on):
        return ""
    missing = _("birth date") if name else _("name")
    return _("Identity: the %(missing)s is empty. Ask the person for it; the other answers are recorded") % {"missing": missing}  # fmt: skip


def _reason(request: HttpRequest, one: before.Gate, answer: str, who: Staff) -> str:
    """Return the reason that counts for this answer: one by who may give it, or the one that stands."""
    sent = request.POST.get(f"note_{one.id}")
    stands = one.reason if answer == one.answer else ""
    may = who.role == Role.PRESCRIBER or not one.prescriber
    if answer in {YES, ""} or not one.takes_reason or sent is None or not may:
        return stands
    return sent.strip()


@needs(CLINICAL)
@require_POST
def wishes(request: HttpRequest, reference: str) -> HttpResponse:
    """Note what the person wishes for this session, or what helped."""
    infusion, form = get_object_or_404(Infusion, reference=reference), WishesForm(request.POST)
    if not form.is_valid():
        return page(request, infusion, error=" ".join(str(one) for one in form.errors.values()), status=422)
    actions.wish(infusion=infusion, **form.cleaned_data, by=staff(request).username, at=clock.now())
    return redirect("infusion:chair", reference=reference)


@needs(CLINICAL)
@require_POST
def ready(request: HttpRequest, reference: str) -> HttpResponse:
    """Confirm the signals that must be there, and that everything before the start is done; later, change those signals."""
    infusion, now = get_object_or_404(Infusion, reference=reference), clock.now()
    wanted = actions.wanted_signals(infusion)
    required = [signal for signal in wanted if signal in request.POST.getlist("required")]
    reason, by = request.POST.get("reason", ""), staff(request).username
    try:
        if "watch" in request.POST:
            actions.watch_signals(infusion=infusion, required=required, reason=reason, by=by, at=now)
        else:
            actions.make_ready(
                infusion=infusion, required=required, reason=reason, by=by, at=now, now=now, wanted=wanted
            )
    except actions.NotNowError as error:
        return page(request, infusion, error=str(error), status=409)
    return redirect("infusion:chair", reference=reference)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def chair_readiness(request: HttpRequest, number: int) -> HttpResponse:
    """Go through what must stand at a chair today."""
    chair, now = get_object_or_404(Chair, pk=number), clock.now()
    form = ReadinessForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        readiness.confirm(chair=chair, **form.cleaned_data, by=staff(request).username, at=now)
        return back(request)
    today = day(now)
    context = {
        "chair": chair, "form": form, "done": readiness.of_the_day(chair, on=today), "missing": readiness.missing(chair, on=today),
        "twice": readiness.observed_twice(chair, on=today), "next": request.GET.get("next", ""),
    }  # fmt: skip
    return render(request, "infusion/readiness.html", context)
