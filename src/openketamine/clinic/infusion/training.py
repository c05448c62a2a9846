"""Training: a recorded session played again through the parts of the chair page. These pages look at the database and cannot write.

Each part is asked for a number of seconds since the session was opened, and answers with what stood at that instant.
"""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from openketamine.clinic.audit.reading_only import only_reads
from openketamine.clinic.infusion import curves, panels, past, queries, series
from openketamine.clinic.infusion import grid as grids
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.people.permissions import CLINICAL, needs
from openketamine.clinic.ui import clock

SPEEDS = (1, 2, 5, 10, 20, 30, 60)


@needs(CLINICAL)
@require_GET
@only_reads
def training(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the player; without scripts its button shows the chosen moment."""
    infusion, at = _asked(request, reference)
    length = past.last_moment(infusion, clock.now()) - infusion.opened_at
    context = {
        **_shown(infusion, at), "speeds": SPEEDS, "length_s": int(length.total_seconds()), "at_s": int((at - infusion.opened_at).total_seconds()),
        "prediction_on": curves.switched_on(),
    }  # fmt: skip
    return render(request, "infusion/training.html", context)


@needs(CLINICAL)
@require_GET
@only_reads
def live(request: HttpRequest, reference: str) -> HttpResponse:
    """Return alarms, headline tiles, checks due and events as they stood at the moment asked for."""
    return render(request, "infusion/_live.html", _shown(*_asked(request, reference)))


@needs(CLINICAL)
@require_GET
@only_reads
def chart(request: HttpRequest, reference: str) -> JsonResponse:
    """Return what the chart drew at the moment asked for."""
    infusion, at = _asked(request, reference)
    return JsonResponse(series.series(past.as_of(infusion, at), at=at))


@needs(CLINICAL)
@require_GET
@only_reads
def grid(request: HttpRequest, reference: str) -> HttpResponse:
    """Return the chart as a table, up to the moment asked for."""
    infusion, at = _asked(request, reference)
    shown = grids.table(past.as_of(infusion, at), request.GET.get("panel", ""), at=at)
    return render(request, "infusion/grid.html", shown)


def _asked(request: HttpRequest, reference: str) -> tuple[Infusion, datetime]:
    """Return the session and the instant: `s` seconds since it was opened, held within its length; nonsense is its beginning."""
    infusion = queries.infusion_of(reference)
    asked = request.GET.get("s", "")
    wanted = infusion.opened_at + timedelta(seconds=int(asked[:6]) if asked.isdecimal() else 0)
    return infusion, min(wanted, past.last_moment(infusion, clock.now()))


def _shown(infusion: Infusion, at: datetime) -> dict[str, Any]:
    return panels.live(past.as_of(infusion, at), at=at)
