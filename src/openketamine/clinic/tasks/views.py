"""Finishing a task."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from openketamine.clinic.people.permissions import READERS, needs, staff
from openketamine.clinic.tasks import actions
from openketamine.clinic.tasks.models import Task
from openketamine.clinic.ui import clock
from openketamine.clinic.ui.returning import back


@needs(READERS)
@require_POST
def finish(request: HttpRequest, number: int) -> HttpResponse:
    """Record that a task is done; only its owner's role may, and whoever treats what calls to a chair."""
    who = staff(request)
    task = get_object_or_404(Task, actions.theirs(who.role), pk=number)
    actions.finish(task, by=who.username, at=clock.now(), note=request.POST.get("note", "")[:300])
    return back(request)
