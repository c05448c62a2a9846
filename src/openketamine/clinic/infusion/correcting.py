"""Pages that take back, take out or correct what was recorded."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.infusion import actions, corrections, names, queries
from openketamine.clinic.infusion.arriving import Tap, keepable
from openketamine.clinic.infusion.forms import PATENCY, CorrectionForm, near_the_order
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.infusion.events import CLOSING, Kind, Phase
from openketamine.evidence.chairs import chair_rules


@needs(CLINICAL)
@require_POST
@keepable
def undo(request: HttpRequest, infusion: Infusion, tap: Tap, number: int) -> None:
    """Take back what was logged by mistake a moment ago."""
    event = get_object_or_404(InfusionEvent, infusion=infusion, number=number)
    corrections.undo(event=event, by=tap.by, at=tap.at, now=tap.now)
    messages.success(request, _("Event %(number)s is taken back; both rows stay.") % {"number": number})


@needs(CLINICAL)
@require_POST
@keepable
def undo_value(request: HttpRequest, infusion: Infusion, tap: Tap, number: int) -> None:
    """Take back a value of a scale that was tapped by mistake a moment ago."""
    row = corrections.undo_value(infusion=infusion, number=number, by=tap.by, at=tap.at, now=tap.now)
    said = {"scale": names.name(row.signal), "value": f"{row.value:g}"}
    messages.success(request, _("%(scale)s %(value)s is taken back; both rows stay.") % said)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Put a recorded step right, or record that it never happened; when somebody left is held against the criteria, on a page that knows them."""
    event = get_object_or_404(InfusionEvent, infusion__reference=reference, number=number)
    if event.kind == Kind.DISCHARGED.value:
        return redirect("recovery:left", reference, number)
    return put_right(request, event, corrections.correct)


def put_right(request: HttpRequest, event: InfusionEvent, write: Callable[..., InfusionEvent]) -> HttpResponse:
    """Show the page on which a step is put right, or `write` what was typed: the old row stays, struck through, and what follows is computed anew.

    Once the record is signed, or frozen after an incident, nothing in it changes any more: what was wrong becomes an addendum.
    """
    infusion = event.infusion
    if queries.course_of(infusion).phase is Phase.SIGNED or queries.incident_of(infusion):
        return redirect(f"{reverse('recovery:addendum', args=[infusion.reference])}?event={event.number}")
    form = CorrectionForm(request.POST if request.method == "POST" else None, event=event)
    error = ""
    if request.method == "POST" and form.is_valid():
        try:
            _corrected(event, form, staff(request).username, write, in_error="in_error" in request.POST)
            return redirect("infusion:chair", reference=infusion.reference)
        except actions.NotNowError as wrong:
            error = str(wrong)
    context = {
        "event": event, "infusion": infusion, "form": form, "error": error, "removable": event.kind in corrections.IN_ERROR,
        "changeable": event.kind in corrections.TIMED, "near": near_the_order(infusion.order), "closing": event.kind in CLOSING, "gauges": chair_rules().gauges, "patencies": PATENCY[1:],
    }  # fmt: skip
    return render(request, "infusion/correct.html", context, status=422 if error or form.errors else 200)


def _corrected(
    event: InfusionEvent, form: CorrectionForm, by: str, write: Callable[..., InfusionEvent], *, in_error: bool
) -> None:
    reason, now = form.cleaned_data["says"], clock.now()
    if in_error:
        corrections.entered_in_error(event=event, by=by, now=now, reason=reason)
        return
    if event.kind not in corrections.TIMED:
        raise actions.NotNowError(
            _("This step has no value to put right: record it again from the time on at which it was so.")
        )
    if not form.data.get("says", "").strip():
        raise actions.NotNowError(_("What was wrong: is empty. Say why this is put right."))
    write(event=event, by=by, now=now, reason=reason, **form.changed(now))
