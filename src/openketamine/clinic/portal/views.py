"""The patient's own pages: a link, no app, one thought per screen. Never a dose, a level or a probability."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.followup import actions
from openketamine.clinic.followup.models import CallForHelp, ChairLink, CheckIn
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments.forms import QuestionnaireForm
from openketamine.clinic.people.permissions import CLINICAL, needs
from openketamine.clinic.portal.actions import HELP, SLOWER, device, heard, press
from openketamine.clinic.portal.models import Press
from openketamine.clinic.tasks import actions as tasks
from openketamine.clinic.ui import clock
from openketamine.evidence.questionnaires import questionnaire

SHOWN = 3


@login_not_required
@require_http_methods(["GET", "POST"])
def check_in(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the questions of the day after; the link is used once."""
    asked = get_object_or_404(CheckIn, token=token)
    form = QuestionnaireForm(request.POST if request.method == "POST" else None, asks=questionnaire(asked.instrument))
    error = ""
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_check_in(check_in=asked, answers=form.answers(), at=clock.now(), wall=clock.wall())
            return redirect("portal:thanks")
        except actions.LinkError as why:
            error = str(why)
    used = hasattr(asked, "answered") or clock.wall() > asked.expires_at
    return render(
        request,
        "portal/check_in.html",
        {"form": form, "asks": questionnaire(asked.instrument), "error": error, "used": used},
    )


@login_not_required
@require_http_methods(["GET"])
def thanks(request: HttpRequest) -> HttpResponse:
    """Say who reads the answers and by when."""
    return render(request, "portal/thanks.html")


@login_not_required
@require_http_methods(["GET", "POST"])
def chair(request: HttpRequest, token: str) -> HttpResponse:
    """While you sit here: I need someone; ask my nurse to slow down. A page that asks for JSON gets what to say."""
    link = get_object_or_404(ChairLink, token=token)
    error = ""
    if request.method == "POST":
        asks = SLOWER if request.POST.get("asks") == SLOWER else HELP
        try:
            press(link=link, asks=asks, key=request.POST.get("key", "")[:40], at=clock.now(), wall=clock.wall())
            said = _("Your nurse has been told.") if asks == SLOWER else _("We have heard you. Somebody is coming.")
            return JsonResponse({"says": said}) if _wants_json(request) else redirect("portal:chair", token=token)
        except actions.LinkError as why:
            error = str(why)
    sessions = actions.sessions_of_phone(link)
    called = CallForHelp.objects.filter(infusion__in=sessions).order_by("-pk").first()
    context = {
        "over": sessions[-1].closed_at is not None, "lost": sessions[-1].moved_to is not None, "called": called, "error": error,
        "token": token, "trying": not any(device(one, wall=clock.wall()).tried for one in sessions),
    }  # fmt: skip
    return render(request, "portal/chair.html", context, status=409 if error else 200)


@login_not_required
@require_POST
def beat(request: HttpRequest, token: str) -> JsonResponse:
    """Hear the device; say when somebody has answered its last call, and when the session is over."""
    link = get_object_or_404(ChairLink, token=token)
    over = actions.sessions_of_phone(link)[-1].closed_at is not None
    if not over:
        heard(link=link, at=clock.now(), wall=clock.wall())
    return JsonResponse({"over": over, "says": _answered(link)})


def _answered(link: ChairLink) -> str:
    """Return what to tell somebody whose call has been answered."""
    call = CallForHelp.objects.filter(infusion__in=actions.sessions_of_phone(link)).order_by("-pk").first()
    answered = call is not None and not tasks.standing(f"call {call.pk}").exists()
    return _("Your nurse has seen your call.") if answered else ""


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


@needs(CLINICAL)
@require_GET
def at_chair(request: HttpRequest, reference: str) -> HttpResponse:
    """Show where the patient's device stands: the panel on the chair page."""
    infusion = get_object_or_404(Infusion, reference=reference)
    link = actions.chair_link(infusion=infusion, wall=clock.wall())
    presses = list(Press.objects.filter(infusion=infusion).order_by("-pk")[:SHOWN])
    calls = [] if presses else CallForHelp.objects.filter(infusion=infusion).order_by("-pk")[:SHOWN]
    context = {
        "device": device(infusion, wall=clock.wall()), "presses": presses, "calls": calls,
        "link": request.build_absolute_uri(reverse("portal:chair", args=[link.token])),
    }  # fmt: skip
    return render(request, "portal/device.html", context)
