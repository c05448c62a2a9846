"""Something was recorded wrongly: another person, another chair, another unit. One page leads to each correction."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.actions import NotNowError, refuse_locked
from openketamine.clinic.infusion.consequences import baseline_anew
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.moving import move
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import Chair, Reading, Source
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan.models import Order
from openketamine.clinic.ui import clock
from openketamine.clinic.ui.templatetags.units import spoken
from openketamine.core.infusion.events import Phase

RECENT = timedelta(days=60)
OTHER_UNITS = {"Cel": ("[degF]",), "mm[Hg]": ("kPa",), "L/min": ("mL/min", "L/h")}
"""UCUM unit of a signal, and the units in which it is typed by mistake."""


class PlaceForm(forms.Form):
    """Who sits where; nothing is preselected."""

    patient = forms.ModelChoiceField(
        label=gettext_lazy("Who was it really?"), queryset=Patient.objects.none(), to_field_name="reference", required=False,
        help_text=gettext_lazy("Only people with a signed order stand here. Leave it empty when the person is right."),
    )  # fmt: skip
    chair = forms.ModelChoiceField(
        label=gettext_lazy("On which chair?"), queryset=Chair.objects.none(), required=False,
        help_text=gettext_lazy("Leave it empty when the chair is right."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("What happened?"), max_length=200)

    def __init__(self, *args: Any, infusion: Infusion, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, found in (
            ("patient", candidates(infusion, at)),
            ("chair", Chair.objects.exclude(pk=infusion.watch.chair_id)),
        ):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = found


class UnitForm(forms.Form):
    """Which typed value, and in which unit it was typed."""

    reading = forms.ChoiceField(label=gettext_lazy("Which value?"))
    reason = forms.CharField(label=gettext_lazy("What happened?"), max_length=200)

    def __init__(self, *args: Any, infusion: Infusion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Reading.objects.filter(watch=infusion.watch, source=Source.TYPED, unit__in=OTHER_UNITS).exclude(
            value=None
        )
        field = self.fields["reading"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", ""), *(one for row in rows.order_by("-observed_at", "-pk") for one in _choices(row))]


def candidates(infusion: Infusion, at: datetime) -> Any:
    """Return people with a signed order of late and no open session, but for the one recorded."""
    ordered = Order.objects.filter(at__gt=at - RECENT).values("planned__course__patient")
    seated = Infusion.objects.filter(closed_at=None).values("patient")
    return Patient.objects.filter(pk__in=ordered).exclude(pk__in=seated).exclude(pk=infusion.patient_id)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, reference: str) -> HttpResponse:
    """Move a session to the person and the chair that it was really of."""
    infusion = get_object_or_404(Infusion, reference=reference)
    form = PlaceForm(request.POST if request.method == "POST" else None, infusion=infusion, at=clock.now())
    if request.method == "POST" and form.is_valid():
        try:
            new = _move(infusion, form.cleaned_data, staff(request).username)
        except NotNowError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Moved. Both records show it; level and drug book follow."))
            return redirect("infusion:chair", reference=new.reference)
    return _page(request, infusion, form, UnitForm(infusion=infusion))


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, reference: str) -> HttpResponse:
    """Write a value anew that was typed in another unit; its alarms are evaluated anew."""
    infusion = get_object_or_404(Infusion, reference=reference)
    form = UnitForm(request.POST if request.method == "POST" else None, infusion=infusion)
    if request.method == "POST" and form.is_valid():
        try:
            _correct_unit(infusion, form.cleaned_data, staff(request).username)
        except NotNowError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Corrected; the value that was typed stays in the record."))
            return redirect("infusion:chair", reference=reference)
    return _page(request, infusion, PlaceForm(infusion=infusion, at=clock.now()), form)


def _correct_unit(infusion: Infusion, fields: dict[str, Any], by: str) -> None:
    refuse_locked(infusion)
    number, _sign, typed_in = fields["reading"].partition(" ")
    reading, at = get_object_or_404(Reading, pk=int(number), watch=infusion.watch), clock.now()
    monitoring.correct_unit(reading=reading, unit=typed_in, reason=fields["reason"], by=by, at=at)
    baseline_anew(infusion, at, measured_at=reading.observed_at)
    if infusion.closed_at is None:
        alarms.evaluate(infusion.watch_id, at=at)


def _move(infusion: Infusion, fields: dict[str, Any], by: str) -> Infusion:
    patient, chair = fields["patient"] or infusion.patient, fields["chair"] or infusion.watch.chair
    order = infusion.order
    if patient.pk != infusion.patient_id:
        planned = plan.next_planned(patient)
        found = plan.order_in_force(planned) if planned else None
        if found is None:
            raise NotNowError(_("%(patient)s has no signed order: a prescriber signs it first") % {"patient": patient})
        order = found
    return move(
        infusion=infusion, patient=patient, order=order, chair=chair, reason=fields["reason"], by=by, at=clock.now()
    )


def _choices(row: Reading) -> list[tuple[str, str]]:
    words = {
        "signal": row.signal.replace("_", " "),
        "value": f"{row.value:g}",
        "time": f"{timezone.localtime(row.observed_at):%H:%M}",
    }
    said = _("%(signal)s %(value)s at %(time)s was typed in %(unit)s")
    return [(f"{row.pk} {unit}", said % {**words, "unit": spoken(unit)}) for unit in OTHER_UNITS[row.unit]]


def _page(request: HttpRequest, infusion: Infusion, place_form: PlaceForm, unit_form: UnitForm) -> HttpResponse:
    context = {
        "infusion": infusion, "frozen": queries.incident_of(infusion), "signed": queries.course_of(infusion).phase is Phase.SIGNED, "place_form": place_form, "unit_form": unit_form, "events": queries.standing_events(infusion),
    }  # fmt: skip
    return render(request, "infusion/wrong.html", context, status=422 if place_form.errors or unit_form.errors else 200)
