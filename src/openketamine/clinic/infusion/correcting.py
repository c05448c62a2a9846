"""Pages that take back, take out or correct what was recorded."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.infusion import actions, corrections, names, queries
from openketamine.clinic.infusion.forms import CorrectionForm, RecordForm
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.infusion.events import Phase

CHANGED = ("rate_ml_per_h", "delivered_ml")


@needs(CLINICAL)
@require_POST
def undo(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Take back what was logged by mistake a moment ago."""
    event = get_object_or_404(InfusionEvent, infusion__reference=reference, number=number)
    try:
        corrections.undo(event=event, by=staff(request).username, now=clock.now())
        messages.success(request, _("Event %(number)s is taken back; both rows stay.") % {"number": number})
    except actions.NotNowError as error:
        messages.error(request, str(error))
    return redirect("infusion:chair", reference=reference)


@needs(CLINICAL)
@require_POST
def undo_value(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Take back a value of a scale that was tapped by mistake a moment ago."""
    infusion = get_object_or_404(Infusion, reference=reference)
    try:
        row = corrections.undo_value(infusion=infusion, number=number, by=staff(request).username, now=clock.now())
        said = {"scale": names.name(row.signal), "value": f"{row.value:g}"}
        messages.success(request, _("%(scale)s %(value)s is taken back; both rows stay.") % said)
    except actions.NotNowError as error:
        messages.error(request, str(error))
    return redirect("infusion:chair", reference=reference)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Correct a recorded step, or record that it never happened: the old row stays, struck through, and what follows is computed anew.

    Once the record is signed, or frozen after an incident, nothing in it changes any more: what was wrong becomes an addendum.
    """
    event = get_object_or_404(InfusionEvent, infusion__reference=reference, number=number)
    if queries.course_of(event.infusion).phase is Phase.SIGNED or queries.incident_of(event.infusion):
        return redirect(f"{reverse('recovery:addendum', args=[reference])}?event={number}")
    posted = request.POST if request.method == "POST" else None
    form = CorrectionForm(posted, order=event.infusion.order, initial={"kind": event.kind})
    error = ""
    if request.method == "POST" and form.is_valid():
        try:
            _corrected(event, form, staff(request).username, in_error="in_error" in request.POST)
            return redirect("infusion:chair", reference=reference)
        except actions.NotNowError as wrong:
            error = str(wrong)
    context = {
        "event": event, "infusion": event.infusion, "form": form, "error": error, "removable": event.kind in corrections.IN_ERROR,
        "changeable": event.kind in corrections.TIMED,
    }  # fmt: skip
    return render(request, "infusion/correct.html", context, status=422 if error or form.errors else 200)


def _corrected(event: InfusionEvent, form: RecordForm, by: str, *, in_error: bool) -> None:
    fields, now = form.cleaned_data, clock.now()
    if in_error:
        corrections.entered_in_error(event=event, by=by, now=now, reason=fields["says"])
        return
    if event.kind not in corrections.TIMED:
        raise actions.NotNowError(
            _("Record that it was entered in error, and record it again with its own time and words.")
        )
    if not form.data.get("says", "").strip():
        raise actions.NotNowError(_("Words: are empty. Say what was wrong."))
    changed = {name: fields[name] for name in CHANGED if fields[name] is not None}
    if fields["happened"] is not None:
        changed["at"] = form.when(now, near=event.at)
    corrections.correct(event=event, by=by, now=now, reason=fields["says"], **changed)
