"""Measured plasma levels of one infusion: what the laboratory found, and what it changes in the model's picture of the person."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openketamine.clinic.infusion import curves, queries
from openketamine.clinic.infusion.actions import NotNowError, refuse_frozen
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.pharmacology import levels as kept
from openketamine.clinic.pharmacology.forms import LevelForm
from openketamine.clinic.pharmacology.models import MeasuredLevel
from openketamine.clinic.ui import clock


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def levels(request: HttpRequest, reference: str) -> HttpResponse:
    """List the levels of an infusion; take one in. After signing, what the session taught is worked out again."""
    infusion = get_object_or_404(Infusion, reference=reference)
    form = LevelForm(request.POST if request.method == "POST" else None, session=reference)
    if request.method == "POST" and form.is_valid():
        try:
            _take(infusion, form, staff(request).username)
        except (kept.LevelError, NotNowError) as error:
            form.add_error("time", str(error))
        else:
            messages.success(request, _("The level is recorded. The prediction of this session takes it into account."))
            return redirect("infusion:levels", reference=reference)
    rows = MeasuredLevel.objects.filter(session=reference).select_related("corrected_by")
    context = {"infusion": infusion, "form": form, "rows": rows, "started": queries.course_of(infusion).started_at}
    return render(request, "infusion/levels.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _take(infusion: Infusion, form: LevelForm, by: str) -> None:
    at, asked = clock.now(), form.cleaned_data
    if asked["corrects"] is not None:
        refuse_frozen(infusion)
    names = ("taken_at", "value_ng_per_ml", "site", "corrects", "says")
    kept.record(
        patient=infusion.patient, session=infusion.reference, started_at=queries.course_of(infusion).started_at,
        measured=kept.Measured(**{name: asked[name] for name in names}), by=by, at=at,
    )  # fmt: skip
    curves.learn_again(infusion, by=by, at=at)
