"""Read-only overviews: the board, the list of patients, one patient; and the stream that keeps pages live."""

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from openketamine.clinic.chart import board as boards
from openketamine.clinic.chart import person
from openketamine.clinic.chart import wall as walls
from openketamine.clinic.chart.stream import Hub, events
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.people.permissions import CLINICAL, READERS, needs, staff
from openketamine.clinic.tasks import actions as tasks
from openketamine.clinic.ui import clock

HUB = Hub()


@needs(READERS)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show which phase each chair is in and what is due next."""
    return render(request, "chart/board.html", _board(request))


@needs(READERS)
@require_GET
def board_live(request: HttpRequest) -> HttpResponse:
    """Return the part of the board that changes by itself."""
    return render(request, "chart/_board.html", _board(request))


@needs(READERS)
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """Show the board for a screen on the wall: large, without controls, the chair that needs somebody first."""
    return render(request, "chart/wall.html", _wall())


@needs(READERS)
@require_GET
def wall_live(request: HttpRequest) -> HttpResponse:
    """Return the part of the wall that changes by itself."""
    return render(request, "chart/_wall.html", _wall())


async def stream(request: HttpRequest) -> HttpResponseBase:
    """Tell a page that something changed; the session is checked anew at each reconnection.

    Who may not open the page of a chair hears when something changes there, but no values.
    """
    clinical = await sync_to_async(_may_listen)(request)
    watch = request.GET.get("watch", "")
    told = events(HUB, int(watch) if watch.isdecimal() else None, get_language() or "" if clinical else "")
    response = StreamingHttpResponse(told, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _may_listen(request: HttpRequest) -> bool:
    """Check who asks, then let the database go: a stream stays open for minutes and asks it nothing more. Say whether clinical."""
    clinical = staff(request).role in CLINICAL
    if not connection.in_atomic_block:
        connection.close()
    return clinical


@needs(READERS)
@require_GET
def patients(request: HttpRequest) -> HttpResponse:
    """Everybody in care."""
    return render(request, "chart/patients.html", {"patients": boards.people_in_care()})


@needs(READERS)
@require_GET
def patient(request: HttpRequest, reference: str) -> HttpResponse:
    """One patient: where they stand, what comes next, what each room last said; reception reads no clinical words."""
    one = get_object_or_404(Patient, reference=reference)
    clinical = staff(request).role != Role.FRONT_DESK
    context = {
        "patient": one, "next": person.following(one), "findings": people.open_findings(one), "clinical": clinical,
        "rooms": person.said_by_rooms(one) if clinical else {}, "infusions": person.sessions(one, clock.now()) if clinical else [],
        "tasks": tasks.open_tasks().filter(patient=one, **({} if clinical else {"owner": Role.FRONT_DESK})),
    }  # fmt: skip
    return render(request, "chart/patient.html", context)


def _wall() -> dict[str, object]:
    places = walls.places(at=clock.now(), wall=clock.wall())
    return {"places": places, "columns": walls.columns(len(places))}


def _board(request: HttpRequest) -> dict[str, object]:
    seats = boards.chairs(at=clock.now(), wall=clock.wall())
    mine = tasks.open_tasks().filter(tasks.theirs(staff(request).role))
    return {"chairs": seats, "needs": boards.needs(seats, mine)}
