"""Taking in many people in mid-course from a table: first looked at, each row with its faults, then all of it or nothing."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openketamine.clinic.people.permissions import PRESCRIBERS, needs, staff
from openketamine.clinic.plan import mid_course
from openketamine.clinic.ui import clock

LARGEST = 1_000_000


@needs(PRESCRIBERS)
@require_http_methods(["GET", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """Read a table, show each row with what is wrong, and take it in when nothing is and somebody says so."""
    text, error, lines = request.POST.get("table", ""), "", []
    try:
        sent = request.FILES.get("file")
        text = _text(sent) if isinstance(sent, UploadedFile) else text
        if request.method == "POST":
            lines = mid_course.read(text)
        if request.POST.get("act") == "take":
            taken = mid_course.take_in(text, by=staff(request).username, at=clock.now())
            messages.success(request, _("Taken in: %(count)s people with their courses.") % {"count": len(taken)})
            return redirect("chart:patients")
    except mid_course.TableError as fault:
        error = str(fault)
    context = {
        "text": text, "error": error, "lines": lines, "faults": sum(bool(line.faults) for line in lines),
        "columns": (*mid_course.PERSON, *mid_course.COURSE),
    }  # fmt: skip
    return render(request, "plan/import.html", context, status=422 if error or context["faults"] else 200)


def _text(sent: "UploadedFile[Any]") -> str:
    if (sent.size or 0) > LARGEST:
        words = {"name": sent.name, "size": sent.size, "most": LARGEST}
        raise mid_course.TableError(_("file %(name)s: has %(size)s bytes, more than %(most)s; split it") % words)
    try:
        return str(sent.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise mid_course.TableError(
            _("file %(name)s: is not text in UTF-8; save it as CSV UTF-8") % {"name": sent.name}
        ) from error
