"""Recording before the start: the answers of the check, wishes, the signals that must be there, the readiness of a chair."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.candidacy import results as dated
from openketamine.clinic.candidacy.models import Examined
from openketamine.clinic.infusion import actions, before, panels, queries, readiness
from openketamine.clinic.infusion.arriving import Tap, keepable
from openketamine.clinic.infusion.forms import ReadinessForm, WishesForm
from openketamine.clinic.infusion.models import GateAnswer, Infusion
from openketamine.clinic.infusion.views import page
from openketamine.clinic.monitoring import limits
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
@keepable
def gate(request: HttpRequest, infusion: Infusion, tap: Tap) -> HttpResponse | None:
    """Record the answers of the check before the start; a reason counts from who may give it."""
    actions.refuse_outside(infusion, tap.at)
    _results(request, infusion, tap)
    met, half = _record(request, infusion, staff(request), tap), half_identified(request)
    if not half and not met:
        return None
    if not half:
        return page(request, infusion, error=met, status=409)
    typed = {f"typed_{part}": request.POST.get(f"identity_{part}", "") for part in ("name", "born")}
    return page(request, infusion, error=half, status=422, **typed)


def _record(request: HttpRequest, infusion: Infusion, who: Staff, tap: Tap) -> str:
    """Record what was changed on the form; return what was left alone because somebody else answered it meanwhile."""
    Infusion.objects.select_for_update().get(pk=infusion.pk)
    met = list[str]()
    for one in before.gate(infusion):
        base, sent = _base(request, one), _sent(request, infusion, one, who)
        if not sent[0] or sent == one.stands or _unchanged(one, sent, base):
            continue
        if base != one.stands and not _followed_on(infusion, one, tap):
            met.append(
                _("%(question)s %(answer)s (%(by)s)")
                % {
                    "question": _(one.question),
                    "answer": " ".join(filter(None, [_(one.answer), one.said])),
                    "by": one.by,
                }
            )
            continue
        answer, said, reason = sent
        actions.answer_gate(
            infusion=infusion, item=one.id, answer=answer, said=said, note=reason, by=tap.by, at=tap.at, now=tap.now
        )
    if not met:
        return ""
    return _("Answered by somebody else while you were at it; your answer to this was not recorded: %(items)s. Look again, and answer anew what is not so") % {"items": "; ".join(met)}  # fmt: skip


def _followed_on(infusion: Infusion, one: before.Gate, tap: Tap) -> bool:
    """Say whether what stands is what the same tablet had kept before this: nobody else has answered."""
    last = GateAnswer.objects.filter(infusion=infusion, item=one.id).order_by("pk").last()
    asked = tap.kept and not one.measured and one.looked is None
    return asked and last is not None and last.by == tap.by and last.at <= tap.at


def _base(request: HttpRequest, one: before.Gate) -> tuple[str, ...]:
    """Return what stood when the form was loaded; a form that does not say is taken as one that was loaded just now."""
    try:
        base = json.loads(request.POST.get(f"base_{one.id}", ""))
    except ValueError:
        return one.stands
    return tuple(str(part) for part in base) if isinstance(base, list) else one.stands


def _sent(request: HttpRequest, infusion: Infusion, one: before.Gate, who: Staff) -> tuple[str, str, str]:
    answer, said = _answered(request, infusion, one)
    return answer, said, _reason(request, one, answer, who)


def _unchanged(one: before.Gate, sent: tuple[str, ...], base: tuple[str, ...]) -> bool:
    """Say whether a form sends an item as it was loaded; what was measured or looked up meanwhile is nobody's change of the form."""
    if one.measured:
        return sent[2:] == base[2:]
    return (sent[0], sent[2]) == (base[0], base[2]) if one.looked else sent == base


def _results(request: HttpRequest, infusion: Infusion, tap: Tap) -> None:
    """Record today's results that were sent with the answers."""
    for item in queries.regimen_in_force(infusion).gate:
        sent = request.POST.get(f"result_{item.id}", "")
        value = dated.read(Examined(item.result), sent) if item.result and sent else None
        if value is not None:
            actions.record_result(infusion=infusion, item=item, value=value, by=tap.by, at=tap.at, now=tap.now)


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
@require_GET
def before_start(request: HttpRequest, reference: str) -> HttpResponse:
    """Return the check before the start as it stands, for a page that is open; nothing once the infusion has started."""
    infusion = queries.infusion_of(reference)
    return render(request, "infusion/_before.html", panels.before_start(infusion, at=clock.now()))


@needs(CLINICAL)
@require_POST
@keepable
def wishes(request: HttpRequest, infusion: Infusion, tap: Tap) -> HttpResponse | None:
    """Note what the person wishes for this session, or what helped."""
    form = WishesForm(request.POST)
    if not form.is_valid():
        return page(request, infusion, error=" ".join(str(one) for one in form.errors.values()), status=422)
    actions.refuse_outside(infusion, tap.at)
    actions.wish(infusion=infusion, **form.cleaned_data, by=tap.by, at=tap.at)
    return None


@needs(CLINICAL)
@require_POST
@keepable
def ready(request: HttpRequest, infusion: Infusion, tap: Tap) -> None:
    """Confirm the signals that must be there, and that everything before the start is done; later, change those signals."""
    wanted, by_hand = actions.wanted_signals(infusion), _by_hand(request, infusion)
    ticked = request.POST.getlist("not_taken" if by_hand else "required")
    said: dict[str, Any] = {
        "required": [signal for signal in wanted if (signal in ticked) is not by_hand],
        "reason": request.POST.get("reason", ""), "by_hand": by_hand, "infusion": infusion, "by": tap.by,
    }  # fmt: skip
    if "watch" in request.POST:
        actions.watch_signals(**said, at=tap.now)
    else:
        actions.make_ready(**said, at=tap.at, now=tap.now, wanted=wanted)


def _by_hand(request: HttpRequest, infusion: Infusion) -> bool:
    """Say whether what the protocol requires is taken by hand: no device stands here, and the form was not one that asks for devices."""
    return not actions.streams(infusion.watch.chair) and not {"devices", "required"} & {*request.POST}


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
        "twice": readiness.observed_twice(chair, on=today), "next": request.GET.get("next", ""), "newer": limits.newer(),
    }  # fmt: skip
    return render(request, "infusion/readiness.html", context)
