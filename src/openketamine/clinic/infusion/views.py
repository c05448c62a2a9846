"""The chair: one infusion from the check before the start to the way home."""

from math import isnan
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from openketamine.clinic.infusion import actions, curves, panels, queries, series
from openketamine.clinic.infusion import grid as grids
from openketamine.clinic.infusion.forms import OpenForm
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.ui import clock
from openketamine.clinic.ui.numbers import with_point
from openketamine.core.pharmacology.what_if import Scenario


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def open_session(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose a chair and open a session for the signed order; GET is also the panel on the plan page."""
    patient = get_object_or_404(Patient, reference=reference)
    planned = plan.next_planned(patient)
    order = plan.order_in_force(planned) if planned else None
    form = OpenForm(request.POST if request.method == "POST" else None)
    already = Infusion.objects.filter(patient=patient, closed_at=None).first()
    if request.method == "POST" and order and form.is_valid():
        try:
            chair, by = form.cleaned_data["chair"], staff(request).username
            infusion = actions.open_session(patient=patient, order=order, chair=chair, by=by, at=clock.now())
            return redirect("infusion:chair", reference=infusion.reference)
        except actions.NotNowError as error:
            form.add_error("chair", str(error))
    context = {"patient": patient, "order": order, "form": form, "already": already}
    return render(request, "infusion/open.html", context, status=422 if form.errors else 200)


@needs(CLINICAL)
@require_GET
def chair(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the chair page."""
    return page(request, queries.infusion_of(reference))


@needs(CLINICAL)
@require_GET
def live(request: HttpRequest, reference: str) -> HttpResponse:
    """Return the part of the page that changes by itself: alarms, headline tiles, checks due, events."""
    infusion = queries.infusion_of(reference)
    return render(request, "infusion/_live.html", panels.live(infusion, at=clock.now(), by=staff(request).username))


@needs(CLINICAL)
@require_GET
def chart(request: HttpRequest, reference: str) -> JsonResponse:
    """Return what the chart draws; `rate` asks what another rate, or the plan, would do; nothing is written.

    A page that has drawn a stream up to a message asks for what came `after` it.
    """
    infusion = queries.infusion_of(reference)
    asked = request.GET.get("rate", "")
    after = request.GET.get("after", "")
    shown = series.series(
        infusion, at=clock.now(), what_if=_what_if(asked),
        after=int(after) if after.isascii() and after.isdecimal() and len(after) < LONGEST_NUMBER else 0,
    )  # fmt: skip
    return JsonResponse(shown)


@needs(CLINICAL)
@require_GET
def grid(request: HttpRequest, reference: str) -> HttpResponse:
    """Return the chart as a table; `panel` names the canvas whose table it is."""
    infusion = queries.infusion_of(reference)
    shown = grids.table(infusion, request.GET.get("panel", ""), at=infusion.closed_at or clock.now())
    return render(request, "infusion/grid.html", shown)


def _what_if(text: str) -> curves.WhatIf | None:
    if text == IF_THE_PLAN_CONTINUES:
        return curves.IF_THE_PLAN_CONTINUES
    try:
        rate = float(with_point(text.strip()))
    except (ValueError, ValidationError):
        return None
    return None if isnan(rate) else curves.WhatIf(Scenario.SET_TO, min(max(rate, 0.0), RATE_ASKED_AT_MOST))


RATE_ASKED_AT_MOST = 2000.0
LONGEST_NUMBER = 18
IF_THE_PLAN_CONTINUES = "plan"


def page(request: HttpRequest, infusion: Infusion, *, status: int = 200, **more: Any) -> HttpResponse:
    """Return the chair page, with what went wrong when something did."""
    context = {**panels.chair(infusion, at=clock.now(), by=staff(request).username), **more}
    return render(request, "infusion/chair.html", context, status=status)
