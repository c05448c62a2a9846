"""The patient's own pages: a link, no app, one thought per screen. Never a dose, a level or a probability."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from openketamine.clinic.followup import actions
from openketamine.clinic.followup.models import CallForHelp, ChairLink, CheckIn
from openketamine.clinic.instruments.forms import QuestionnaireForm
from openketamine.clinic.ui import clock
from openketamine.evidence.questionnaires import questionnaire


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
    """One button while you sit here: I need someone."""
    link = get_object_or_404(ChairLink, token=token)
    error = ""
    if request.method == "POST":
        try:
            actions.call_for_help(link=link, at=clock.now())
            return redirect("portal:chair", token=token)
        except actions.LinkError as why:
            error = str(why)
    called = CallForHelp.objects.filter(infusion=link.infusion).order_by("-pk").first()
    return render(
        request, "portal/chair.html", {"over": link.infusion.closed_at is not None, "called": called, "error": error}
    )
