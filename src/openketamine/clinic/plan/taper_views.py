"""The taper of one person: its days as a list to edit."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.plan import actions, taper
from openketamine.clinic.plan.forms import TaperDays
from openketamine.clinic.plan.models import TaperPlan
from openketamine.clinic.ui import clock


@needs(CLINICAL, writing=PRESCRIBERS)
@require_http_methods(["GET", "POST"])
def days(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the days of a taper; a prescriber changes them, and the days before stay in the record."""
    patient = get_object_or_404(Patient, reference=reference)
    ending = taper.tapering(actions.current_course(patient))
    if ending is None:
        raise Http404
    known = taper.days_of(taper.plan_of(ending))
    posted, reason, error = request.POST if request.method == "POST" else None, request.POST.get("reason", ""), ""
    forms = TaperDays(posted, initial=[{"on": one.on, "note": one.note} for one in known])
    if posted is not None and forms.is_valid():
        written = [taper.Day(one["on"], one["note"]) for one in forms.cleaned_data if one.get("on")]
        try:
            taper.write(ending=ending, days=written, reason=reason, by=staff(request).username, at=clock.now())
            messages.success(request, _("The days of the taper are recorded."))
            return redirect("plan:taper", reference=reference)
        except taper.TaperError as fault:
            error = str(fault)
    context = {
        "patient": patient, "ending": ending, "plan": taper.plan_of(ending), "days": known, "forms": forms, "reason": reason, "error": error,
        "earlier": TaperPlan.objects.filter(ending=ending)[1:], "may": staff(request).role == Role.PRESCRIBER,
    }  # fmt: skip
    wrong = bool(error) or (posted is not None and not forms.is_valid())
    return render(request, "plan/taper.html", context, status=422 if wrong else 200)
